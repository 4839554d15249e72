// What a program that is linked with the recorder has others do, in processes of their own: `interlock analyze` makes the report at
// exit, `interlock watch` looks on meanwhile.
#pragma once

#include "instrument/recorder/process.hpp"

namespace interlock::recorder {

/// Started by `interlock run` or `record`, which see to the rest.
inline bool is_run() noexcept { return process.settings.run[0] != 0 || process.settings.run[1] != 0; }

/// Not started so, and reports are wanted: whatever is to be said, this process has to see to it.
inline bool is_linked() noexcept { return process.settings.report && !is_run(); }

/// The log is this very process's: not a parent's, whose memory a forked or vforked child shares or has copied.
bool owns_log() noexcept;

/// Remembers the working folder: relative paths in the options mean what they mean now, wherever the program goes. The log's own is made
/// absolute, for whoever reads it while the program runs and for forked children. Precondition: no log is open.
void note_log_folder() noexcept;

/// In a forked child, whose parent may have been starting a command.
void begin_commands() noexcept;

/// False: the options `suppressions` and `baseline` hide every error that the log shows so far, by the judgement of the command. True too where
/// there are no such options, or the command cannot be asked (not found; a program that ignores SIGCHLD learns no status). Waits for it.
/// Precondition: the agent is busy, no latch is held. Thread-safe.
bool are_findings_left() noexcept;

/// Ends recording, has the log analysed and the report written to standard error, waits for it. Returns the status with which to
/// exit: `status`, or the option `exitcode` where `status` is 0 and the report has something. A report that cannot be made
/// is one line on standard error. Precondition: is_linked() and owns_log(); the process is about to end.
int report_at_exit(int status) noexcept;

/// Starts `interlock watch` beside this process, if the option `watchdog` asks for it: nobody's child by the time this returns. It
/// reports once threads are stuck for ever, and kills the process unless `on_deadlock` says otherwise. What fails is one line on
/// standard error. Precondition: not is_run(); libc is initialised, the program has not begun.
void start_watch() noexcept;

}  // namespace interlock::recorder
