// What the ids of a log stand for: sites, stacks, strings, modules, objects, agents, held paths. Filled as records are checked,
// before the events that use them are merged; looked up by detectors. Symbols are left to analysis/symbols.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/event.hpp"
#include "analysis/trace/id_table.hpp"
#include "instrument/format/layout.hpp"

namespace interlock::trace {

struct site {
    std::uint64_t address = 0;  // 0: not defined in this log
    std::uint32_t epoch = 0;    // load epoch: which modules the address is to be looked up in
    friend bool operator==(const site&, const site&) = default;
};

struct call_stack {
    std::span<const std::uint64_t> frames;  // return addresses, innermost first; valid until the next feed()
    std::uint32_t epoch = 0;
};

struct module {
    format::module_id id{};
    format::module_payload where;
    std::string path;
    std::uint32_t loaded = 0;         // first epoch it is there in
    std::uint32_t gone = UINT32_MAX;  // first epoch it is no longer there in
};

/// A code address as it can be symbolised on a later day.
struct code_location {
    const trace::module* module = nullptr;
    std::uint64_t offset = 0;  // address in the module's file: run-time address minus bias
};

struct object {
    format::object_type type = format::object_type::unknown;
    bool seen = false;       // a record of its birth, name, or of a dependency on it was read
    bool defined = false;    // a lock_init was read
    bool destroyed = false;  // its destruction was read
    bool ranked = false;
    std::uint32_t rank = 0;
    std::uint8_t subclass = 0;  // among locks of one rank
    std::uint64_t address = 0;
    format::stack_id created_at{};
    format::site_id created_site{};
    format::agent_id created_by{};
    format::string_id name{};
    format::string_id lock_class{};
};

struct agent {
    bool known = false;  // something was read of it
    bool started = false;
    bool exited = false;
    bool detached = false;
    format::agent_type type = format::agent_type::thread;
    format::agent_id creator{};
    format::agent_id joined_by{};
    std::uint32_t thread = 0;  // kernel thread id
    format::stack_id created_at{};
    format::site_id created_site{};
    format::string_id name{};
};

/// One lock of a held path.
struct held_step {
    format::held_set_id parent{};
    format::object_id object{};
    format::stack_id stack{};  // where it was acquired
    std::uint32_t depth = 0;   // locks in the path, this one included; 0: not defined in this log
    std::uint8_t flags = 0;    // lock_flags of the hold
    bool approximate = false;  // the stack was pieced together
    bool cut = false;          // a step further out is missing from the log
};

struct blind_spot {
    format::blind_spot what = format::blind_spot::none;
    format::string_id detail{};
    format::agent_id teller{};
};

/// Thread-bound. Lookups of ids that the log does not define give an empty answer, never a failure.
class definitions {
public:
    trace::site site(format::site_id id) const noexcept;
    call_stack stack(format::stack_id id) const noexcept;
    std::string_view string(format::string_id id) const noexcept;
    const trace::object& object(format::object_id id) const noexcept;
    const trace::agent& agent(format::agent_id id) const noexcept;
    const held_step& held(format::agent_id agent, format::held_set_id id) const noexcept;
    std::string_view name(format::object_id id) const noexcept { return string(object(id).name); }
    std::string_view name(format::agent_id id) const noexcept { return string(agent(id).name); }

    /// The held path `id` of `agent`, outermost first, into `path` (cleared first). Terminates for any log.
    void held_path(format::agent_id agent, format::held_set_id id, std::vector<held_step>& path) const;

    const std::vector<trace::module>& modules() const noexcept { return modules_; }
    const std::vector<trace::blind_spot>& blind_spots() const noexcept { return blind_spots_; }
    /// The module that held `address` in `epoch`. Cost: linear in modules.
    std::optional<code_location> locate(std::uint64_t address, std::uint32_t epoch) const noexcept;

    /// Agents and objects that records speak of, in order of id as far as ids are dense.
    std::vector<format::agent_id> agents() const;
    std::vector<format::object_id> objects() const;
    /// How many there are, and how many of these are locks. Cost: none.
    std::size_t object_count() const noexcept { return objects_seen_; }
    std::size_t lock_count() const noexcept { return locks_seen_; }

    /// One record that may define or describe something. `at` is its checked slots, lead first. False: it contradicts what is
    /// there or cannot be, and was left out.
    bool read(format::agent_id agent, std::uint32_t agent_number, std::span<const format::slot> at);
    /// Ids below `slots` may be array indices; see id_table. `agent_slots` is for the ids of agent number `agent_number`.
    void raise_limit(std::size_t slots);
    void raise_limit(std::uint32_t agent_number, format::agent_id agent, std::size_t agent_slots);

private:
    struct stack_place {
        std::uint64_t begin = 0;
        std::uint32_t count = 0;
        std::uint32_t epoch = 0;
    };
    struct string_place {
        std::uint64_t begin = 0;
        std::uint32_t count = 0;
    };

    bool read_blind_spot(format::agent_id agent, const format::slot& lead);
    void withdraw_execution(format::agent_id agent);
    bool read_module(std::span<const format::slot> at);
    bool read_held_set(std::uint32_t agent_number, std::span<const format::slot> at);
    bool read_stack(std::span<const format::slot> at);
    bool read_string(std::span<const format::slot> at);
    void read_agent_event(format::agent_id agent, const format::slot& lead);
    void read_object_event(format::agent_id agent, std::span<const format::slot> at);
    void see(trace::object& what) noexcept;

    id_table<trace::site> sites_;
    id_table<stack_place> stacks_;
    id_table<string_place> strings_;
    id_table<trace::object> objects_;
    std::size_t objects_seen_ = 0;
    std::size_t locks_seen_ = 0;
    id_table<trace::agent> agents_;
    id_table<std::uint32_t> agent_numbers_;  // agent_id to index in held_ plus 1
    std::vector<id_table<held_step>> held_;  // by agent number
    std::vector<std::uint64_t> frames_;
    std::string characters_;
    std::vector<trace::module> modules_;
    std::vector<trace::blind_spot> blind_spots_;
    std::vector<std::pair<format::module_id, std::uint32_t>>
        unloaded_early_;  // before the load was read, with the epoch
};

}  // namespace interlock::trace
