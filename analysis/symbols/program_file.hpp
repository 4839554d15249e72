// What kind of file a program is, as far as it matters to preloading. Looks at the file alone; nothing is run.
#pragma once

#include <cstdint>
#include <string>

namespace interlock::symbols {

enum class program_kind : std::uint8_t {
    dynamic_executable,  // can be recorded
    static_executable,   // nothing can be interposed
    other_machine,       // ELF, but not for x86-64
    script,              // begins with #!: its interpreter counts
    other,               // no ELF file, or it cannot be read
};

struct program_file {
    program_kind kind = program_kind::other;
    std::string interpreter;  // of a script
    bool secure = false;  // setuid, setgid or file capabilities that change who it runs as: the loader drops preloads
};

/// Reentrant; never fails.
program_file inspect_program(const std::string& path);

}  // namespace interlock::symbols
