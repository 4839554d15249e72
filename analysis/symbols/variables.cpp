// One walk over all units collects the variables with a fixed address; a second walk, down the type of one of them, names the
// member at an offset. The lock types of the C++ and C libraries are where that walk stops: their insides are nobody's name.
#include "analysis/symbols/variables.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include "analysis/symbols/dwarf_names.hpp"

namespace interlock::symbols {
namespace {

constexpr int depth_max = 64;  // of scopes and of members: deeper is damage

struct variable {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::string name;
    bool named_by_scope = false;  // no linkage name: what is internal to a unit has none in GCC's debug information
    Dwarf_Die type;
};

using offsets = std::pair<Dwarf_Off, Dwarf_Off>;

bool is_any(std::string_view word, std::span<const std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_lock_of_std(std::string_view name) {
    static constexpr std::array<std::string_view, 12> names = {"mutex",
                                                               "timed_mutex",
                                                               "recursive_mutex",
                                                               "recursive_timed_mutex",
                                                               "shared_mutex",
                                                               "shared_timed_mutex",
                                                               "once_flag",
                                                               "condition_variable",
                                                               "condition_variable_any",
                                                               "latch",
                                                               "__mutex_base",
                                                               "__recursive_mutex_base"};
    return is_any(name, names) || name.starts_with("counting_semaphore") || name.starts_with("barrier<");
}

bool is_lock_of_c(std::string_view name) {
    static constexpr std::array<std::string_view, 12> names = {"pthread_mutex_t",
                                                               "pthread_rwlock_t",
                                                               "pthread_spinlock_t",
                                                               "pthread_cond_t",
                                                               "pthread_barrier_t",
                                                               "pthread_once_t",
                                                               "sem_t",
                                                               "mtx_t",
                                                               "cnd_t",
                                                               "omp_lock_t",
                                                               "omp_nest_lock_t",
                                                               "once_flag"};
    return is_any(name, names);
}

std::string_view name_of(Dwarf_Die& die) {
    const char* name = dwarf_diename(&die);
    return name == nullptr ? std::string_view() : name;
}

bool type_of(Dwarf_Die& die, Dwarf_Die& type) {
    Dwarf_Attribute attribute;
    return dwarf_attr_integrate(&die, DW_AT_type, &attribute) != nullptr &&
           dwarf_formref_die(&attribute, &type) != nullptr;
}

std::uint64_t number_of(Dwarf_Die& die, unsigned attribute_name, std::uint64_t otherwise) {
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    return dwarf_formudata(dwarf_attr_integrate(&die, attribute_name, &attribute), &value) == 0 ? value : otherwise;
}

std::uint64_t size_of(Dwarf_Die& type) {
    Dwarf_Word size = 0;
    return dwarf_aggregate_size(&type, &size) == 0 ? size : 0;
}

/// The address of a variable that has one for the whole run.
bool fixed_address(Dwarf_Die& die, std::uint64_t& address) {
    Dwarf_Attribute attribute;
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_attr(&die, DW_AT_location, &attribute) == nullptr ||
        dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 1 || operations[0].atom != DW_OP_addr)
        return false;
    address = operations[0].number;
    return true;
}

std::string as_offset(std::uint64_t offset) { return offset == 0 ? std::string() : '+' + std::to_string(offset); }

/// Lengths of an array's dimensions, outermost first; an unknown length is 0.
std::vector<std::uint64_t> dimensions(Dwarf_Die& array) {
    std::vector<std::uint64_t> out;
    Dwarf_Die child;
    for (int more = dwarf_child(&array, &child); more == 0; more = dwarf_siblingof(&child, &child)) {
        if (dwarf_tag(&child) != DW_TAG_subrange_type) continue;
        const std::uint64_t bound = number_of(child, DW_AT_upper_bound, ~std::uint64_t{0});
        out.push_back(number_of(child, DW_AT_count, bound + 1));
    }
    return out;
}

}  // namespace

struct variables::table {
    std::vector<variable> all;        // by address
    std::vector<offsets> std_ranges;  // where namespace std stands in the debug information, by begin

