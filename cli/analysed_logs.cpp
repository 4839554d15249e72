// All logs into one analyser.
#include "cli/analysed_logs.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "analysis/analyser.hpp"
#include "analysis/report/escape.hpp"
#include "cli/message.hpp"

namespace interlock::cli {
namespace {

constexpr std::uintmax_t quick_max = std::uintmax_t{16} << 20;  // bytes of log that are read in no time

/// One line that is written over; silent where stderr is no terminal or the work is short.
class progress {
public:
    explicit progress(const std::vector<std::string>& logs) {
        for (const std::string& path : logs) {
            std::error_code failed;
            const std::uintmax_t size = std::filesystem::file_size(path, failed);
            if (!failed) total_ += size;
        }
        shown_ = ::isatty(STDERR_FILENO) == 1 && total_ > quick_max;
    }
    ~progress() {
        if (shown_) std::fputs("\r\x1b[K", stderr);
    }
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    void tell(std::string_view what) const {
        if (!shown_) return;
        const std::string line = fmt::format("\r\x1b[Kinterlock: {}", report::shortened(report::printable(what), 70));
        std::fwrite(line.data(), 1, line.size(), stderr);
        std::fflush(stderr);
    }

    std::uintmax_t mebibytes() const noexcept { return total_ >> 20; }

private:
    std::uintmax_t total_ = 0;
    bool shown_ = false;
};

}  // namespace

analysed_logs analyse(const std::vector<std::string>& logs, wanted what,
                      const std::map<std::string, detectors::standing>& standing) {
    analysed_logs out;
    const progress shown(logs);
    analysis::analyser all;
    for (const std::string& path : logs) {
        if (const auto failed = all.add_log(path))
            out.problems.push_back(one_line(*failed));
        else if (const auto seen = standing.find(path); seen != standing.end())
            all.note_standing(all.logs() - 1, seen->second);
    }
    shown.tell(
        fmt::format("reading {} MiB of {} log{} ...", shown.mebibytes(), logs.size(), logs.size() == 1 ? "" : "s"));
    const auto what_comes = what == wanted::findings_now ? trace::expectation::more : trace::expectation::nothing_more;
    if (const auto failed = all.feed(what_comes)) out.problems.push_back(one_line(*failed));
    shown.tell("looking for cycles and their source lines ...");
    switch (what) {
        case wanted::findings: out.data = all.findings_so_far(); break;
        case wanted::findings_now: out.data = all.findings_so_far(analysis::moment::now); break;
        case wanted::lock_order: out.order = all.lock_order(); break;
    }
    return out;
}

}  // namespace interlock::cli
