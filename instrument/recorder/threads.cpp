#include "instrument/recorder/threads.hpp"

#include <limits.h>

#include <cerrno>
#include <cstring>

#include "instrument/recorder/dependencies.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/open_signals.hpp"
#include "instrument/recorder/waits.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

constinit pthread_key_t end_key = 0;
constinit bool has_end_key = false;

/// Runs in the thread's last moments, before other keys' destructors, which may still lock: only a mark. It lets itself be called again
/// in each round that libc goes through the keys; in the last, what the thread had to do is done.
void thread_is_ending(void* ended) noexcept {
    agent& self = *static_cast<agent*>(ended);
    self.ending = true;
    if (++self.end_rounds < PTHREAD_DESTRUCTOR_ITERATIONS)
        pthread_setspecific(end_key, ended);
    else
        self.page->state = format::agent_state::exited;
}

}  // namespace

bool create_end_key() noexcept { return has_end_key = pthread_key_create(&end_key, thread_is_ending) == 0; }

void set_end_key(agent& self) noexcept {
    if (has_end_key) pthread_setspecific(end_key, &self);
}

agent* announce_thread(agent& creator, const call_point& from) noexcept {
    finish_ended_agents();
    const format::stack_id stack = capture_stack(creator, from);
    agent* born = make_agent(creator.id, stack, format::agent_type::thread);
    if (born == nullptr) return nullptr;
    write(creator, format::event_kind::agent_create, 0, find_site(creator, from).id, format::number(born->id),
          format::number(stack));
    next_segment(creator, format::event_kind::agent_create, format::number(born->id));
    notify_observer(observation::agent_creating, creator, format::number(born->id), 0);
    return born;
}

void withdraw_thread(agent& creator, agent& unborn) noexcept {
    write(creator, format::event_kind::agent_create_failed, 0, {}, format::number(unborn.id), 0);
    unmake_agent(unborn);
}

void set_handle_of_new(format::agent_id born, pthread_t handle) noexcept {
    const agent* found = find_agent(born);
    if (found != nullptr && found->handle == 0) process.threads.set(process.memory, handle, format::number(born));
}

void adopt_thread(agent& self, std::uintptr_t top, std::uint64_t size) noexcept {
    self.busy = 1;
    self.stack_top = top;
    self.stack_low = size < top ? top - size : 0;
    set_this_agent(&self);
    note_thread_start(self, self.page->creator);
    if (size >= 2 * unwinding_room) prime_unwinder();
    leave(self);
}

void note_thread_start(agent& self, format::agent_id creator) noexcept {
    self.thread = current_thread_id();
    self.handle = pthread_self();
    self.page->thread = static_cast<std::uint32_t>(self.thread);
    self.page->state = format::agent_state::running;
    process.threads.set(process.memory, self.handle, format::number(self.id));
    set_end_key(self);
    write(self, format::event_kind::agent_start, static_cast<std::uint8_t>(self.page->type), {},
          format::number(creator), static_cast<std::uint32_t>(self.thread));
    step_in_order(self.id, format::event_kind::agent_start, format::number(creator));
    tell_open_signals(self);
    notify_observer(observation::agent_started, self, format::number(self.id), 0);
}

format::agent_id agent_of(pthread_t handle) noexcept { return format::agent_id{process.threads.find(handle)}; }

void request_join(agent& self, format::agent_id joined, std::uint8_t flags, const call_point& from) noexcept {
    const site_entry& site = find_site(self, from);
    const format::object_id wanted{format::number(joined)};
    if ((flags & (format::lock_flags::timed | format::lock_flags::attempt)) == 0)
        set_blocking_want(self, wanted, flags, format::event_kind::join_request, from);
    else
        set_want(self, wanted, flags, format::event_kind::join_request, from);
    if (self.held_count() != self.gaps) log_join_dependency(self, joined, flags, from, site);
    write(self, format::event_kind::join_request, flags, site.id, format::number(joined), 0);
}

void joined(agent& self, format::agent_id gone, const call_point& from) noexcept {
    clear_want(self);
    // Another thread that is about to create one may be tidying up after the same agent: one of the two finishes it.
    if (gone != self.id)
        if (agent* const ended = claim_ended_agent(gone)) finish_agent(*ended);
    write(self, format::event_kind::agent_join, 0, find_site(self, from).id, format::number(gone), 0);
    next_segment(self, format::event_kind::agent_join, format::number(gone));
    notify_observer(observation::agent_joined, self, format::number(gone), 0);
}

void not_joined(agent& self, format::agent_id alive, int error) noexcept {
    clear_want(self);
    if (error == ETIMEDOUT || error == EBUSY)
        write(self, format::event_kind::join_timed_out, 0, {}, format::number(alive), 0);
}

void detached(agent& self, format::agent_id other) noexcept {
    write(self, format::event_kind::agent_detach, 0, {}, format::number(other), 0);
    notify_observer(observation::agent_detached, self, format::number(other), 0);
}

void named(agent& self, format::agent_id other, const char* name) noexcept {
    const format::string_id text = define_string(self, name, std::strlen(name));
    write(self, format::event_kind::agent_name, 0, {}, format::number(other), format::number(text));
    if (agent* a = find_agent(other)) {
        const std::size_t size =
            std::strlen(name) < sizeof a->page->name - 1 ? std::strlen(name) : sizeof a->page->name - 1;
        std::memcpy(a->page->name, name, size);
        a->page->name[size] = '\0';
    }
}

}  // namespace interlock::recorder
