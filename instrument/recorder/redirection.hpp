// Calls that a library makes out of itself, led elsewhere for that library alone: in its own table of imported functions.
#pragma once

namespace interlock::recorder {

/// `library` (a handle of dlopen) calls `replacement` from now on where it called the imported function `name`. False: it imports none of that
/// name. Before other threads use the library.
bool redirect(void* library, const char* name, void* replacement) noexcept;

}  // namespace interlock::recorder
