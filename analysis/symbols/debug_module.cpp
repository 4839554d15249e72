// elfutils' libdwfl over one file: which file serves, and what stands at an address of it.
#include "analysis/symbols/debug_module.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/symbols/dwarf_names.hpp"
#include "analysis/symbols/local_guards.hpp"
#include "analysis/symbols/units.hpp"
#include "analysis/symbols/variables.hpp"

namespace interlock::symbols {
namespace {

using scopes_ptr = std::unique_ptr<Dwarf_Die, void (*)(void*)>;

/// The scopes that contain `die`, itself first. The count is 0 where they cannot be told.
std::pair<scopes_ptr, int> scopes_of(Dwarf_Die* die) {
    Dwarf_Die* scopes = nullptr;
    const int count = dwarf_getscopes_die(die, &scopes);
    return {scopes_ptr(scopes, std::free), std::max(count, 0)};
}

const char* linkage_name(Dwarf_Die* die) {
    Dwarf_Attribute attribute;
    if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) != nullptr ||
        dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute) != nullptr)
        return dwarf_formstring(&attribute);
    return nullptr;
}

/// Follows an inlined or out-of-line body to the declaration that has the name and stands in the right scope.
Dwarf_Die declaration_of(Dwarf_Die die) {
    for (int step = 0; step < 8; ++step) {
        Dwarf_Attribute attribute;
        Dwarf_Die next;
        if (dwarf_attr(&die, DW_AT_abstract_origin, &attribute) == nullptr &&
            dwarf_attr(&die, DW_AT_specification, &attribute) == nullptr)
            break;
        if (dwarf_formref_die(&attribute, &next) == nullptr) break;
        die = next;
    }
    return die;
}

/// A function without a linkage name: its own name behind those of the scopes around its declaration. What lies in a function's body stands
/// behind that function's whole name, whose class is told by its declaration.
// NOLINTNEXTLINE(misc-no-recursion): once for each function around
std::string qualified_name(Dwarf_Die* die) {
    Dwarf_Die declaration = declaration_of(*die);
    const char* own = dwarf_diename(&declaration);
    if (own == nullptr) return {};
    std::string name = own;
    const auto [scopes, count] = scopes_of(&declaration);
    for (const Dwarf_Die& scope : std::span(scopes.get(), static_cast<std::size_t>(count)).subspan(count > 0 ? 1 : 0)) {
        Dwarf_Die outer = scope;
        const int tag = dwarf_tag(&outer);
        if (tag != DW_TAG_namespace && tag != DW_TAG_class_type && tag != DW_TAG_structure_type &&
            tag != DW_TAG_union_type && tag != DW_TAG_subprogram)
            continue;
        if (tag == DW_TAG_subprogram) {
            std::string around = qualified_name(&outer);
            if (!around.empty()) around += "::";
            return around += name;
        }
        if (const char* text = dwarf_diename(&outer))
            name.insert(0, std::string(text).append("::"));
        else if (name.starts_with("operator()"))  // GCC gives the class of a lambda no name
            name.insert(0, "{lambda}::");
    }
    return name;
}

std::string function_name(Dwarf_Die* die) {
    if (const char* mangled = linkage_name(die)) return demangled(mangled);
    return qualified_name(die);
}

struct place {
    std::string file;
    std::uint32_t line = 0;
};

/// A file of the line table, absolute where the unit says where it was compiled.
std::string absolute(std::string_view file, Dwarf_Die* unit) {
    std::string path(file);
    Dwarf_Attribute attribute;
    const char* folder = unit == nullptr || path.starts_with('/')
                             ? nullptr
                             : dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    if (folder != nullptr) path = std::string(folder) + '/' + path;
    return tidy_path(path);
}

/// Where an inlined function was called.
place call_place(Dwarf_Die* inlined, Dwarf_Die* unit) {
    place out;
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &value) == 0)
        out.line = static_cast<std::uint32_t>(value);
    Dwarf_Files* files = nullptr;
    std::size_t count = 0;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &value) == 0 &&
        dwarf_getsrcfiles(unit, &files, &count) == 0 && value < count)
        if (const char* file = dwarf_filesrc(files, value, nullptr, nullptr)) out.file = absolute(file, unit);
    return out;
}