    bool is_std(Dwarf_Die& die) const {
        const Dwarf_Off at = dwarf_dieoffset(&die);
        const auto after =
            std::upper_bound(std_ranges.begin(), std_ranges.end(), at,
                             [](Dwarf_Off offset, const offsets& range) { return offset < range.first; });
        return after != std_ranges.begin() && at < std::prev(after)->second;
    }

    void collect(Dwarf_Die* scope, const std::string& prefix, Dwarf_Off scope_end, int depth) {
        Dwarf_Die child;
        if (depth > depth_max || dwarf_child(scope, &child) != 0) return;
        for (bool more = true; more;) {
            Dwarf_Die next;
            more = dwarf_siblingof(&child, &next) == 0;
            const Dwarf_Off end = more ? dwarf_dieoffset(&next) : scope_end;
            switch (dwarf_tag(&child)) {
                case DW_TAG_variable: add(child, prefix); break;
                case DW_TAG_namespace:
                    if (depth == 0 && name_of(child) == "std") std_ranges.emplace_back(dwarf_dieoffset(&child), end);
                    collect(&child, inside(prefix, child), end, depth + 1);
                    break;
                case DW_TAG_subprogram: collect(&child, inside(prefix, child), end, depth + 1); break;
                case DW_TAG_lexical_block: collect(&child, prefix, end, depth + 1); break;
                default: break;
            }
            child = next;
        }
    }

    static std::string inside(const std::string& prefix, Dwarf_Die& scope) {
        const std::string_view name = name_of(scope);
        return name.empty() ? prefix : prefix + std::string(name) + "::";
    }

    void add(Dwarf_Die& die, const std::string& prefix) {
        variable one;
        if (!fixed_address(die, one.begin) || !type_of(die, one.type)) return;
        Dwarf_Attribute attribute;
        const char* mangled = dwarf_attr_integrate(&die, DW_AT_linkage_name, &attribute) == nullptr
                                  ? nullptr
                                  : dwarf_formstring(&attribute);
        one.name = mangled != nullptr ? variable_name(mangled) : prefix + std::string(name_of(die));
        one.named_by_scope = mangled == nullptr;
        one.size = size_of(one.type);
        if (!one.name.empty() && one.size > 0) all.push_back(std::move(one));
    }

    std::string inside_array(Dwarf_Die& array, std::uint64_t offset, int depth) const {
        Dwarf_Die element;
        if (!type_of(array, element)) return as_offset(offset);
        const std::uint64_t element_size = size_of(element);
        if (element_size == 0) return as_offset(offset);
        std::uint64_t index = offset / element_size;
        std::string out;
        const std::vector<std::uint64_t> lengths = dimensions(array);
        for (std::size_t i = lengths.size(); i > 1 && lengths[i - 1] != 0; --i) {
            out.insert(0, '[' + std::to_string(index % lengths[i - 1]) + ']');
            index /= lengths[i - 1];
        }
        return '[' + std::to_string(index) + ']' + out + inside_type(element, offset % element_size, depth + 1);
    }

