#include "analysis/findings/text_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace interlock::findings {
namespace {

/// Up to `size` bytes from the file's beginning. False: it cannot be read, and errno says why.
bool read_some(const std::string& path, std::size_t size, std::string& text) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
    if (!file) return false;
    text.clear();
    std::array<char, 1 << 16> part{};
    while (const std::size_t got = std::fread(part.data(), 1, std::min(part.size(), size - text.size()), file.get()))
        text.append(part.data(), got);
    return std::ferror(file.get()) == 0;  // a folder can be opened, and not read
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::string& text) {
    if (read_some(path, std::string::npos, text)) return std::nullopt;
    return path + ": cannot be read: " + std::strerror(errno);
}

std::string begin_of(const std::string& path, std::size_t size) {
    std::error_code failed;
    std::string begin;
    if (std::filesystem::is_regular_file(path, failed)) read_some(path, size, begin);  // a pipe would be waited for
    return begin;
}

}  // namespace interlock::findings