/// `address`: as the debug information counts.
place line_place(Dwarf_Die* unit, Dwarf_Addr address) {
    place out;
    Dwarf_Line* found = dwarf_getsrc_die(unit, address);
    int line = 0;
    const char* file = found == nullptr ? nullptr : dwarf_linesrc(found, nullptr, nullptr);
    if (file == nullptr || dwarf_lineno(found, &line) != 0 || line <= 0) return out;
    out.line = static_cast<std::uint32_t>(line);
    out.file = absolute(file, unit);
    return out;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t byte : bytes) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

/// Opens a regular file for reading, -1 for anything else: a path in a log may name a pipe or a device.
int open_regular(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status {};
    if (fd < 0 || (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode))) return fd;
    ::close(fd);
    errno = EINVAL;
    return -1;
}

/// Where the debug file for a build-id stands on this system.
std::string debug_file_of(std::span<const std::uint8_t> build_id) {
    const std::string digits = hex(build_id);
    if (digits.size() < 4) return {};
    return "/usr/lib/debug/.build-id/" + digits.substr(0, 2) + '/' + digits.substr(2) + ".debug";
}

}  // namespace

struct debug_module::elf {
    elf() = default;
    ~elf() {
        names.reset();
        close();
    }
    elf(const elf&) = delete;
    elf& operator=(const elf&) = delete;

    void close() {
        if (dwfl != nullptr) dwfl_end(dwfl);
        dwfl = nullptr;
        module = nullptr;
    }

    /// Reports the file so that addresses in it are addresses here (base 0). Returns why not, or nothing.
    std::optional<std::string> open(const std::string& path, std::span<const std::uint8_t> wanted_id) {
        close();
        const int fd = open_regular(path);
        if (fd < 0) return errno == EINVAL ? "not a regular file" : std::strerror(errno);
        dwfl = dwfl_begin(&callbacks);
        if (dwfl != nullptr) module = dwfl_report_elf(dwfl, path.c_str(), path.c_str(), fd, 0, true);
        if (module == nullptr) {
            ::close(fd);
            return dwfl_errmsg(-1);
        }
        dwfl_report_end(dwfl, nullptr, nullptr);
        compiled = std::make_unique<units>(module);
        const unsigned char* bits = nullptr;
        GElf_Addr address = 0;
        const int size = dwfl_module_build_id(module, &bits, &address);
        // What the log has of a build-id is cut to the bytes that it has room for.
        const std::span id(bits, static_cast<std::size_t>(std::max(size, 0)));
        if (!wanted_id.empty() &&
            (id.size() < wanted_id.size() || !std::ranges::equal(id.first(wanted_id.size()), wanted_id))) {
            close();
            return "the file was changed since (another build-id)";
        }
        return std::nullopt;
    }

    static constexpr Dwfl_Callbacks callbacks = {dwfl_build_id_find_elf, dwfl_standard_find_debuginfo,
                                                 dwfl_offline_section_address, nullptr};
    Dwfl* dwfl = nullptr;
    Dwfl_Module* module = nullptr;
    std::unique_ptr<units> compiled;
    std::unique_ptr<variables> names;  // at the first question for data
};

debug_module::debug_module(std::string path, std::vector<std::uint8_t> build_id)
    : path_(std::move(path)), elf_(std::make_unique<elf>()) {
    if (!path_.starts_with('/')) {
        problem_ = "no file";  // [vdso] and the like
        return;
    }
    const std::optional<std::string> reason = elf_->open(path_, build_id);
    if (!reason) return;
    problem_ = *reason;
    const std::string elsewhere = debug_file_of(build_id);
    if (!elsewhere.empty() && !elf_->open(elsewhere, build_id)) problem_.clear();
}

debug_module::~debug_module() = default;

