// How trace_text plays its statements: what the recorder would keep of each agent, and what it would have written. The language is
// in trace_text.cpp, threads and names in trace_interpreter.cpp, what holds and waits in trace_locks.cpp.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/support/trace_text.hpp"
#include "tests/support/trace_verbs.hpp"

namespace interlock::testing {

struct hold {
    format::object_id object{};
    std::uint8_t flags = 0;
    std::uint16_t depth = 1;
    format::stack_id stack{};
    format::site_id site{};
};

/// What the recorder keeps of an agent.
struct actor {
    format::agent_id id{};
    bool started = false;
    bool created = false;
    bool requested = false;  // a request stands before the next acquire
    std::string requested_site;
    format::object_id failed_try{};  // the next request of it says its stack
    std::vector<hold> holds;
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint8_t, std::uint32_t>, format::held_set_id> held_sets;
    struct seen {
        std::uint32_t id;
        std::uint32_t segment;
    };
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint8_t, std::uint32_t>, seen> dependencies;
    std::map<std::pair<std::uint32_t, std::uint8_t>, std::uint32_t> bare;  // lock and flags to the segment that said it
};

struct statement {
    std::string verb;
    std::vector<std::string> words;  // object first
    std::string site;
    std::uint8_t flags = 0;
};

/// Ends the test program.
[[noreturn]] void refuse(std::string_view what, std::string_view where);

/// Word `at` as a number, 0 if it is not there.
std::uint32_t count_in(const statement& s, std::size_t at);

/// One text, from top to bottom; what makes no sense ends the test program with the statement in question. Thread-bound.
class trace_interpreter {
public:
    explicit trace_interpreter(const log_builder_options& options) : options_(options), builder_(options) {}

    void line(std::string_view text);
    text_log finish();

private:
    actor& actor_of(const std::string& name);
    actor& started(const std::string& name);
    format::object_id object_of(actor& who, const std::string& name, format::object_type type);
    format::site_id site_of(actor& who, const std::string& name);
    format::stack_id stack_of(actor& who, const std::string& name);
    std::uint64_t address_of(const std::string& name);
    format::string_id text_of(actor& who, const std::string& text);
    statement parse(const std::string& who, const std::string& text);

    void run(const std::string& who, const statement& s);
    static bool reads_again(const actor& who, format::object_id object, std::uint8_t flags);
    bool run_lock(actor& who, const statement& s);
    bool run_condition(actor& who, const statement& s);
    bool run_agent(actor& who, const statement& s);
    bool run_misuse(actor& who, const statement& s);
    bool run_name(actor& who, const statement& s);
    bool run_log(actor& who, const statement& s);

    void acquire(actor& who, format::object_id object, std::uint8_t flags, const std::string& site);
    void note_bare(actor& who, format::object_id object, std::uint8_t flags, const std::string& site);
    void release(actor& who, format::object_id object, std::uint8_t flags, const std::string& site);
    void request(actor& who, format::object_id object, std::uint8_t flags, const std::string& site,
                 format::event_kind operation);
    void depend(actor& who, format::object_id object, std::uint8_t flags, const std::string& site);
    void hold_or_release(actor& who, format::object_id object, format::event_kind kind, std::uint8_t flags,
                         const std::string& site);
    format::held_set_id held_set(actor& who);
    void record(actor& who, format::event_kind kind, std::uint8_t flags, const std::string& site, std::uint32_t object,
                std::uint32_t sequence, std::span<const format::slot> more = {});
    std::uint32_t numbered(format::object_id object) {
        return options_.level == format::log_level::full ? builder_.next_number(object) : 0;
    }

    log_builder_options options_;
    log_builder builder_;
    text_log made_;
    std::map<std::string, actor, std::less<>> actors_;
    std::map<std::string, format::object_type, std::less<>> declared_;
    std::map<std::string, format::stack_id, std::less<>> stacks_;
    std::map<std::string, format::string_id, std::less<>> tests_;
};

}  // namespace interlock::testing
