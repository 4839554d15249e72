#include "analysis/report/tally.hpp"

#include <fmt/format.h>

namespace interlock::report {

tally tally_of(const findings::report_data& data) noexcept {
    tally out;
    for (const findings::finding& one : data.findings)
        ++(one.suppressed ? out.suppressed
           : one.known    ? out.known
                          : out.by_severity[static_cast<std::size_t>(one.severity)]);
    return out;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string counted(std::uint64_t number, std::string_view one) {
    return counted(number, one, fmt::format("{}s", one));
}

std::string as_words(const tally& all) {
    using findings::severity;
    std::string out =
        fmt::format("{}, {}, {}", counted(all.of(severity::error), "error"),
                    counted(all.of(severity::warning), "warning"), counted(all.of(severity::note), "note"));
    if (all.suppressed > 0) out += fmt::format(", {} suppressed", all.suppressed);
    if (all.known > 0) out += fmt::format(", {} known", all.known);
    return out;
}

}  // namespace interlock::report
