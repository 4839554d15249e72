// Where the recorder's own messages go: descriptor 2, as long as that is what it was. A program may close it and open a file of its own, which gets
// the number 2 then; nothing may be written into that.
#pragma once

#include <cstddef>
#include <initializer_list>

namespace interlock::recorder {

/// Remembers what descriptor 2 is. Once, before main.
void remember_standard_error() noexcept;

/// Is descriptor 2 still for messages? Yes: the file that it was at the start; a terminal or another character device; or, whatever it is, what
/// descriptor 1 is too, as a daemon leads both into its log. No: closed, or anything else. Async-signal-safe.
bool is_standard_error() noexcept;

/// Writes all of `text` to standard error, as one write, if there is one; nothing is done about failure.
void write_to_stderr(const char* text, std::size_t size) noexcept;

/// One line of at most eight parts, behind "interlock: "; likewise.
void say(std::initializer_list<const char*> parts) noexcept;

}  // namespace interlock::recorder
