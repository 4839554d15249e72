// A stream forgets why it failed, so the first reason is kept.
#include "cli/output.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

namespace interlock::cli {

void output::add(std::string_view text) noexcept {
    if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) error_ = errno;
}

void output::add_line(std::string_view text) noexcept {
    add(text);
    add("\n");
}

std::optional<std::string> output::finish(std::string_view what) {
    if (error_ == 0 && std::fflush(stdout) != 0) error_ = errno;
    if (error_ == 0 || error_ == EPIPE) return std::nullopt;
    return fmt::format("{} cannot be written: {}", what, std::strerror(error_));
}

std::optional<std::string> why_not_writable(const std::string& path) {
    if (path == "-") return std::nullopt;
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const bool exists = ::access(path.c_str(), F_OK) == 0;
    if (::access(exists ? path.c_str() : folder.empty() ? "." : folder.c_str(), W_OK) == 0) return std::nullopt;
    return fmt::format("{} cannot be written: {}", path, std::strerror(errno));
}

bool is_same_file(const std::string& written, const std::string& other) {
    if (written == "-" || other == "-") return false;
    std::error_code failed;
    if (std::filesystem::exists(written, failed) && !std::filesystem::is_regular_file(written, failed)) return false;
    return std::filesystem::equivalent(written, other, failed) ||
           std::filesystem::weakly_canonical(std::filesystem::absolute(written, failed), failed) ==
               std::filesystem::weakly_canonical(std::filesystem::absolute(other, failed), failed);
}

}  // namespace interlock::cli
