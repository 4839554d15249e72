// Files that the user names: suppressions, baselines, declared orders, summaries.
#pragma once

#include <optional>
#include <string>

namespace interlock::findings {

/// The file, whole. Failure: one line.
std::optional<std::string> read_file(const std::string& path, std::string& text);

}  // namespace interlock::findings
