// What the command's exit status means; scripts rely on it.
#pragma once

namespace interlock::cli::exit_status {

inline constexpr int clean = 0;
inline constexpr int findings = 66;   // default of --exitcode
inline constexpr int wrong_call = 2;  // of any command but run and record
inline constexpr int unusable_log = 3;
inline constexpr int own_error = 125;  // what was asked for cannot be written; run, record: also a wrong call
inline constexpr int cannot_execute = 126;
inline constexpr int not_found = 127;
inline constexpr int signal_base = 128;  // plus the number of the signal that ended the program

}  // namespace interlock::cli::exit_status
