#include "instrument/recorder/declared.hpp"

#include <cstring>

#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/locks.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

constinit std::atomic<std::uint32_t> life{0};

namespace {

using format::event_kind;
using format::object_id;

object_id of_word(std::uint64_t word) noexcept {
    const std::uint64_t now = life.load(std::memory_order_relaxed);
    const bool of_now = now != 0 && (word >> 32 & interlock_life_mask) == now;
    return of_now ? object_id{static_cast<std::uint32_t>(word)} : object_id::none;
}

void tell_text(agent& self, event_kind kind, object_id id, const char* text, const call_point& from) noexcept {
    const format::string_id string = define_string(self, text, std::strlen(text));
    write(self, kind, 0, find_site(self, from).id, format::number(id), format::number(string));
}

/// What the initial value means is a matter of the type.
void tell_value(agent& self, const interlock_object& object, object_id id, const call_point& from) noexcept {
    event_kind kind = event_kind::none;
    switch (static_cast<format::object_type>(object.type)) {
        case format::object_type::semaphore:
            kind = event_kind::semaphore_value;
            process.objects[id].initial_value = object.value;
            break;
        case format::object_type::barrier:
        case format::object_type::latch: kind = event_kind::barrier_register; break;
        case format::object_type::pool: kind = event_kind::pool_size; break;
        default: return;
    }
    write(self, kind, 0, find_site(self, from).id, format::number(id), object.value);
}

/// Puts a new life into a word unless another thread was first; the winner's id is returned either way. `life_in` reads the id out of it.
template <typename LifeIn>
object_id settle(std::uint64_t& at, std::uint64_t fresh, object_id id, bool constructed, LifeIn life_in) noexcept {
    std::atomic_ref<std::uint64_t> word(at);
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    for (;;) {
        if (!constructed)
            if (const object_id other = life_in(seen); other != object_id::none) return other;
        // acq_rel: pairs with the loser's load; object_info is published by birth() already
        if (word.compare_exchange_strong(seen, fresh, std::memory_order_acq_rel)) return id;
    }
}

/// The mutex behind the object first, so that whoever finds the object's identity finds the mutex's too.
object_id settle_native(pthread_mutex_t* native, object_id id, bool constructed) noexcept {
    const auto at = reinterpret_cast<std::uint64_t>(native);
    if (mutex_stash* const stash = stash_of(native))
        return settle(stash->word, stash_word(at, id), id, constructed, [at](std::uint64_t word) {
            const object_id in{static_cast<std::uint32_t>(word)};
            return word != 0 && word == stash_word(at, in) ? in : object_id::none;
        });
    if (!constructed) return object_id{process.addresses.set_if_absent(process.memory, at, format::number(id))};
    process.addresses.set(process.memory, at, format::number(id));
    return id;
}

object_id be_born(agent& self, interlock_object& object, const call_point& from, bool constructed) noexcept {
    const auto address = reinterpret_cast<std::uint64_t>(&object);
    const object_id id = process.objects.birth(process.memory, address, static_cast<format::object_type>(object.type));
    if (id == object_id::none) return id;
    // relaxed: published with the identity
    process.objects[id].flags.fetch_or(object_flags::declared, std::memory_order_relaxed);
    pthread_mutex_t* const native = native_of(object);
    const object_id settled = native != nullptr ? settle_native(native, id, constructed) : id;
    std::uint64_t word = format::number(settled) | std::uint64_t{life.load(std::memory_order_relaxed)} << 32;
    if (settled != id) word |= interlock_elsewhere;  // its mutex was met first
    const object_id winner = settle(object.identity, word, settled, constructed, of_word);
    if (winner != id) return winner;
    process.log.count_objects(format::number(id));
    format::object_payload payload{.address = address, .created_at = {}, .name = {}};
    if (constructed) payload.created_at = capture_stack(self, from);
    if (object.name != nullptr) payload.name = define_string(self, object.name, std::strlen(object.name));
    write_wide(self, event_kind::lock_init, object.type, find_site(self, from).id, format::number(id), 0,
               format::encode(payload));
    if (object.of != nullptr) describe(self, object, id, from);
    tell_value(self, object, id, from);
    return id;
}

}  // namespace

pthread_mutex_t* native_of(interlock_object& object) noexcept {
    return object.native != 0 ? reinterpret_cast<pthread_mutex_t*>(&object + 1) : nullptr;
}

object_id known(const interlock_object& object) noexcept {
    return of_word(__atomic_load_n(&object.identity, __ATOMIC_RELAXED));
}

object_id identify(agent& self, interlock_object& object, const call_point& from) noexcept {
    if (const object_id id = known(object); __builtin_expect(id != object_id::none, 1)) return id;
    return be_born(self, object, from, false);
}

object_id begin_life(agent& self, interlock_object& object, const call_point& from) noexcept {
    return be_born(self, object, from, true);
}

void end_life(agent& self, interlock_object& object, bool busy, const call_point& from) noexcept {
    const object_id id = known(object);
    if (id == object_id::none) return;  // it was never used
    if (busy) about_to_destroy(self, id, from);
    write(self, event_kind::lock_destroy, 0, find_site(self, from).id, format::number(id), 0);
    __atomic_store_n(&object.identity, 0, __ATOMIC_RELAXED);
}

void describe(agent& self, const interlock_object& object, object_id id, const call_point& from) noexcept {
    if (object.name != nullptr) tell_text(self, event_kind::lock_name, id, object.name, from);
    if (object.of == nullptr) return;
    if (object.of->name != nullptr) tell_text(self, event_kind::lock_class, id, object.of->name, from);
    if (object.of->rank != 0)
        write(self, event_kind::lock_rank, object.subclass, find_site(self, from).id, format::number(id),
              object.of->rank);
}

std::uint32_t draw_of(const agent& self, interlock_object& object, object_id id) noexcept {
    if (!self.full) return 0;
    if (pthread_mutex_t* const native = native_of(object))
        if (mutex_stash* const stash = stash_of(native)) return draw(*stash);
    return draw(process.objects[id]);
}

}  // namespace interlock::recorder
