// A stream forgets why it failed, so the first reason is kept.
#include "cli/output.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

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

}  // namespace interlock::cli
