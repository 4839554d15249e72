#include "analysis/symbols/units.hpp"

#include <algorithm>
#include <cstddef>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

namespace interlock::symbols {

namespace {

constexpr int depth_max = 64;  // of scopes in scopes; a file that goes deeper was not made by a compiler

struct range {
    Dwarf_Addr begin = 0;
    Dwarf_Addr end = 0;
    std::size_t index = 0;
};
using ranges = std::vector<range>;  // by begin, once settled

struct unit {
    Dwarf_Die die{};
    Dwarf_Addr bias = 0;  // address in the module less address in the debug information
    bool read = false;
    std::vector<Dwarf_Die> functions;
    ranges code;
};

void add_ranges(Dwarf_Die* die, Dwarf_Addr bias, std::size_t index, ranges& into) {
    Dwarf_Addr base = 0;
    Dwarf_Addr begin = 0;
    Dwarf_Addr end = 0;
    for (std::ptrdiff_t offset = 0; (offset = dwarf_ranges(die, offset, &base, &begin, &end)) > 0;)
        if (begin < end) into.push_back({begin + bias, end + bias, index});
}

void settle(ranges& all) {
    std::stable_sort(all.begin(), all.end(), [](const range& a, const range& b) { return a.begin < b.begin; });
}

const range* find(const ranges& all, Dwarf_Addr address) {
    const auto next = std::upper_bound(all.begin(), all.end(), address,
                                       [](Dwarf_Addr wanted, const range& r) { return wanted < r.begin; });
    return next == all.begin() || address >= std::prev(next)->end ? nullptr : &*std::prev(next);
}

/// Scopes that functions stand in. A class that is local to a function has its own functions inside that one.
bool holds_functions(int tag) {
    return tag == DW_TAG_namespace || tag == DW_TAG_class_type || tag == DW_TAG_structure_type ||
           tag == DW_TAG_union_type || tag == DW_TAG_module || tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block;
}

void read_functions(Dwarf_Die* parent, unit& into, int depth) {
    Dwarf_Die child;
    if (depth == depth_max || dwarf_child(parent, &child) != 0) return;
    do {
        const int tag = dwarf_tag(&child);
        if (tag == DW_TAG_subprogram) {
            add_ranges(&child, 0, into.functions.size(), into.code);
            into.functions.push_back(child);
        }
        if (holds_functions(tag)) read_functions(&child, into, depth + 1);
    } while (dwarf_siblingof(&child, &child) == 0);
}

/// Scopes of code within a function.
bool is_code(int tag) {
    return tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block || tag == DW_TAG_try_block ||
           tag == DW_TAG_catch_block;
}

/// Goes to the scope of code around `address` within `scope`; false: there is none.
bool step_into(Dwarf_Die& scope, Dwarf_Addr address) {
    Dwarf_Die child;
    if (dwarf_child(&scope, &child) != 0) return false;
    do {
        if (!is_code(dwarf_tag(&child)) || dwarf_haspc(&child, address) <= 0) continue;
        scope = child;
        return true;
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

}  // namespace

struct units::table {
    Dwfl_Module* module = nullptr;
    bool read = false;
    std::vector<unit> all;
    ranges code;

    void read_units() {
        read = true;
        Dwarf_Addr bias = 0;
        for (Dwarf_Die* die = nullptr; (die = dwfl_module_nextcu(module, die, &bias)) != nullptr;) {
            add_ranges(die, bias, all.size(), code);
            all.push_back({*die, bias, false, {}, {}});
        }
        settle(code);
    }
};

units::units(void* module) : table_(std::make_unique<table>()) { table_->module = static_cast<Dwfl_Module*>(module); }
units::~units() = default;

std::optional<code_place> units::at(std::uint64_t pc) {
    if (!table_->read) table_->read_units();
    const range* known = find(table_->code, pc);
    if (known == nullptr) return std::nullopt;
    unit& of = table_->all[known->index];
    if (!of.read) {
        of.read = true;
        read_functions(&of.die, of, 0);
        settle(of.code);
    }
    code_place made{dwarf_dieoffset(&of.die), pc - of.bias, {}};
    const range* function = find(of.code, made.address);
    if (function == nullptr) return made;
    Dwarf_Die scope = of.functions[function->index];
    made.functions.push_back(dwarf_dieoffset(&scope));
    for (int depth = 0; depth < depth_max && step_into(scope, made.address); ++depth)
        if (dwarf_tag(&scope) == DW_TAG_inlined_subroutine) made.functions.push_back(dwarf_dieoffset(&scope));
    std::reverse(made.functions.begin(), made.functions.end());
    return made;
}

}  // namespace interlock::symbols
