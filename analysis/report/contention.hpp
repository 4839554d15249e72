// Contention as a table: for people, for scripts, for spreadsheets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/findings/contention.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

enum class contention_column : std::uint8_t {
    name,
    acquisitions,
    contended,
    share,
    wait,
    wait_p50,
    wait_p99,
    wait_max,
    hold,
    hold_p50,
    hold_p99,
    hold_max,
};
std::optional<contention_column> contention_column_named(std::string_view word) noexcept;
inline constexpr std::string_view contention_columns =
    "name, acquisitions, contended, share, wait, wait-p50, wait-p99, wait-max, hold, hold-p50, hold-p99, hold-max";

enum class contention_format : std::uint8_t { text, json, csv };
std::optional<contention_format> contention_format_named(std::string_view word) noexcept;

struct contention_view {
    contention_column sort = contention_column::wait;  // greatest first, names from a
    std::size_t top = 0;                               // rows of each table; 0: all
    bool locks = true;                                 // which tables
    bool classes = true;
};

/// Times are nanoseconds in JSON and CSV. All names are printable; CSV is as RFC 4180 has it, with a header line. Rows that are equal by
/// the column are ordered by acquisitions, then by name.
std::string render_contention(contention_format as, findings::contention data, const contention_view& view,
                              const options& how);

}  // namespace interlock::report
