// Tries that are the first half of a blocking request: try, and if that fails, wait. Such a function waits for the lock after all
// (CPython's locks: thousands of sem_trywait, hardly a sem_wait), so its tries count as requests that block.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/trace/event.hpp"

namespace interlock::detectors {

/// Thread-bound. Which sites are of one function is left to the caller, who has symbols.
class weak_tries {
public:
    struct pair {
        format::site_id attempt{};
        format::site_id request{};
        friend auto operator<=>(const pair&, const pair&) = default;
    };

    void see(const trace::event& e);
    /// No try failed lately: what is acquired now says nothing.
    bool is_idle() const noexcept { return last_failure_.empty(); }

    /// Where a try of `lock` failed and where the same agent's next step was to wait for it.
    const std::set<pair>& of(format::object_id lock) const;
    bool empty() const noexcept { return pairs_.empty(); }

private:
    struct failure {
        std::uint32_t object = 0;
        format::site_id site{};
    };
    std::unordered_map<std::uint32_t, failure> last_failure_;  // by agent
    std::map<std::uint32_t, std::set<pair>> pairs_;            // by lock
};

}  // namespace interlock::detectors
