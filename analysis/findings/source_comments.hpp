// What the user allows in the source itself, beside or above the line that a finding points at:
//
//     journal.lock();  // interlock: allow(lock-order-cycle) the writer thread is not started yet
//     // interlock: allow(lock-order-cycle, destroy-while-held until 2027-01-31) see docs/locking.md
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// One comment as it is written.
struct allowance {
    std::vector<findings::kind> kinds;
    std::string until;  // last day, YYYY-MM-DD; empty: for ever
    std::string reason;
    std::string wrong;  // why it does not count; empty: it does
};

/// The comment in a line of source, if it has one. Reentrant; linear in the line.
std::optional<allowance> allowance_in(std::string_view line);

/// Thread-bound. Looks at the innermost frame of each stack of a finding.
class source_comments {
public:
    /// Line `number` of `file`, from 1; nothing behind its last one.
    using line_reader = std::function<std::optional<std::string>(const std::string& file, std::uint32_t number)>;

    /// `today`: YYYY-MM-DD; empty: nothing expires.
    explicit source_comments(line_reader read, std::string today = {})
        : read_{std::move(read)}, today_{std::move(today)} {}

    /// Sets suppressed, suppressed_by and suppressed_in_source of one instance (instances.hpp) where a comment allows its kind and
    /// nothing else hides it.
    void apply(finding& what);

    /// Looks for a comment where something happened that need be no finding.
    void pass(const stack& frames);

    /// Comments that were met and do not count: "file:line: why".
    const std::vector<std::string>& problems() const noexcept { return problems_; }
    /// Those that count and allowed nothing so far: "file:line: interlock: allow: reason". Looks through each file of the stacks so far,
    /// since a comment may have been left behind by the code that it was for; other files are not known.
    std::vector<std::string> unused() const;

private:
    using place = std::pair<std::string, std::uint32_t>;
    const std::optional<allowance>& at(const place& where);
    /// Calls take(place, allowance) for each comment on the frame's line, or alone on the line above, that counts.
    template <typename Take>
    void each_beside(const frame& where, Take&& take);
    void allow_at(const frame& where, finding& what);
    bool is_expired(const allowance& one) const { return !one.until.empty() && one.until < today_; }
    void note_files(const stack& frames);

    line_reader read_;
    std::string today_;
    std::map<place, std::optional<allowance>> seen_;
    std::set<place> used_;
    std::set<std::string> files_;
    std::vector<std::string> problems_;
};

}  // namespace interlock::findings
