// Files that the user names: suppressions, baselines, declared orders, summaries.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace interlock::findings {

/// The file, whole. Failure: one line.
std::optional<std::string> read_file(const std::string& path, std::string& text);

/// Its first bytes, at most `size`: what kind it is. Empty if it is no regular file, or cannot be read.
std::string begin_of(const std::string& path, std::size_t size);

}  // namespace interlock::findings
