#include "analysis/findings/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace interlock::findings {

std::optional<std::string> read_file(const std::string& path, std::string& text) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    if (!file) return path + ": cannot be read: " + std::strerror(errno);
    text = content.str();
    return std::nullopt;
}

}  // namespace interlock::findings
