// Blocks that contain the address, and in them variables whose type has one of four names. Where a variable lies is said by
// DW_OP_fbreg: relative to the frame base, which GCC makes the canonical frame address, and Clang the frame pointer, 16 bytes below.
#include "analysis/symbols/local_guards.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <dwarf.h>
#include <elfutils/libdw.h>

namespace interlock::symbols {
namespace {

constexpr int depth_max = 64;               // of blocks: deeper is damage
constexpr std::int64_t saved_by_call = 16;  // return address and frame pointer, of the x86-64 ABI

/// The one operation that tells a location or frame base at the address, if it is one.
std::optional<Dwarf_Op> only_operation(Dwarf_Die* die, unsigned name, std::uint64_t address) {
    Dwarf_Attribute attribute;
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_attr_integrate(die, name, &attribute) == nullptr ||
        dwarf_getlocation_addr(&attribute, address, &operations, &count, 1) != 1 || count != 1)
        return std::nullopt;
    return *operations;
}

/// Distance of the frame base from the canonical frame address.
std::optional<std::int64_t> base_of(Dwarf_Die* frame, std::uint64_t address) {
    constexpr int frame_pointer = DW_OP_reg6;
    const std::optional<Dwarf_Op> operation = only_operation(frame, DW_AT_frame_base, address);
    if (operation && operation->atom == DW_OP_call_frame_cfa) return 0;
    if (operation && operation->atom == frame_pointer) return -saved_by_call;
    return std::nullopt;
}

/// The variable's class, behind const and typedefs.
bool class_of(Dwarf_Die* variable, Dwarf_Die& type) {
    Dwarf_Attribute attribute;
    if (dwarf_attr_integrate(variable, DW_AT_type, &attribute) == nullptr ||
        dwarf_formref_die(&attribute, &type) == nullptr)
        return false;
    for (int step = 0; step < depth_max; ++step) {
        const int tag = dwarf_tag(&type);
        if (tag == DW_TAG_class_type || tag == DW_TAG_structure_type) return true;
        if (tag != DW_TAG_const_type && tag != DW_TAG_typedef && tag != DW_TAG_volatile_type) return false;
        Dwarf_Die inner;
        if (dwarf_attr_integrate(&type, DW_AT_type, &attribute) == nullptr ||
            dwarf_formref_die(&attribute, &inner) == nullptr)
            return false;
        type = inner;
    }
    return false;
}

struct search {
    std::uint64_t address = 0;
    std::int64_t base = 0;
    std::vector<local_guard> found;

    void add(Dwarf_Die* variable) {
        Dwarf_Die type;
        if (!class_of(variable, type)) return;
        const char* text = dwarf_diename(&type);
        const std::string_view name = text == nullptr ? "" : text;
        const bool may_be_empty = name.starts_with("unique_lock<") || name.starts_with("shared_lock<");
        if (!may_be_empty && !name.starts_with("lock_guard<") && !name.starts_with("scoped_lock<")) return;
        const std::optional<Dwarf_Op> operation = only_operation(variable, DW_AT_location, address);
        Dwarf_Word size = 0;
        int line = 0;
        if (!operation || operation->atom != DW_OP_fbreg || dwarf_aggregate_size(&type, &size) != 0 ||
            dwarf_decl_line(variable, &line) != 0 || line <= 0)
            return;
        local_guard one;
        one.frame_offset = base + static_cast<std::int64_t>(operation->number);
        one.size = size;
        one.may_be_empty = may_be_empty;
        one.line = static_cast<std::uint32_t>(line);
        found.push_back(one);
    }

    void collect(Dwarf_Die* scope, int depth) {
        Dwarf_Die child;
        if (depth > depth_max || dwarf_child(scope, &child) != 0) return;
        std::vector<Dwarf_Die> own;
        do {
            const int tag = dwarf_tag(&child);
            if (tag == DW_TAG_lexical_block && dwarf_haspc(&child, address) == 1) collect(&child, depth + 1);
            if (tag == DW_TAG_variable) own.push_back(child);
        } while (dwarf_siblingof(&child, &child) == 0);
        for (Dwarf_Die& variable : own) add(&variable);
    }
};

}  // namespace

std::vector<local_guard> local_guards(void* function, void* frame, std::uint64_t address) {
    const std::optional<std::int64_t> base = base_of(static_cast<Dwarf_Die*>(frame), address);
    if (!base) return {};
    search all{address, *base, {}};
    all.collect(static_cast<Dwarf_Die*>(function), 0);
    return std::move(all.found);
}

}  // namespace interlock::symbols
