#include "instrument/recorder/objects.hpp"

#include "instrument/recorder/interning.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {

constinit stash_support stashes;
constinit std::uint64_t stash_secret = 0;

namespace {

std::uint64_t key_of(const volatile void* address) noexcept { return reinterpret_cast<std::uint64_t>(address); }

std::uint64_t* stash_of(pthread_rwlock_t* lock) noexcept {
    if (!stashes.shared_mutex || lock->__data.__shared != 0) return nullptr;
    return &lock->__data.__pad2;
}

/// The id in a stash that belongs to this address and process, or none.
format::object_id stashed(std::uint64_t word, std::uint64_t address) noexcept {
    return is_stash_of(word, address) ? format::object_id{static_cast<std::uint32_t>(word)} : format::object_id::none;
}

void write_birth(agent& self, format::object_id id, const call_point& from, bool hooked) noexcept {
    const object_info& info = process.objects[id];
    process.log.count_objects(format::number(id));
    format::object_payload payload{.address = info.address, .created_at = {}, .name = {}};
    if (hooked) payload.created_at = capture_stack(self, from);
    write_wide(self, format::event_kind::lock_init, static_cast<std::uint8_t>(info.type), find_site(self, from).id,
               format::number(id), 0, format::encode(payload));
}

/// Puts a new life into a stash word unless another thread was first; the winner's id is returned either way.
format::object_id be_born(agent& self, std::uint64_t& word, std::uint64_t address, format::object_type type,
                          const call_point& from) noexcept {
    std::atomic_ref<std::uint64_t> stash(word);
    std::uint64_t seen = stash.load(std::memory_order_relaxed);
    const format::object_id id = process.objects.birth(process.memory, address, type);
    if (id == format::object_id::none) return id;
    for (;;) {
        // acq_rel: pairs with the loser's load; object_info is published by birth() already
        if (stash.compare_exchange_strong(seen, stash_word(address, id), std::memory_order_acq_rel)) break;
        if (const format::object_id other = stashed(seen, address); other != format::object_id::none) return other;
    }
    write_birth(self, id, from, false);
    return id;
}

/// Whoever remembers what was at this address is told to forget. Whoever may use the address next comes after the caller.
void end_life_aside(const volatile void* address) noexcept {
    if (process.addresses.remove(key_of(address)) != 0) process.aside_lives.fetch_add(1, std::memory_order_relaxed);
}

format::object_id be_born_aside(agent& self, std::uint64_t address, format::object_type type, const call_point& from,
                                std::uint32_t initial_value, bool& born) noexcept {
    const format::object_id id = process.objects.birth(process.memory, address, type);
    if (id == format::object_id::none) return id;
    process.objects[id].initial_value = initial_value;  // before anybody else can find it
    const std::uint32_t winner = process.addresses.set_if_absent(process.memory, address, format::number(id));
    born = winner == format::number(id);
    if (born) write_birth(self, id, from, false);
    return format::object_id{winner};
}

/// Initialised by the program.
void begin(agent& self, format::object_id id, const call_point& from) noexcept {
    write_birth(self, id, from, true);
    notify_observer(observation::object_begun, self, id, 0, from.site);
}

}  // namespace

format::object_id object_registry::birth(arena& memory, std::uint64_t address, format::object_type type) noexcept {
    const std::uint32_t index = next_.fetch_add(1, std::memory_order_relaxed);
    const std::uint32_t segment = index / segment_size;
    if (segment >= segment_count) return format::object_id::none;
    object_info* infos = segments_[segment].load(std::memory_order_acquire);
    if (infos == nullptr) {
        auto* fresh = static_cast<object_info*>(memory.allocate(segment_size * sizeof(object_info)));
        if (fresh == nullptr) return format::object_id::none;
        // release: pairs with the acquire load in operator[]
        if (segments_[segment].compare_exchange_strong(infos, fresh, std::memory_order_acq_rel))
            infos = fresh;
        else
            memory.release(fresh, segment_size * sizeof(object_info));
    }
    infos[index % segment_size].address = address;
    infos[index % segment_size].type = type;
    return format::object_id{index};
}

void object_registry::reset() noexcept {
    for (std::atomic<object_info*>& segment : segments_) segment.store(nullptr, std::memory_order_relaxed);
    next_.store(1, std::memory_order_relaxed);
}

format::object_type type_of(const pthread_mutex_t* mutex) noexcept {
    switch (mutex->__data.__kind & 3) {
        case 1: return format::object_type::recursive_mutex;
        case 2: return format::object_type::error_checking_mutex;
        case 3: return format::object_type::adaptive_mutex;
        default: return format::object_type::mutex;
    }
}

format::object_type type_of(const pthread_rwlock_t* lock) noexcept {
    return lock->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP
               ? format::object_type::shared_mutex_writer_priority
               : format::object_type::shared_mutex;
}

format::object_id known(pthread_mutex_t* mutex) noexcept {
    if (const mutex_stash* stash = recorder::stash_of(mutex)) return stashed(stash->word, key_of(mutex));
    return known(static_cast<const volatile void*>(mutex));
}

format::object_id known(pthread_rwlock_t* lock) noexcept {
    if (const std::uint64_t* stash = stash_of(lock)) return stashed(*stash, key_of(lock));
    return known(static_cast<const volatile void*>(lock));
}

format::object_id known(const volatile void* address) noexcept {
    return format::object_id{process.addresses.find(key_of(address))};
}

format::object_id find_aside(agent& self, const volatile void* address) noexcept {
    const std::uint32_t lives = process.aside_lives.load(std::memory_order_relaxed);
    if (self.aside_lives != lives) {
        for (aside_entry& entry : self.asides) entry.address = 0;
        self.aside_lives = lives;
    }
    const format::object_id id = known(address);
    if (id != format::object_id::none) aside_of(self, address) = {key_of(address), id};
    return id;
}

