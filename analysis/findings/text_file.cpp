#include "analysis/findings/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace interlock::findings {

std::optional<std::string> read_file(const std::string& path, std::string& text) {
    std::ifstream file(path, std::ios::binary);
    std::string content;
    char part[4096];
    while (file.read(part, sizeof part) || file.gcount() != 0)
        content.append(part, static_cast<std::size_t>(file.gcount()));
    // A folder can be opened, not read.
    if (!file.is_open() || file.bad()) return path + ": cannot be read: " + std::strerror(errno);
    text = std::move(content);
    return std::nullopt;
}

std::string begin_of(const std::string& path, std::size_t size) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) return {};  // a pipe would be waited for
    std::string begin(size, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    begin.resize(static_cast<std::size_t>(file.gcount()));
    return begin;
}

}  // namespace interlock::findings
