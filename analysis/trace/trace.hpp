// One log as one linear trace, resumable: feed() reads what is new in the file, checks it, fills the definitions, and hands on
// the events in an order that keeps each agent's own order and the rules of ARCHITECTURE.md, "Order and merge".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/trace/definitions.hpp"
#include "analysis/trace/event.hpp"
#include "analysis/trace/log_file.hpp"
#include "analysis/trace/loss.hpp"
#include "analysis/trace/present.hpp"
#include "analysis/trace/problem.hpp"
#include "analysis/trace/tick_clock.hpp"

namespace interlock::trace {

/// Receives consecutive events of one agent; the span is valid during the call. Definitions of every id in them are known,
/// unless the log does not have them. `time`, `site`, `stack`, `string` and `held_set` records are definitions only and not
/// handed on; `held` records are, where earlier events of the agent are missing: they say what it holds at that point.
using event_sink = std::function<void(std::span<const event>)>;

/// Whether more may come. While it may, events that wait for one not yet written are kept back; at the end they are ordered as
/// well as may be, and what never came is told as a loss.
enum class expectation : std::uint8_t { more, nothing_more };

struct counts {
    std::uint64_t records = 0;  // checked and used, definitions included
    std::uint64_t events = 0;   // handed to the sink
    std::uint64_t acquisitions = 0;
    std::uint64_t dependencies = 0;
    std::uint64_t agents = 0;
    std::uint64_t objects = 0;                   // of all types, seen in records
    std::uint64_t lost_events = 0;               // that the recorder says it lost
    std::uint64_t overlapping_acquisitions = 0;  // exclusive, of a lock that another agent held exclusively
};

/// Thread-bound. Not copyable; moves keep everything valid.
class trace {
public:
    trace();
    ~trace();
    trace(trace&&) noexcept;
    trace& operator=(trace&&) noexcept;

    /// Failure: why the file cannot be used at all. Damage inside it is no failure but a loss.
    [[nodiscard]] std::optional<problem> open(const std::string& path);
    /// The same for bytes in memory. Precondition: `image` outlives the object and is aligned to 8.
    [[nodiscard]] std::optional<problem> adopt(std::string name, std::span<const std::byte> image);

    /// Reads what is new. Precondition: opened. Cost: linear in what is new. After `nothing_more` it may be called again if the
    /// file grew after all. Failure: the file went away or shrank below its header.
    [[nodiscard]] std::optional<problem> feed(const event_sink& sink, expectation what_comes);

    const log_file& file() const noexcept;
    const definitions& names() const noexcept;
    const struct counts& counted() const noexcept;
    /// What `ticks` of events count, as far as the log was read.
    const tick_clock& time() const noexcept;

    /// Losses in the order in which they were met.
    const std::vector<loss>& losses() const noexcept;
    /// False if anything but records in flight is missing or damaged.
    bool complete() const noexcept;
    /// Why the log contradicts itself, nothing if it does not: events that wait for each other although nothing is missing.
    const std::optional<problem>& contradiction() const noexcept;
    bool well_formed() const noexcept { return !contradiction(); }

    /// The state pages, read now.
    std::vector<agent_present> present() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace interlock::trace