format::object_id identify(agent& self, pthread_mutex_t* mutex, const call_point& from) noexcept {
    mutex_stash* stash = recorder::stash_of(mutex);
    if (stash == nullptr) return identify(self, static_cast<const volatile void*>(mutex), type_of(mutex), from);
    // relaxed: the word is all there is to read; object_info is reached through an acquire load
    const std::uint64_t word = std::atomic_ref<std::uint64_t>(stash->word).load(std::memory_order_relaxed);
    if (const format::object_id id = stashed(word, key_of(mutex)); __builtin_expect(id != format::object_id::none, 1))
        return id;
    return be_born(self, stash->word, key_of(mutex), type_of(mutex), from);
}

format::object_id identify(agent& self, pthread_rwlock_t* lock, const call_point& from) noexcept {
    std::uint64_t* stash = stash_of(lock);
    if (stash == nullptr) return identify(self, static_cast<const volatile void*>(lock), type_of(lock), from);
    const std::uint64_t word = std::atomic_ref<std::uint64_t>(*stash).load(std::memory_order_relaxed);
    if (const format::object_id id = stashed(word, key_of(lock)); id != format::object_id::none) return id;
    return be_born(self, *stash, key_of(lock), type_of(lock), from);
}

format::object_id identify(agent& self, const volatile void* address, format::object_type type,
                           const call_point& from) noexcept {
    bool born = false;
    return identify(self, address, type, from, 0, born);
}

format::object_id identify(agent& self, const volatile void* address, format::object_type type, const call_point& from,
                           std::uint32_t initial_value, bool& born) noexcept {
    born = false;
    if (const format::object_id id = known_aside(self, address); id != format::object_id::none) return id;
    return be_born_aside(self, key_of(address), type, from, initial_value, born);
}

format::object_id begin_life(agent& self, pthread_mutex_t* mutex, const call_point& from) noexcept {
    mutex_stash* stash = recorder::stash_of(mutex);
    end_life_aside(mutex);  // an earlier life of another kind
    if (stash == nullptr) return begin_life(self, static_cast<const volatile void*>(mutex), type_of(mutex), from);
    const format::object_id id = process.objects.birth(process.memory, key_of(mutex), type_of(mutex));
    stash->word = id == format::object_id::none ? 0 : stash_word(key_of(mutex), id);
    if (id != format::object_id::none) begin(self, id, from);
    return id;
}

format::object_id begin_life(agent& self, pthread_rwlock_t* lock, const call_point& from) noexcept {
    std::uint64_t* stash = stash_of(lock);
    end_life_aside(lock);
    if (stash == nullptr) return begin_life(self, static_cast<const volatile void*>(lock), type_of(lock), from);
    const format::object_id id = process.objects.birth(process.memory, key_of(lock), type_of(lock));
    *stash = id == format::object_id::none ? 0 : stash_word(key_of(lock), id);
    if (id != format::object_id::none) begin(self, id, from);
    return id;
}

format::object_id begin_life(agent& self, const volatile void* address, format::object_type type,
                             const call_point& from) noexcept {
    end_life_aside(address);
    const format::object_id id = process.objects.birth(process.memory, key_of(address), type);
    if (id == format::object_id::none) return id;
    process.addresses.set(process.memory, key_of(address), format::number(id));
    begin(self, id, from);
    return id;
}

void end_life(agent& self, format::object_id object, const volatile void* address, const call_point& from) noexcept {
    end_life_aside(address);
    if (object == format::object_id::none) return;
    notify_observer(observation::object_ended, self, object, 0, from.site);
    write(self, format::event_kind::lock_destroy, 0, find_site(self, from).id, format::number(object), 0);
}

void test_stashes(int (*mutex_lock)(pthread_mutex_t*), int (*mutex_unlock)(pthread_mutex_t*),
                  int (*rdlock)(pthread_rwlock_t*), int (*wrlock)(pthread_rwlock_t*),
                  int (*rw_unlock)(pthread_rwlock_t*)) noexcept {
    static_assert(sizeof(mutex_stash) == sizeof(__pthread_list_t) && sizeof(unsigned long) == 8);
    constexpr std::uint64_t pattern = 0x1357'9bdf'0246'8ace;
    // In memory of their own: Helgrind takes what was a lock once for a lock of that type for ever.
    static constinit pthread_mutex_t mutex;
    static constinit pthread_rwlock_t lock;
    stashes.mutex = true;
    for (const int kind : {0, 1, 2, 3}) {
        mutex = PTHREAD_MUTEX_INITIALIZER;
        mutex.__data.__kind = kind;
        auto* stash = reinterpret_cast<mutex_stash*>(&mutex.__data.__list);
        *stash = {pattern, 0xaaaa'5555, 0x5555'aaaa};
        const bool locked = mutex_lock(&mutex) == 0 && mutex.__data.__lock != 0;
        const bool unlocked = mutex_unlock(&mutex) == 0 && mutex.__data.__lock == 0;
        stashes.mutex = stashes.mutex && locked && unlocked && stash->word == pattern &&
                        stash->sequence == 0xaaaa'5555 && stash->owner == 0x5555'aaaa;
    }
    lock = PTHREAD_RWLOCK_INITIALIZER;
    lock.__data.__pad2 = pattern;
    stashes.shared_mutex = rdlock(&lock) == 0 && rw_unlock(&lock) == 0 && wrlock(&lock) == 0 && rw_unlock(&lock) == 0 &&
                           lock.__data.__pad2 == pattern;
}

}  // namespace interlock::recorder
