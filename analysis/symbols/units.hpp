// Which compilation unit an address belongs to, and which of its functions, inlined ones included. libdwfl knows the unit from
// .debug_aranges, which Clang does not write, and libdw's dwarf_getscopes() gives up where it cannot find an inlined function's
// origin; the units' and functions' own ranges tell both of any compiler. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace interlock::symbols {

/// An address in the debug information; unit and functions are offsets of their entries (Dwarf_Off).
struct code_place {
    std::uint64_t unit = 0;
    std::uint64_t address = 0;
    std::vector<std::uint64_t> functions;  // innermost first: inlined ones, then the one they are in
};

/// Thread-bound. Cost: the first address reads the ranges of all units, the first of each unit those of its functions; then
/// logarithmic.
class units {
public:
    /// `module` is a Dwfl_Module*, which outlives this.
    explicit units(void* module);
    ~units();
    units(const units&) = delete;
    units& operator=(const units&) = delete;

    /// Nothing: no unit has the address.
    std::optional<code_place> at(std::uint64_t pc);

private:
    struct table;
    std::unique_ptr<table> table_;
};

}  // namespace interlock::symbols
