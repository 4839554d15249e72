// Tests say what a program did as text; this makes the log that a recorder would have left of it.
//
//     mutex A B                       # declarations: type, names; not needed where the first operation tells the type
//     main: create t1; create t2
//     t1: lock A @f; lock B @f<main   # a site by name, and who called it
//     t2: lock B; lock A
//     t2: unlock A; unlock B          # lines happen in their order
//
// Operations: `verb OBJECT [WORDS] [@site]`, separated by `;`.
//   agents     create T, join T, join_request T, join_timed_out T, detach T, exit, switch T, thread_name TEXT
//   locks      lock A, unlock A, request A (blocks: what follows is `lock A` or nothing),
//              request_free A (the same, and the lock looked free), try A, try_failed A, timed_out A,
//              refused A ERRNO, unlock_foreign A [succeeded], init A, destroy A, destroy_while_held A, reinit_while_held A,
//              owner_died A, upgrade A, group_begin, group_end; words: shared timed try contended grouped in_signal
//   conditions wait C A, request_wake C A (blocks in re-acquiring A), wake C A, wait_timed_out C A, notify C, notify_all C
//   semaphores sem_init S N, sem_request S, sem_wait S, sem_post S, sem_try_failed S
//   barriers   parties B N, arrive B, pass B, drop B; latches: count_down L, latch_wait L, latch_pass L
//   once       once_begin O, once_done O, once_pass O, once_wait O, once_abort O
//   events     set E, reset E, event_wait E, event_pass E; futures: future_set F, future_wait F, future_get F, future_abandon F
//   tasks      submit K, task_start K, task_suspend K, task_resume K, task_finish K, task_wait K
//   names      name A TEXT, class A TEXT, rank A N
//   signals    signal_enter N [HANDLER], signal_exit N, open N [HANDLER], close N, held_open A (handlers by
//              number, 1 if left out)
//   tests      test N NAME (mark N; what the agent does from here on is of it), no_test N
//   log        seal (the agent's chunk ends), hole (a record in flight), lose N
// An agent's first operation starts it. Agents that nobody creates have no known creator; the first named is the main thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tests/support/log_builder.hpp"

namespace interlock::testing {

struct text_log {
    log_image image;
    std::map<std::string, format::agent_id, std::less<>> agents;
    std::map<std::string, format::object_id, std::less<>> objects;
    std::map<std::string, format::site_id, std::less<>> sites;
    std::map<std::string, std::uint64_t, std::less<>> addresses;  // of sites

    /// Precondition: the text names it.
    format::agent_id agent(std::string_view name) const { return agents.find(name)->second; }
    format::object_id object(std::string_view name) const { return objects.find(name)->second; }
    format::site_id site(std::string_view name) const { return sites.find(name)->second; }
};

/// The log of what `text` says. Text that says nothing sensible ends the test program with the line in question.
text_log make_log(std::string_view text, const log_builder_options& options = {});

}  // namespace interlock::testing
