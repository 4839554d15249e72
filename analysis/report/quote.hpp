// Lines of the user's source, to be quoted beside a finding.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace interlock::report {

/// Thread-bound. Reads each file once; only regular files of at most 4 MiB.
class source_lines {
public:
    /// Line `number` (from 1) of the file without the space around it; empty if it is not there. Raw: not yet printable.
    std::string line(const std::string& path, std::uint32_t number);

private:
    std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace interlock::report
