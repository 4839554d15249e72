// Modules by path and build-id, and a memory of every address that was asked for.
#include "analysis/symbols/symboliser.hpp"

#include <map>
#include <unordered_map>
#include <utility>

#include "analysis/symbols/debug_module.hpp"

namespace interlock::symbols {
namespace {

struct known_module {
    std::string path;
    std::vector<std::uint8_t> build_id;
    std::unique_ptr<debug_module> open;                                  // at the first question
    std::unordered_map<std::uint64_t, std::vector<frame>> frames;        // by looked-up address
    std::unordered_map<std::uint64_t, std::vector<frame>> frames_after;  // by return address
    std::unordered_map<std::uint64_t, std::string> data;
};

}  // namespace

struct symboliser::state {
    std::vector<std::unique_ptr<known_module>> modules;  // module_ref n is element n
    std::map<std::pair<std::string, std::vector<std::uint8_t>>, module_ref> refs;

    /// Opens the module of `ref` if it is not yet open. `none` and strangers are the nameless module 0, which is never opened.
    known_module& get(module_ref ref) {
        const auto at = static_cast<std::size_t>(ref);
        known_module& found = *modules[at < modules.size() ? at : 0];
        if (!found.open && !found.path.empty()) found.open = std::make_unique<debug_module>(found.path, found.build_id);
        return found;
    }
};

symboliser::symboliser() : state_(std::make_unique<state>()) {
    state_->modules.push_back(std::make_unique<known_module>());
}
symboliser::~symboliser() = default;

module_ref symboliser::module(std::string_view path, std::span<const std::uint8_t> build_id) {
    std::pair key(std::string(path), std::vector(build_id.begin(), build_id.end()));
    const auto fresh = static_cast<module_ref>(state_->modules.size());
    const auto [at, is_new] = state_->refs.try_emplace(std::move(key), fresh);
    if (is_new) {
        auto added = std::make_unique<known_module>();
        added->path = at->first.first;
        added->build_id = at->first.second;
        state_->modules.push_back(std::move(added));
    }
    return at->second;
}

const std::vector<frame>& symboliser::frames(code_address where) {
    known_module& module = state_->get(where.module);
    auto& remembered = where.is_return_address ? module.frames_after : module.frames;
    const auto [at, is_new] = remembered.try_emplace(where.offset);
    if (!is_new) return at->second;
    const std::uint64_t pc = where.is_return_address && where.offset > 0 ? where.offset - 1 : where.offset;
    if (module.open) at->second = module.open->frames_at(pc);
    if (at->second.empty()) at->second.emplace_back();
    for (frame& one : at->second) {
        one.module = module.path;
        one.offset = where.offset;
    }
    return at->second;
}

std::vector<frame> symboliser::expand(std::span<const code_address> addresses) {
    std::vector<frame> out;
    for (const code_address& where : addresses) {
        const std::vector<frame>& more = frames(where);
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
}

std::vector<local_guard> symboliser::guards(code_address where) {
    known_module& module = state_->get(where.module);
    const std::uint64_t pc = where.is_return_address && where.offset > 0 ? where.offset - 1 : where.offset;
    return module.open ? module.open->guards_at(pc) : std::vector<local_guard>();
}

std::string symboliser::compiler(code_address where) {
    known_module& module = state_->get(where.module);
    const std::uint64_t pc = where.is_return_address && where.offset > 0 ? where.offset - 1 : where.offset;
    return module.open ? module.open->compiler_at(pc) : std::string();
}

std::string symboliser::data_name(module_ref ref, std::uint64_t offset) {
    known_module& module = state_->get(ref);
    const auto [at, is_new] = module.data.try_emplace(offset);
    if (is_new && module.open) at->second = module.open->data_name(offset);
    return at->second;
}

std::vector<std::string> symboliser::problems() const {
    std::vector<std::string> out;
    for (const auto& module : state_->modules)
        if (module->open && !module->open->problem().empty())
            out.push_back(module->path + ": no symbols: " + module->open->problem());
    return out;
}

}  // namespace interlock::symbols
