#include "analysis/trace/definitions.hpp"

#include <algorithm>

namespace interlock::trace {
namespace {

using format::event_kind;
using format::number;

constexpr std::uint32_t address_bits = 48;

template <typename Value>
const Value& entry_or_empty(const id_table<Value>& table, std::uint32_t id) noexcept {
    static const Value empty{};
    const Value* const found = table.find(id);
    return found == nullptr ? empty : *found;
}

}  // namespace

trace::site definitions::site(format::site_id id) const noexcept { return entry_or_empty(sites_, number(id)); }

call_stack definitions::stack(format::stack_id id) const noexcept {
    const stack_place place = entry_or_empty(stacks_, number(id));
    return {{frames_.data() + place.begin, place.count}, place.epoch};
}

std::string_view definitions::string(format::string_id id) const noexcept {
    const string_place place = entry_or_empty(strings_, number(id));
    return {characters_.data() + place.begin, place.count};
}

const trace::object& definitions::object(format::object_id id) const noexcept {
    return entry_or_empty(objects_, number(id));
}

const trace::agent& definitions::agent(format::agent_id id) const noexcept {
    return entry_or_empty(agents_, number(id));
}

const held_step& definitions::held(format::agent_id agent, format::held_set_id id) const noexcept {
    static const held_step empty{};
    const std::uint32_t* const index = agent_numbers_.find(number(agent));
    if (index == nullptr || *index == 0) return empty;
    return entry_or_empty(held_[*index - 1], number(id));
}

void definitions::held_path(format::agent_id agent, format::held_set_id id, std::vector<held_step>& path) const {
    path.clear();
    // A step is entered only after its parent, so `depth` falls with each step out.
    while (id != format::held_set_id::none) {
        const held_step& step = held(agent, id);
        if (step.depth == 0) break;
        path.push_back(step);
        id = step.parent;
    }
    std::reverse(path.begin(), path.end());
}

std::optional<code_location> definitions::locate(std::uint64_t address, std::uint32_t epoch) const noexcept {
    for (const trace::module& candidate : modules_) {
        if (address < candidate.where.begin || address >= candidate.where.end) continue;
        if (epoch < candidate.loaded || epoch >= candidate.gone) continue;
        return code_location{&candidate, address - candidate.where.bias};
    }
    return std::nullopt;
}

std::vector<format::agent_id> definitions::agents() const {
    std::vector<format::agent_id> ids;
    agents_.for_each([&](std::uint32_t id, const trace::agent& a) {
        if (a.known) ids.push_back(format::agent_id{id});
    });
    return ids;
}

std::vector<format::object_id> definitions::objects() const {
    std::vector<format::object_id> ids;
    objects_.for_each([&](std::uint32_t id, const trace::object& o) {
        if (o.seen) ids.push_back(format::object_id{id});
    });
    return ids;
}

void definitions::raise_limit(std::size_t slots) {
    sites_.raise_limit(slots);
    stacks_.raise_limit(slots);
    strings_.raise_limit(slots);
    objects_.raise_limit(slots);
    agents_.raise_limit(slots);
    agent_numbers_.raise_limit(slots);
}

void definitions::raise_limit(std::uint32_t agent_number, format::agent_id agent, std::size_t agent_slots) {
    if (held_.size() <= agent_number) held_.resize(agent_number + std::size_t{1});
    held_[agent_number].raise_limit(agent_slots);
    agent_numbers_[number(agent)] = agent_number + 1;
    agents_[number(agent)].known = true;
}

bool definitions::read(format::agent_id agent, std::uint32_t agent_number, std::span<const format::slot> at) {
    const format::slot& lead = at.front();
    const event_kind kind = format::kind_of(lead);
    // Only kinds that define or describe; the rest of the vocabulary is the merge's.
    if (kind == event_kind::site) {
        trace::site& place = sites_[number(format::site_of(lead))];
        const std::uint64_t operand = format::operand_of(lead);
        const trace::site told{operand & format::narrow_mask, static_cast<std::uint32_t>(operand >> address_bits)};
        if (place.address != 0) return place == told;  // two agents may both tell of a site that they met at once
        place = told;
        return true;
    }
    if (kind == event_kind::held_set) return read_held_set(agent_number, at);
    if (kind == event_kind::stack) return read_stack(at);
    if (kind == event_kind::string) return read_string(at);
    if (kind == event_kind::module_load || kind == event_kind::module_unload) return read_module(at);
    if (kind == event_kind::blind_spot) return read_blind_spot(agent, lead);
    if (kind == event_kind::exec_failed) {
        withdraw_execution(agent);
        return true;
    }
    if (kind >= event_kind::agent_create && kind <= event_kind::join_timed_out) {
        read_agent_event(agent, lead);
        return true;
    }
    read_object_event(agent, at);
    return true;
}

bool definitions::read_blind_spot(format::agent_id agent, const format::slot& lead) {
    const format::blind_spot what{format::flags_of(lead)};
    if (format::name(what).empty()) return false;
    blind_spots_.push_back({what, format::string_id{format::object_of(lead)}, agent});
    return true;
}

/// What was said before an exec, since nothing can be after it, is true no longer.
void definitions::withdraw_execution(format::agent_id agent) {
    const auto last = std::find_if(blind_spots_.rbegin(), blind_spots_.rend(), [&](const trace::blind_spot& told) {
        return told.teller == agent && told.what == format::blind_spot::unrecorded_program;
    });
    if (last != blind_spots_.rend()) blind_spots_.erase(std::next(last).base());
}

bool definitions::read_stack(std::span<const format::slot> at) {
    const format::slot& lead = at.front();
    stack_place& place = stacks_[format::object_of(lead)];
    if (place.count != 0) return true;  // told twice
    const std::uint32_t count = format::sequence_of(lead) & 0xffff;
    place = {frames_.size(), count, format::sequence_of(lead) >> 16};
    for (std::uint32_t frame = 0; frame < count; ++frame) frames_.push_back(format::decode_frame(at.subspan(1), frame));
    return true;
}

bool definitions::read_string(std::span<const format::slot> at) {
    const format::slot& lead = at.front();
    string_place& place = strings_[format::object_of(lead)];
    if (place.count != 0) return true;  // told twice
    place = {characters_.size(), format::sequence_of(lead)};
    std::size_t left = place.count;
    for (const format::slot& part : at.subspan(1)) {
        const auto bytes = format::decode_string_slot(part);
        const std::size_t count = std::min(left, bytes.size());
        characters_.append(bytes.data(), count);
        left -= count;
    }
    return true;
}

bool definitions::read_module(std::span<const format::slot> at) {
    const format::slot& lead = at.front();
    const format::module_id id{format::object_of(lead)};
    const std::uint32_t epoch = format::sequence_of(lead);
    if (format::kind_of(lead) == event_kind::module_load) {
        trace::module loaded;
        loaded.id = id;
        loaded.where = format::decode_module(at.subspan(1));
        loaded.path = string(loaded.where.path);
        loaded.loaded = epoch;
        if (loaded.where.begin >= loaded.where.end) return false;
        for (const auto& [early, gone] : unloaded_early_)
            if (early == id) loaded.gone = gone;
        modules_.push_back(std::move(loaded));
        return true;
    }
    const auto found = std::find_if(modules_.rbegin(), modules_.rend(), [&](const auto& m) { return m.id == id; });
    // Another thread may have written the load: its records may be read later.
    if (found == modules_.rend())
        unloaded_early_.emplace_back(id, epoch);
    else
        found->gone = epoch;
    return true;
}

bool definitions::read_held_set(std::uint32_t agent_number, std::span<const format::slot> at) {
    const std::uint32_t id = format::object_of(at.front());
    const std::uint32_t parent = format::sequence_of(at.front());
    const format::held_set_payload payload = format::decode_held_set(at[1]);
    id_table<held_step>& table = held_[agent_number];
    if (id == 0 || id == parent) return false;
    const held_step outer = entry_or_empty(table, parent);
    const bool has_outer = parent != 0 && outer.depth != 0;
    held_step& step = table[id];
    if (step.depth != 0 && !(step.cut && has_outer && !outer.cut)) {
        // Told again, so that a chunk stands alone; taken only where it mends a path that was cut.
        return step.object == payload.object;
    }
    step.parent = format::held_set_id{has_outer ? parent : 0};
    step.object = payload.object;
    step.stack = payload.stack;
    step.flags = payload.flags;
    step.approximate = payload.approximate;
    step.cut = outer.cut || (parent != 0 && !has_outer);
    step.depth = outer.depth + 1;
    see(objects_[number(payload.object)]);
    return true;
}

void definitions::read_agent_event(format::agent_id agent, const format::slot& lead) {
    const format::agent_id named{format::object_of(lead)};
    const event_kind kind = format::kind_of(lead);
    if (kind == event_kind::agent_create) {
        trace::agent& born = agents_[number(named)];
        born.known = true;
        born.creator = agent;
        born.created_at = format::stack_id{format::sequence_of(lead)};
        born.created_site = format::site_of(lead);
    } else if (kind == event_kind::agent_start) {
        trace::agent& started = agents_[number(agent)];
        started.started = true;
        started.thread = format::sequence_of(lead);
        started.type = static_cast<format::agent_type>(std::min<std::uint8_t>(format::flags_of(lead), 3));
        if (started.creator == format::agent_id::none) started.creator = named;
    } else if (kind == event_kind::agent_exit) {
        agents_[number(agent)].exited = true;
    } else if (kind == event_kind::agent_join) {
        agents_[number(named)].joined_by = agent;
    } else if (kind == event_kind::agent_detach) {
        agents_[number(named)].detached = true;
    } else if (kind == event_kind::agent_name) {
        agents_[number(named)].name = format::string_id{format::sequence_of(lead)};
    }
}

void definitions::see(trace::object& what) noexcept {
    if (what.seen) return;
    what.seen = true;
    ++objects_seen_;
    locks_seen_ += format::is_lock(what.type);
}

void definitions::read_object_event(format::agent_id agent, std::span<const format::slot> at) {
    const format::slot& lead = at.front();
    const event_kind kind = format::kind_of(lead);
    trace::object& known = objects_[format::object_of(lead)];
    see(known);
    if (kind == event_kind::lock_init) {
        const format::object_payload payload = format::decode_object(at[1]);
        const format::object_type type{format::flags_of(lead)};
        known.defined = true;
        locks_seen_ -= format::is_lock(known.type);
        known.type = format::name(type).empty() ? format::object_type::unknown : type;
        locks_seen_ += format::is_lock(known.type);
        known.address = payload.address;
        known.created_at = payload.created_at;
        known.created_site = format::site_of(lead);
        known.created_by = agent;
        if (payload.name != format::string_id::none) known.name = payload.name;
    } else if (kind == event_kind::lock_destroy) {
        known.destroyed = true;
    } else if (kind == event_kind::lock_name) {
        known.name = format::string_id{format::sequence_of(lead)};
    } else if (kind == event_kind::lock_class) {
        known.lock_class = format::string_id{format::sequence_of(lead)};
    } else if (kind == event_kind::lock_rank) {
        known.ranked = true;
        known.rank = format::sequence_of(lead);
        known.subclass = format::flags_of(lead);
    }
}

}  // namespace interlock::trace
