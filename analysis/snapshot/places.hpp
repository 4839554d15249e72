// Addresses of an image as the user wrote them: between the modules, which know where a file lies, and the symboliser, which knows
// what stands in it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "analysis/snapshot/modules.hpp"
#include "analysis/snapshot/unwinder.hpp"
#include "analysis/symbols/symboliser.hpp"

namespace interlock::snapshot {

/// Thread-bound. `files` and `symbols` outlive it.
class places {
public:
    places(const modules& files, symbols::symboliser& symbols) : files_{files}, symbols_{symbols} {}

    const modules& files() const noexcept { return files_; }

    /// Innermost inlined frame first; never empty.
    const std::vector<symbols::frame>& of(const frame& where);

    /// All frames of a stack.
    std::vector<symbols::frame> of(std::span<const frame> stack);

    /// The function that begins at or spans `address`; empty: unknown.
    std::string function_at(std::uint64_t address);

    /// The guards of locks in scope there.
    std::vector<symbols::local_guard> guards(const frame& where);

    /// What the variable at `address` is called; empty: it lies in none that is known.
    std::string data_name(std::uint64_t address);

private:
    symbols::code_address locate(std::uint64_t address, bool is_return_address);
    symbols::module_ref reference(const module& one);

    const modules& files_;
    symbols::symboliser& symbols_;
    std::map<const module*, symbols::module_ref> references_;
};

}  // namespace interlock::snapshot
