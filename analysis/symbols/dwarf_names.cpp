// Demangling and paths.
#include "analysis/symbols/dwarf_names.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>

#include <cxxabi.h>

namespace interlock::symbols {

std::string demangled(const char* symbol) {
    if (symbol == nullptr) return {};
    const std::string_view whole = symbol;
    if (!whole.starts_with("_Z")) return std::string(whole.substr(0, whole.find('@')));  // symbol versions
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(symbol, nullptr, nullptr, &status),
                                                      std::free);
    return status == 0 && text ? std::string(text.get()) : std::string(whole);
}

std::string variable_name(const char* symbol) {
    // GCC's lock of a named critical region of OpenMP.
    constexpr std::string_view critical = ".gomp_critical_user_";
    if (const std::string_view whole = symbol; whole.starts_with(critical))
        return "critical(" + std::string(whole.substr(critical.size())) + ")";
    const std::string full = demangled(symbol);
    constexpr std::string_view anonymous = "(anonymous namespace)::";
    std::string out;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < full.size(); ++i) {
        if (depth == 0 && std::string_view(full).substr(i).starts_with(anonymous)) {
            i += anonymous.size() - 1;
            continue;
        }
        if (full[i] == '(') ++depth;
        if (depth == 0 && std::string_view(full).substr(i).starts_with(" const::"))
            i += std::string_view(" const").size();
        if (depth == 0) out += full[i];
        if (full[i] == ')' && depth > 0) --depth;
    }
    return out;
}

std::string tidy_path(std::string_view path) { return std::filesystem::path(path).lexically_normal().string(); }

}  // namespace interlock::symbols
