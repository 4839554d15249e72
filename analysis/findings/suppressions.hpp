// What the user does not want to hear of: ThreadSanitizer's suppression files, unchanged.
//
//     # a comment
//     deadlock:legacy::Cache        any frame of any stack of a cycle or deadlock
//     mutex:accounts[*].m           a lock's name, or a frame of its creation
//     thread:^worker-               a thread's name, or a frame of its creation
//     called_from_lib:libold.so     the innermost frame is in that library
//     race:^parse_*$                any frame of a data race
//
// A pattern matches anywhere in a frame's function, file or module; `*` is any text, `^` the begin, `$` the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// True if `pattern` matches `text` as described above. Reentrant; at worst quadratic.
bool matches(std::string_view pattern, std::string_view text) noexcept;

/// Thread-bound.
class suppressions {
public:
    /// Adds the entries of `text`, the content of the file `path`. Failure: one line with file, line and reason; entries before
    /// that line are in.
    [[nodiscard]] std::optional<std::string> add(std::string_view path, std::string_view text);

    /// Sets finding::suppressed where an entry matches. Deadlocks that happened are suppressed too: the user said so.
    void apply(report_data& data);

    /// One line for each entry that nothing matched so far: "file:line: type:pattern".
    std::vector<std::string> unused() const;

private:
    enum class subject : std::uint8_t { deadlock, mutex, thread, called_from_lib, race, race_top };
    struct entry {
        subject what = subject::deadlock;
        std::string pattern;
        std::string place;
        bool used = false;
    };
    static std::optional<subject> subject_named(std::string_view word) noexcept;
    static bool covers(const entry& one, const finding& what);
    std::vector<entry> entries_;
};

}  // namespace interlock::findings