    std::string inside_class(Dwarf_Die& whole, std::uint64_t offset, int depth) const {
        const std::string_view name = name_of(whole);
        const bool of_std = is_std(whole);
        const bool is_array = of_std && name.starts_with("array<");
        if (of_std && !is_array && !name.starts_with("pair<"))
            return is_lock_of_std(name) ? std::string() : as_offset(offset);
        Dwarf_Die child;
        for (int more = dwarf_child(&whole, &child); more == 0; more = dwarf_siblingof(&child, &child)) {
            const int tag = dwarf_tag(&child);
            Dwarf_Attribute attribute;
            if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) || (dwarf_hasattr(&child, DW_AT_external) != 0) ||
                dwarf_hasattr(&child, DW_AT_declaration) != 0)
                continue;
            Dwarf_Die type;
            const std::uint64_t begin = number_of(child, DW_AT_data_member_location, 0);
            if (dwarf_attr(&child, DW_AT_bit_size, &attribute) != nullptr || offset < begin || !type_of(child, type) ||
                offset - begin >= size_of(type))
                continue;
            const std::string_view member = name_of(child);
            const bool nameless = tag == DW_TAG_inheritance || member.empty() || is_array;
            return (nameless ? std::string() : '.' + std::string(member)) +
                   inside_type(type, offset - begin, depth + 1);
        }
        return as_offset(offset);
    }

    std::string inside_type(Dwarf_Die type, std::uint64_t offset, int depth) const {
        for (int step = 0; step < depth_max && depth < depth_max; ++step) {
            switch (dwarf_tag(&type)) {
                case DW_TAG_typedef:
                    if (is_lock_of_c(name_of(type))) return {};
                    [[fallthrough]];
                case DW_TAG_const_type:
                case DW_TAG_volatile_type:
                case DW_TAG_atomic_type: {
                    Dwarf_Die inner;
                    if (!type_of(type, inner)) return as_offset(offset);
                    type = inner;
                    continue;
                }
                case DW_TAG_array_type: return inside_array(type, offset, depth);
                case DW_TAG_structure_type:
                case DW_TAG_class_type:
                case DW_TAG_union_type: return inside_class(type, offset, depth);
                default: return as_offset(offset);
            }
        }
        return as_offset(offset);
    }
};

variables::variables(void* module) : table_(std::make_unique<table>()) {
    auto* dwfl_module = static_cast<Dwfl_Module*>(module);
    Dwarf_Addr bias = 0;
    for (Dwarf_Die* unit = dwfl_module_nextcu(dwfl_module, nullptr, &bias); unit != nullptr;
         unit = dwfl_module_nextcu(dwfl_module, unit, &bias)) {
        const std::size_t before = table_->all.size();
        table_->collect(unit, "", ~Dwarf_Off{0}, 0);
        for (std::size_t i = before; i < table_->all.size(); ++i) {
            variable& one = table_->all[i];
            one.begin += bias;
            if (!one.named_by_scope) continue;
            GElf_Sym symbol;
            GElf_Off offset = 0;
            const char* name =
                dwfl_module_addrinfo(dwfl_module, one.begin, &offset, &symbol, nullptr, nullptr, nullptr);
            if (name != nullptr && offset == 0 && std::string_view(name).starts_with("_Z"))
                one.name = variable_name(name);
        }
        // The last child's end is the unit's: the next unit's first entry bounds it.
        if (!table_->std_ranges.empty() && table_->std_ranges.back().second == ~Dwarf_Off{0}) {
            Dwarf_Off next = 0;
            std::size_t header = 0;
            Dwarf_Half version = 0;
            const Dwarf_Off unit_header = dwarf_dieoffset(unit) - dwarf_cuoffset(unit);
            Dwarf* dwarf = dwfl_module_getdwarf(dwfl_module, &bias);
            if (dwarf_next_unit(dwarf, unit_header, &next, &header, &version, nullptr, nullptr, nullptr, nullptr,
                                nullptr) == 0)
                table_->std_ranges.back().second = next;
        }
    }
    std::sort(table_->all.begin(), table_->all.end(),
              [](const variable& a, const variable& b) { return a.begin < b.begin; });
    std::sort(table_->std_ranges.begin(), table_->std_ranges.end());
}

variables::~variables() = default;

std::string variables::name_at(std::uint64_t address) const {
    const auto after = std::upper_bound(table_->all.begin(), table_->all.end(), address,
                                        [](std::uint64_t at, const variable& one) { return at < one.begin; });
    if (after == table_->all.begin()) return {};
    const variable& found = *std::prev(after);
    const std::uint64_t offset = address - found.begin;
    if (offset >= found.size) return {};
    return found.name + table_->inside_type(found.type, offset, 0);
}

}  // namespace interlock::symbols
