// What a loaded library asks of others, read from its dynamic section in memory.
#pragma once

#include <link.h>

#include <cstdint>

namespace interlock::recorder {

/// Does the library, which lies from `begin` to `end`, import a symbol in whose name `part` occurs? False where that cannot be told (no GNU
/// hash table). It must stay loaded meanwhile. Cost: its imports alone are looked at, some hundred as a rule.
bool imports_any(const dl_phdr_info& library, std::uintptr_t begin, std::uintptr_t end, const char* part) noexcept;

}  // namespace interlock::recorder
