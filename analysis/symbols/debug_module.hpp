// One module's ELF file and debug information, open. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analysis/symbols/symboliser.hpp"

namespace interlock::symbols {

/// Thread-bound.
class debug_module {
public:
    /// Opens `path`, or its debug file by build-id where the file is gone or another. Never fails: problem() says what is
    /// missing, and every question then has an empty answer.
    debug_module(std::string path, std::vector<std::uint8_t> build_id);
    ~debug_module();
    debug_module(const debug_module&) = delete;
    debug_module& operator=(const debug_module&) = delete;

    const std::string& path() const noexcept { return path_; }
    /// Why there are no symbols; empty if there are.
    const std::string& problem() const noexcept { return problem_; }

    /// Frames of the instruction that contains `pc`, innermost first; module and offset are left to the caller. Empty: unknown.
    std::vector<frame> frames_at(std::uint64_t pc);

    /// See symboliser::guards.
    std::vector<local_guard> guards_at(std::uint64_t pc);

    /// See symboliser::compiler.
    std::string compiler_at(std::uint64_t pc);

    /// See symboliser::data_name.
    std::string data_name(std::uint64_t address);

private:
    struct elf;
    std::string path_;
    std::string problem_;
    std::unique_ptr<elf> elf_;
};

}  // namespace interlock::symbols
