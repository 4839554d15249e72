// A file that cannot be used gives its name and an offset from where it begins.
#include "analysis/snapshot/places.hpp"

namespace interlock::snapshot {

symbols::module_ref places::reference(const module& one) {
    const auto [at, is_new] = references_.try_emplace(&one, symbols::module_ref::none);
    if (is_new) at->second = symbols_.module(one.path, one.build_id);
    return at->second;
}

symbols::code_address places::locate(std::uint64_t address, bool is_return_address) {
    const module* found = files_.at(address);
    if (found == nullptr) return {symbols::module_ref::none, address, is_return_address};
    return {reference(*found), address - (found->is_usable ? found->bias : found->begin), is_return_address};
}

const std::vector<symbols::frame>& places::of(const frame& where) {
    return symbols_.frames(locate(where.address, where.is_return_address));
}

std::vector<symbols::frame> places::of(std::span<const frame> stack) {
    std::vector<symbols::frame> out;
    for (const frame& one : stack) {
        const std::vector<symbols::frame>& more = of(one);
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
}

std::vector<symbols::local_guard> places::guards(const frame& where) {
    return symbols_.guards(locate(where.address, where.is_return_address));
}

std::string places::function_at(std::uint64_t address) {
    const module* found = files_.at(address);
    return found == nullptr || !found->is_usable ? std::string()
                                                 : symbols_.frames(locate(address, false)).back().function;
}

std::string places::data_name(std::uint64_t address) {
    const module* found = files_.at(address);
    return found == nullptr || !found->is_usable ? std::string()
                                                 : symbols_.data_name(reference(*found), address - found->bias);
}

}  // namespace interlock::snapshot
