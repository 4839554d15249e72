#include "instrument/recorder/agent.hpp"

#include <atomic>
#include <cstring>
#include <iterator>

#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/test_marks.hpp"
#include "instrument/recorder/writer.hpp"

namespace {

constinit interlock_agent_state nobody{};  // never idle

}  // namespace

constinit __thread interlock_agent_state* interlock_v1_agent = &nobody;

namespace interlock::recorder {

constinit thread_local agent* this_agent = nullptr;

namespace {

format::state_page* recycled_page() noexcept {
    const spin_guard guard(process.agents_latch);
    return process.free_page_count == 0 ? nullptr : process.free_pages[--process.free_page_count];
}

/// Precondition: agents_latch is held.
void recycle_page(format::state_page* page) noexcept {
    if (process.free_page_count == process.free_page_capacity) {
        const std::uint32_t capacity = process.free_page_capacity == 0 ? 64 : process.free_page_capacity * 2;
        auto** pages =
            static_cast<format::state_page**>(process.memory.allocate(capacity * sizeof(format::state_page*)));
        if (pages == nullptr) return;  // not reused, that is all
        if (process.free_pages != nullptr) {
            std::memcpy(pages, process.free_pages, process.free_page_count * sizeof(format::state_page*));
            process.memory.release(process.free_pages, process.free_page_capacity * sizeof(format::state_page*));
        }
        process.free_pages = pages;
        process.free_page_capacity = capacity;
    }
    process.free_pages[process.free_page_count++] = page;
}

format::state_page* make_page(format::agent_id id) noexcept {
    format::state_page* page = recycled_page();
    if (page == nullptr) {
        page = static_cast<format::state_page*>(process.log.claim(1));
        if (page == nullptr) return nullptr;
        page->pages = 1;
        std::atomic_ref<std::uint32_t>(page->magic).store(format::state_magic, std::memory_order_release);
    }
    page->agent = id;
    return page;
}

void free_memory(agent& ended) noexcept {
    ended.seen.release();
    ended.paths.release();
    process.memory.release(ended.path_hashes, ended.path_hash_capacity * sizeof(std::uint64_t));
    process.memory.release(ended.path_nodes, ended.path_capacity * sizeof(std::uint32_t));
    process.memory.release(ended.spills, ended.spill_capacity * sizeof(format::spill_page*));
}

void unlink(agent& ended) noexcept {
    const spin_guard guard(process.agents_latch);
    (ended.previous_agent == nullptr ? process.agents : ended.previous_agent->next_agent) = ended.next_agent;
    if (ended.next_agent != nullptr) ended.next_agent->previous_agent = ended.previous_agent;
    for (std::uint32_t i = 0; i < ended.held_count(); ++i)
        ended.hold(i).lead = 0;  // the page's next agent holds nothing
    if (ended.spill_count == 0) {
        const std::uint64_t moves = ended.page->moves;
        std::memset(reinterpret_cast<std::byte*>(ended.page) + 8, 0, offsetof(format::state_page, held) - 8);
        ended.page->moves = moves + 1;
        recycle_page(ended.page);
    } else {
        ended.page->state = format::agent_state::exited;
    }
}

}  // namespace

void set_this_agent(agent* self) noexcept {
    this_agent = self;
    interlock_v1_agent = self != nullptr ? self : &nobody;
}

hash_numbers::entry* hash_numbers::insert(std::uint64_t key) noexcept {
    if (entry* existing = find(key)) return existing;
    if ((used + 1) * 4 > capacity * 3) {
        hash_numbers larger;
        larger.capacity = capacity == 0 ? 16 : capacity * 2;
        larger.entries = static_cast<entry*>(process.memory.allocate(larger.capacity * sizeof(entry)));
        if (larger.entries == nullptr) return nullptr;
        for (std::uint32_t i = 0; i < capacity; ++i)
            if (entries[i].key != 0) *larger.insert(entries[i].key) = entries[i];
        release();
        *this = larger;
    }
    const std::uint32_t mask = capacity - 1;
    std::uint32_t at = place_of(key) & mask;
    while (entries[at].key != 0) at = (at + 1) & mask;
    ++used;
    entries[at] = {key, 0, 0, 0, 0};
    return &entries[at];
}

void hash_numbers::release() noexcept {
    process.memory.release(entries, capacity * sizeof(entry));
    *this = {};
}

void agent::attend() noexcept {
    const bool common = signal_depth == 0 && observer.load(std::memory_order_acquire) == nullptr &&
                        !process.intercepted.load(std::memory_order_relaxed);
    common_generation = common ? generation : revisit;
    open_generation = common && !full ? generation : revisit;
}

void agent::forget_told() noexcept {
    std::memset(recent, 0, sizeof recent);
    std::memset(bare, 0, sizeof bare);
    // Where an object without an identity looks, whose key is 0.
    bare[0].key = interlock_no_key;
    first_key = interlock_no_key;
}

agent* make_agent(format::agent_id creator, format::stack_id creation_stack, format::agent_type type) noexcept {
    auto* born = process.memory.make<agent>();
    if (born == nullptr) return nullptr;
    born->id = format::agent_id{process.agents_born.fetch_add(1, std::memory_order_relaxed) + 1};
    born->page = make_page(born->id);
    if (born->page == nullptr) {
        process.memory.release(born, sizeof(agent));
        stop(process.log.failure());
        return nullptr;
    }
    born->busy = interlock_agent_idle;
    born->process_generation = reinterpret_cast<const std::uint32_t*>(process.generation);
    born->life = life.load(std::memory_order_relaxed);
    born->present = reinterpret_cast<interlock_state_page*>(born->page);
    born->sites = reinterpret_cast<const interlock_site*>(born->known_sites);
    born->site_epoch = reinterpret_cast<const std::uint64_t*>(&interlock::recorder::site_epoch);
    born->set_gaps(0);
    born->forget_told();
    born->page->creator = creator;
    born->page->creation_stack = creation_stack;
    born->page->type = type;
    born->has_own_stack = type != format::agent_type::task;
    born->full = process.full.load(std::memory_order_relaxed);
    // In a test its first operation takes the slow way, which says so.
    born->set_generation(is_in_test() ? revisit : process.generation->load(std::memory_order_relaxed));
    process.log.count_agent();
    const spin_guard guard(process.agents_latch);
    born->next_agent = process.agents;
    if (process.agents != nullptr) process.agents->previous_agent = born;
    process.agents = born;
    return born;
}

void unmake_agent(agent& unborn) noexcept {
    unlink(unborn);
    free_memory(unborn);
    process.memory.release(&unborn, sizeof(agent));
}

void finish_agent(agent& ended) noexcept {
    drop_released_holds(ended);
    for (std::uint32_t i = 0; i < ended.held_count(); ++i) {
        const format::held_entry& entry = ended.hold(i);
        if (entry.lead == 0) continue;
        std::uint64_t addresses[5];
        std::size_t count = 0;
        addresses[count++] = entry.site;
        for (const std::uint64_t caller : entry.callers)
            if (caller != 0) addresses[count++] = caller;
        const format::stack_id stack = intern_stack(ended, {addresses, count});
        write(ended, format::event_kind::held_at_exit, format::hold_flags(entry.lead), intern_site(ended, entry.site),
              format::number(format::hold_object(entry.lead)), format::number(stack));
    }
    write(ended, format::event_kind::agent_exit, 0, {}, 0, 0);
    notify_observer(observation::agent_ended, ended, format::number(ended.id), 0);
    seal_chunk(ended);
    unmake_agent(ended);
}

void finish_ended_agents() noexcept {
    const int pid = current_process_id();
    for (;;) {
        agent* ended = nullptr;
        {
            const spin_guard guard(process.agents_latch);
            for (agent* a = process.agents; a != nullptr; a = a->next_agent) {
                if (!a->ending || a->finishing || a->thread == 0 ||
                    system_call(SYS_tgkill, pid, a->thread, 0) != -3 /* ESRCH */)
                    continue;
                a->finishing = true;  // ours to finish, nobody else's
                ended = a;
                break;
            }
        }
        if (ended == nullptr) return;
        finish_agent(*ended);
    }
}

agent* find_agent(format::agent_id id) noexcept {
    const spin_guard guard(process.agents_latch);
    agent* a = process.agents;
    while (a != nullptr && a->id != id) a = a->next_agent;
    return a;
}

agent* claim_ended_agent(format::agent_id id) noexcept {
    const spin_guard guard(process.agents_latch);
    agent* a = process.agents;
    while (a != nullptr && a->id != id) a = a->next_agent;
    if (a == nullptr || a->finishing) return nullptr;
    a->finishing = true;
    return a;
}

namespace {

/// Empty unless the page's owner stood still meanwhile.
void read_trail(const format::state_page& page, const format::held_entry& entry, std::uint64_t word,
                found_hold& into) noexcept {
    const auto load = [](const std::uint64_t& from) {
        return __atomic_load_n(&from, __ATOMIC_ACQUIRE);  // no write of the owner's is seen before an earlier one
    };
    const std::uint64_t moves = load(page.moves);
    found_hold read{into.holder, {load(entry.site)}};
    for (std::size_t i = 0; i < std::size(entry.callers); ++i) read.trail[i + 1] = load(entry.callers[i]);
    if (load(entry.lead) == word && load(page.moves) == moves) into = read;
}

/// Calls `found(lead)` for the first hold of `object` of any agent but one. Precondition: agents_latch is taken.
template <typename Found>
found_hold with_hold_of(format::object_id object, const agent* but, Found found) noexcept {
    for (const agent* a = process.agents; a != nullptr; a = a->next_agent) {
        if (a == but) continue;
        const std::uint32_t count = a->page->held_count;
        for (std::uint32_t i = 0; i < count && i < format::state_held_entries; ++i) {
            format::held_entry& entry = a->page->held[i];
            const std::atomic_ref<std::uint64_t> lead(entry.lead);
            const std::uint64_t word = lead.load(std::memory_order_relaxed);
            if (!format::is_held(word) || format::hold_object(word) != object) continue;
            found_hold made{a->id};
            read_trail(*a->page, entry, word, made);
            found(lead, word);
            return made;
        }
    }
    return {};
}

}  // namespace

found_hold find_holder(format::object_id object, const agent* but) noexcept {
    const spin_guard guard(process.agents_latch);
    return with_hold_of(object, but, [](std::atomic_ref<std::uint64_t>, std::uint64_t) {});
}

found_hold end_hold(format::object_id object, const agent* but) noexcept {
    const spin_guard guard(process.agents_latch);
    return with_hold_of(object, but, [](std::atomic_ref<std::uint64_t> lead, std::uint64_t word) {
        // release: what the owner sees of it, it sees no later than the change of generation
        if (lead.compare_exchange_strong(word, format::ended_hold_word(word), std::memory_order_release))
            process.generation->fetch_add(1, std::memory_order_release);
    });
}

}  // namespace interlock::recorder