std::vector<frame> debug_module::frames_at(std::uint64_t pc) {
    std::vector<frame> out;
    place outside;  // code of no known function
    Dwfl_Module* module = elf_->module;
    if (module == nullptr) return out;
    Dwarf_Addr bias = 0;
    Dwarf* const information = dwfl_module_getdwarf(module, &bias);
    const std::optional<code_place> found = information == nullptr ? std::nullopt : elf_->compiled->at(pc);
    Dwarf_Die unit;
    if (found && dwarf_offdie(information, found->unit, &unit) != nullptr) {
        place where = line_place(&unit, found->address);
        for (const std::uint64_t offset : found->functions) {
            Dwarf_Die function;
            if (dwarf_offdie(information, offset, &function) == nullptr) break;
            const bool inlined = dwarf_tag(&function) == DW_TAG_inlined_subroutine;
            out.push_back(
                {function_name(&function), std::move(where.file), where.line, {}, 0, inlined, inlined ? offset : 0});
            if (inlined) where = call_place(&function, &unit);
        }
        if (out.empty()) outside = std::move(where);
    }
    GElf_Sym symbol;
    GElf_Off offset = 0;
    const char* name = dwfl_module_addrinfo(module, pc, &offset, &symbol, nullptr, nullptr, nullptr);
    if (name == nullptr) return out;
    if (out.empty()) out.push_back({demangled(name), std::move(outside.file), outside.line, {}, 0, false});
    // GCC gives no linkage name to what is internal to a unit; the symbol table does. Only the outermost frame has a symbol.
    // It also tells a function's lambdas apart, which are all alike in GCC's debug information.
    const std::string& known = out.back().function;
    const bool is_whole = known.ends_with(')') && !known.ends_with("operator()");
    if (std::string_view(name).starts_with("_Z") && !is_whole) out.back().function = demangled(name);
    return out;
}

std::vector<local_guard> debug_module::guards_at(std::uint64_t pc) {
    std::vector<local_guard> out;
    Dwarf_Addr bias = 0;
    Dwarf* const information = elf_->module == nullptr ? nullptr : dwfl_module_getdwarf(elf_->module, &bias);
    const std::optional<code_place> found = information == nullptr ? std::nullopt : elf_->compiled->at(pc);
    Dwarf_Die outermost;
    if (!found || found->functions.empty() || dwarf_offdie(information, found->functions.back(), &outermost) == nullptr)
        return out;
    for (std::size_t depth = 0; depth < found->functions.size(); ++depth) {
        Dwarf_Die function;
        if (dwarf_offdie(information, found->functions[depth], &function) == nullptr) break;
        for (local_guard one : local_guards(&function, &outermost, found->address)) {
            one.depth = depth;
            out.push_back(one);
        }
    }
    return out;
}

std::string debug_module::compiler_at(std::uint64_t pc) {
    if (elf_->module == nullptr) return {};
    Dwarf_Addr bias = 0;
    Dwarf* const information = dwfl_module_getdwarf(elf_->module, &bias);
    const std::optional<code_place> found = information == nullptr ? std::nullopt : elf_->compiled->at(pc);
    Dwarf_Die unit;
    if (!found || dwarf_offdie(information, found->unit, &unit) == nullptr) return {};
    Dwarf_Attribute attribute;
    const char* const name = dwarf_formstring(dwarf_attr(&unit, DW_AT_producer, &attribute));
    return name == nullptr ? "" : name;
}

std::string debug_module::data_name(std::uint64_t address) {
    if (elf_->module == nullptr) return {};
    if (!elf_->names) elf_->names = std::make_unique<variables>(elf_->module);
    if (std::string found = elf_->names->name_at(address); !found.empty()) return found;
    GElf_Sym symbol;
    GElf_Off offset = 0;
    const char* name = dwfl_module_addrinfo(elf_->module, address, &offset, &symbol, nullptr, nullptr, nullptr);
    if (name == nullptr || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT ||
        offset >= std::max<GElf_Xword>(symbol.st_size, 1))
        return {};
    std::string out = variable_name(name);
    return offset == 0 ? out : out + '+' + std::to_string(offset);
}

}  // namespace interlock::symbols
