// Lines of the user's source, to be quoted beside a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace interlock::report {

/// Columns from 1, in characters; the end is one past the last. Both 0: not known.
struct columns {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Thread-bound. Reads each file once; only regular files of at most 4 MiB.
class source_lines {
public:
    /// Line `number` (from 1) of the file without the space around it; empty if it is not there. Raw: not yet printable.
    std::string line(const std::string& path, std::uint32_t number);
    /// The same; nothing behind the last line, or where the file cannot be read.
    std::optional<std::string> line_if_any(const std::string& path, std::uint32_t number);
    /// Where in its line that text stands.
    columns extent(const std::string& path, std::uint32_t number);

private:
    const std::string* find(const std::string& path, std::uint32_t number);

    std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace interlock::report
