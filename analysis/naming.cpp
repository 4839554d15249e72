// Each address is looked up in the modules of its own load epoch, once.
#include "analysis/naming.hpp"

#include <algorithm>
#include <array>

#include "analysis/findings/fingerprint.hpp"
#include "analysis/findings/function_name.hpp"
#include "analysis/findings/mention.hpp"
#include "analysis/findings/user_frames.hpp"
#include "analysis/frames_left.hpp"

namespace interlock::analysis {

namespace {

constexpr std::uint64_t termination_bit = std::uint64_t{1} << 32;
constexpr std::size_t births_max = 8;

findings::frame frame_of(const symbols::frame& f) {
    return {f.function, f.file, f.line, f.module, f.offset, f.inlined};
}

std::string base_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace

std::string function_of(const findings::frame& one) { return base_name(one.module) + ' ' + one.function; }

std::uint64_t lock_id_of(graph::resource what) noexcept { return what.id | (what.termination ? termination_bit : 0); }

symbols::code_address naming::locate(std::uint64_t address, std::uint32_t epoch) {
    const auto [it, fresh] = located_.try_emplace({address, epoch});
    if (!fresh) return it->second;
    const auto where = log_.names().locate(address, epoch);
    if (!where || where->module == nullptr) {
        it->second = {symbols::module_ref::none, address, true};
        return it->second;
    }
    const trace::module& m = *where->module;
    const auto [known, unknown] = modules_.try_emplace(number(m.id));
    if (unknown) {
        known->second = symbols_.module(m.path, std::span{m.where.build_id}.first(std::min<std::size_t>(
                                                    m.where.build_id_size, m.where.build_id.size())));
    }
    it->second = {known->second, where->offset, true};
    return it->second;
}

std::vector<symbols::frame> naming::frames_of(format::stack_id stack, format::site_id site) {
    std::vector<symbols::code_address> addresses;
    const trace::call_stack taken = log_.names().stack(stack);
    for (const std::uint64_t address : taken.frames) addresses.push_back(locate(address, taken.epoch));
    if (addresses.empty()) {
        const trace::site one = log_.names().site(site);
        if (one.address == 0) return {};
        addresses.push_back(locate(one.address, one.epoch));
    }
    return symbols_.expand(addresses);
}

std::vector<std::string> naming::left_since(format::stack_id then, format::stack_id now) {
    std::vector<std::string> left;
    for (const symbols::frame& f : frames_left(frames_of(then, {}), frames_of(now, {})))
        if (const findings::frame one = frame_of(f); !findings::is_library_frame(one)) left.push_back(function_of(one));
    return left;
}

findings::stack naming::stack(format::stack_id stack, format::site_id site) {
    const bool keep = stack != format::stack_id::none;
    if (const auto it = stacks_.find(number(stack)); keep && it != stacks_.end()) return it->second;
    findings::stack made;
    for (const symbols::frame& f : frames_of(stack, site)) made.push_back(frame_of(f));
    made = findings::user_frames(std::move(made));
    if (keep) stacks_.emplace(number(stack), made);
    return made;
}

findings::stack naming::stack(std::span<const std::uint64_t> trail) {
    std::uint32_t epoch = 0;
    for (const trace::module& m : log_.names().modules())
        epoch = std::max({epoch, m.loaded, m.gone == UINT32_MAX ? 0 : m.gone});
    std::vector<symbols::code_address> addresses;
    for (const std::uint64_t address : trail) addresses.push_back(locate(address, epoch));
    findings::stack made;
    for (const symbols::frame& f : symbols_.expand(addresses)) made.push_back(frame_of(f));
    return findings::user_frames(std::move(made));
}

std::string naming::data_name(const trace::object& object) {
    if (object.address == 0) return {};
    // A static lock lies in a module that was there when the lock was first met.
    const std::uint32_t epoch = log_.names().site(object.created_site).epoch;
    const auto where = log_.names().locate(object.address, epoch);
    if (!where || where->module == nullptr) return {};
    return symbols_.data_name(locate(object.address, epoch).module, where->offset);
}

std::string naming::global(std::uint64_t address, format::stack_id stack) {
    const std::uint32_t epoch = log_.names().stack(stack).epoch;
    const auto where = log_.names().locate(address, epoch);
    if (!where || where->module == nullptr) return {};
    return symbols_.data_name(locate(address, epoch).module, where->offset);
}

std::string naming::compiler(format::stack_id stack) {
    const trace::call_stack taken = log_.names().stack(stack);
    return taken.frames.empty() ? std::string() : symbols_.compiler(locate(taken.frames.front(), taken.epoch));
}

findings::lock naming::lock(graph::resource what) {
    findings::lock made;
    made.id = lock_id_of(what);
    made.log = log_index_;
    if (what.termination) {
        const findings::thread ended = thread(format::agent_id{what.id});
        made.type = findings::thread_end_type;
        made.name = "the end of " + (ended.name.empty() ? findings::mention_thread(ended.id) : ended.name);
        made.created_at = ended.created_at;
        return made;
    }
    const trace::object& object = log_.names().object(format::object_id{what.id});
    made.type = format::name(object.type);
    made.name = log_.names().string(object.name);
    made.named_by_user = !made.name.empty();
    if (made.name.empty()) made.name = data_name(object);
    made.lock_class = log_.names().string(object.lock_class);
    made.address = object.address;
    made.created_at = stack(object.created_at, object.created_site);
    return made;
}

findings::lock_kind naming::kind_of(graph::resource what) {
    if (what.termination) return {};
    const trace::object& object = log_.names().object(format::object_id{what.id});
    const std::string subclass =
        object.ranked && object.subclass != 0 ? '/' + std::to_string(object.subclass) : std::string();
    if (const std::string_view given = log_.names().string(object.lock_class); !given.empty()) {
        const std::string word = std::string(given) + subclass;
        return {"class " + word, word, std::string(given), false, {}};
    }
    const std::string users(log_.names().string(object.name));
    if (const std::string variable = data_name(object); !variable.empty()) {
        const std::uint32_t epoch = log_.names().site(object.created_site).epoch;
        const auto where = log_.names().locate(object.address, epoch);
        const std::string module = where && where->module != nullptr ? base_name(where->module->path) : std::string();
        const std::string word = findings::without_indices(variable);
        const std::string exact = findings::without_elements(variable);
        // Variables of one name that are internal to several units are told apart by where they lie.
        const bool single = exact == variable;
        const std::string at = single && where ? '@' + std::to_string(where->offset) : std::string();
        return {"variable " + module + ' ' + exact + at, word, users.empty() ? word : users, single, {}};
    }
    const std::string type(format::name(object.type));
    const findings::stack created = stack(object.created_at, object.created_site);
    // Inside the library that it is made of every lock is first seen: that tells nothing.
    if (created.empty() || findings::is_library_frame(created.front())) return {{}, type, users, false, {}};
    findings::lock_kind made{{}, type, users, false, {}};
    for (const findings::frame& f : created) {
        if (findings::is_library_frame(f)) continue;
        std::string key = function_of(f) + ' ';
        key += f.line != 0 ? base_name(f.file) + ':' + std::to_string(f.line) : std::to_string(f.offset);
        made.births.push_back({function_of(f), std::move(key), findings::place_word({f})});
        if (made.births.size() == births_max) break;
    }
    return made;
}

findings::thread naming::thread(format::agent_id agent) {
    const trace::agent& a = log_.names().agent(agent);
    findings::thread made;
    made.id = thread_id_of(agent);
    made.log = log_index_;
    made.task = a.thread;
    made.name = log_.names().string(a.name);
    if (made.name.empty() && a.type == format::agent_type::main_thread) made.name = "main";
    made.created_at = stack(a.created_at, a.created_site);
    return made;
}

bool naming::defines_lock(graph::resource what) const {
    if (what.termination || what.id == 0) return true;
    const trace::object& object = log_.names().object(format::object_id{what.id});
    return object.defined && !log_.names().string(object.lock_class).empty();
}

bool naming::defines_place(format::stack_id stack, format::site_id site) {
    if (stack != format::stack_id::none && log_.names().stack(stack).frames.empty()) return false;
    if (site != format::site_id::none && log_.names().site(site).address == 0) return false;
    const std::vector<symbols::frame> frames = frames_of(stack, site);
    return std::none_of(frames.begin(), frames.end(), [](const symbols::frame& f) { return f.module.empty(); });
}

bool naming::defines(const detectors::draft& d) {
    return defines_lock(d.lock) && defines_place(d.stack, d.site) &&
           std::all_of(d.sides.begin(), d.sides.end(), [&](const detectors::side& s) {
               return defines_lock(s.held) && defines_lock(s.wanted) && defines_place(s.held_stack, s.held_site) &&
                      defines_place(s.wanted_stack, s.wanted_site);
           });
}

bool naming::is_group_acquisition(format::stack_id stack) {
    const auto [it, fresh] = groups_.try_emplace(number(stack), false);
    if (!fresh) return it->second;
    static constexpr std::array<std::string_view, 3> names = {"std::lock", "std::scoped_lock::scoped_lock",
                                                              "std::__detail::__lock_impl"};
    static constexpr std::string_view libcxx = "std::__1::";
    for (const symbols::frame& f : frames_of(stack, {})) {
        std::string function = findings::plain_function(f.function);
        if (function.starts_with(libcxx)) function.replace(0, libcxx.size(), "std::");
        if (std::find(names.begin(), names.end(), function) != names.end()) {
            it->second = true;
            break;
        }
        if (!findings::is_library_frame(frame_of(f))) break;
    }
    return it->second;
}

}  // namespace interlock::analysis
