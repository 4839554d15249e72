// What the user does not want to hear of: ThreadSanitizer's suppression files, unchanged, and Valgrind's blocks (valgrind_block.hpp).
//
//     # reason: the cache goes away with 2.0
//     # expires: 2027-01-31
//     deadlock:legacy::cache        any frame of any stack of a cycle or deadlock
//     mutex:close_all               ... of a misuse of a lock
//     thread:start_worker           ... of a lock held at a thread's end, or of that thread's creation
//     signal:on_alarm               ... of a cycle or deadlock with a request that a signal handler makes
//     race:^parse_*$                ... of a data race, or its global variable
//     race_top:counter::add         the innermost frame of a data race
//     called_from_lib:libold.so     whatever happened, the innermost frame is in that library
//     lock:accounts[*].m            whatever happened, a lock's name, class, or a frame of its creation
//     unlock-not-held:flush         any frame of a finding of that kind
//
// The last two are not ThreadSanitizer's. Where a thread was created counts for `thread:` alone, as there. A pattern (pattern.hpp) is held against a frame's function, file and module.
// The comments `reason:` and `expires:` (the last day, UTC) speak of the entry below them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/valgrind_block.hpp"

namespace interlock::findings {

/// Whether `text` is a day of the calendar as YYYY-MM-DD. Such texts compare as days do.
bool is_day(std::string_view text) noexcept;

/// Thread-bound.
class suppressions {
public:
    /// `today`: YYYY-MM-DD; entries that expired before it no longer hold. Empty: none expires.
    explicit suppressions(std::string today = {}) : today_{std::move(today)} {}

    /// Adds the entries of `text`, the content of the file `path`. Failure: one line with file, line and reason; entries before
    /// that line are in.
    [[nodiscard]] std::optional<std::string> add(std::string_view path, std::string_view text);

    /// Sets suppressed and suppressed_by of one instance (instances.hpp) where an entry matches. Deadlocks that happened are suppressed
    /// too: the user said so.
    void apply(finding& what);

    /// One line for each entry in force that nothing matched so far: "file:line: type:pattern".
    std::vector<std::string> unused() const;
    /// One line for each entry that no longer holds: "file:line: type:pattern (expired 2026-01-31)".
    std::vector<std::string> expired() const;

private:
    enum class subject : std::uint8_t { deadlock, mutex, thread, signal, called_from_lib, race, race_top, lock, kind };
    struct line_entry {
        subject what = subject::deadlock;
        findings::kind kind{};  // of subject::kind
        std::string pattern;
    };
    struct entry {
        std::variant<line_entry, valgrind_block> what;
        std::string place;
        std::string reason;
        std::string expires;
        bool used = false;
    };
    class reader;

    static std::optional<line_entry> line_entry_of(std::string_view word) noexcept;
    static bool covers(const line_entry& one, const finding& what);
    static bool covers(const entry& one, const finding& what);
    bool is_expired(const entry& one) const { return !one.expires.empty() && one.expires < today_; }

    std::string today_;
    std::vector<entry> entries_;
};

}  // namespace interlock::findings
