// INTERLOCK_OPTIONS as the process reads it: `key=value` pairs separated by ':' or spaces. A value says "%c" for ':', "%s" for a
// space and "%%" for '%'; in log_path %p is the pid, %e the program's name, %h the host's.
// Read once, before main; without malloc. A setuid process ignores it (AT_SECURE).
#pragma once

#include <cstddef>
#include <cstdint>

#include "instrument/format/event.hpp"

namespace interlock::recorder {

inline constexpr std::size_t path_size_max = 1024;

struct options {
    format::log_level level = format::log_level::order;
    std::uint64_t max_log = std::uint64_t{1} << 30;  // bytes
    std::uint64_t run[2] = {0, 0};                   // 0: not started by `interlock run`
    bool report = true;                              // full report at exit
    bool halt_on_error = false;                      // stop at the first inversion or race that the process itself sees
    bool fail_unchecked = false;                     // of tests: that one could not be checked fails it
    bool log_path_chosen = false;
    bool help = false;
    bool on = true;                 // enabled=0 leaves the process alone
    bool spurious_wakeups = false;  // of interlock's own condition variables
    int exitcode = 66;
    std::uint8_t race =
        1;  // race detection, where the program is linked for it: 0 off, 1 detect, 2 sync-only, 3 sample
    std::uint32_t race_sample = 10;  // percent of a thread's stretches between releases, in mode sample
    char log_path[path_size_max] = "interlock.%e.%p.ilk";
    char command[path_size_max] =
        "";  // the command that makes the report; empty: found beside the library, or along PATH
    // Handed on to it.
    char suppressions[path_size_max] = "";
    char baseline[path_size_max] = "";
    char lock_order[path_size_max] = "";
    char strip_path_prefix[path_size_max] = "";
    char color[8] = "";
    char fail_on[8] = "";
    char watchdog[16] = "";    // seconds, as they were given; empty: nobody watches
    char on_deadlock[8] = "";  // kill or wait
    char unknown[64] = "";     // first key that is none, for one clear line
    char malformed[64] = "";   // first key with a value that cannot be
};

/// Parses `text` (nullptr: all defaults) over `out`. Reentrant.
void parse_options(const char* text, options& out) noexcept;

/// Expands %p, %e, %h, %c, %s, %% of `pattern` into `out`. False: it does not fit.
bool expand_log_path(const char* pattern, const char* program_name, int pid, char* out, std::size_t size) noexcept;

/// The text of `help=1`.
extern const char options_help[];

}  // namespace interlock::recorder
