#include "cli/progress.hpp"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "analysis/report/escape.hpp"

namespace interlock::cli {
namespace {

constexpr std::uintmax_t quick_max = std::uintmax_t{16} << 20;  // bytes of log that are read in no time

}  // namespace

progress::progress(const std::vector<std::string>& logs) {
    for (const std::string& path : logs) {
        std::error_code failed;
        const std::uintmax_t size = std::filesystem::file_size(path, failed);
        if (!failed) total_ += size;
    }
    shown_ = ::isatty(STDERR_FILENO) == 1 && total_ > quick_max;
}

progress::~progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
}

void progress::tell(std::string_view what) const {
    if (!shown_) return;
    const std::string line = fmt::format("\r\x1b[Kinterlock: {}", report::shortened(report::printable(what), 70));
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace interlock::cli
