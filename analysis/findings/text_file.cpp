#include "analysis/findings/text_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

namespace interlock::findings {

std::optional<std::string> read_file(const std::string& path, std::string& text) {
    const auto failed = [&] { return path + ": cannot be read: " + std::strerror(errno); };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
    if (!file) return failed();
    text.clear();
    std::array<char, 1 << 16> part{};
    while (const std::size_t got = std::fread(part.data(), 1, part.size(), file.get())) text.append(part.data(), got);
    if (std::ferror(file.get()) != 0) return failed();  // a folder can be opened, and not read
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
