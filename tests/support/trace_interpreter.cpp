// Agents, places, names, misuse, and the log itself.
#include "tests/support/trace_interpreter.hpp"

#include <sstream>

namespace interlock::testing {

using format::agent_id;
using format::event_kind;
using format::held_set_id;
using format::number;
using format::object_id;
using format::object_type;
using format::site_id;
using format::slot;
using format::stack_id;
namespace flag = format::lock_flags;

namespace {

constexpr std::uint64_t module_begin = 0x40'0000;

}  // namespace

actor& trace_interpreter::actor_of(const std::string& name) {
    auto [found, fresh] = actors_.try_emplace(name);
    if (fresh) {
        const bool first = actors_.size() == 1;
        found->second.id = builder_.make_agent(first ? format::agent_type::main_thread : format::agent_type::thread);
        made_.agents[name] = found->second.id;
    }
    return found->second;
}

actor& trace_interpreter::started(const std::string& name) {
    actor& who = actor_of(name);
    if (who.started) return who;
    who.started = true;
    const format::state_page& page = builder_.state(who.id);
    builder_.record(who.id, event_kind::agent_start, static_cast<std::uint8_t>(page.type), site_id::none,
                    number(page.creator), page.thread);
    if (number(who.id) == 1) {
        format::module_payload where;
        where.begin = where.bias = module_begin;
        where.end = module_begin + 0x10'0000;
        where.path = text_of(who, "/usr/bin/program");
        builder_.define_module(who.id, where);
    }
    builder_.record(who.id, event_kind::agent_name, 0, site_id::none, number(who.id), number(text_of(who, name)));
    name.copy(builder_.state(who.id).name, 15);
    return who;
}

format::string_id trace_interpreter::text_of(actor& who, const std::string& text) {
    return builder_.define_string(who.id, text);
}

std::uint64_t trace_interpreter::address_of(const std::string& name) {
    return made_.addresses.try_emplace(name, module_begin + 0x1000 + 16 * made_.addresses.size()).first->second;
}

site_id trace_interpreter::site_of(actor& who, const std::string& chain) {
    const std::string name = chain.substr(0, chain.find('<'));
    const auto found = made_.sites.find(name);
    if (found != made_.sites.end()) return found->second;
    return made_.sites[name] = builder_.define_site(who.id, address_of(name));
}

stack_id trace_interpreter::stack_of(actor& who, const std::string& chain) {
    const auto found = stacks_.find(chain);
    if (found != stacks_.end()) return found->second;
    std::vector<std::uint64_t> frames;
    std::istringstream names(chain);
    for (std::string name; std::getline(names, name, '<');) frames.push_back(address_of(name));
    return stacks_[chain] = builder_.define_stack(who.id, frames);
}

object_id trace_interpreter::object_of(actor& who, const std::string& name, object_type type) {
    const auto found = made_.objects.find(name);
    if (found != made_.objects.end()) return found->second;
    const auto declared = declared_.find(name);
    const object_id id = builder_.make_object();
    made_.objects[name] = id;
    format::object_payload payload;
    payload.address = 0x7000'0000 + 64 * number(id);
    payload.name = text_of(who, name);
    const slot more[] = {format::encode(payload)};
    builder_.record(who.id, event_kind::lock_init,
                    static_cast<std::uint8_t>(declared == declared_.end() ? type : declared->second), site_id::none,
                    number(id), 0, more);
    return id;
}

void trace_interpreter::record(actor& who, event_kind kind, std::uint8_t flags, const std::string& site,
                               std::uint32_t object, std::uint32_t sequence, std::span<const slot> more) {
    builder_.record(who.id, kind, flags, site_of(who, site), object, sequence, more);
}

bool trace_interpreter::run_agent(actor& who, const statement& s) {
    if (s.verb == "exit") {
        for (const hold& h : who.holds)
            record(who, event_kind::held_at_exit, h.flags, s.site, number(h.object), number(h.stack));
        record(who, event_kind::agent_exit, 0, s.site, 0, 0);
        builder_.state(who.id).state = format::agent_state::exited;
        return true;
    }
    const auto verb = agent_verbs().find(s.verb);
    if (verb == agent_verbs().end()) return false;
    if (s.words.empty()) refuse("which agent", s.verb);
    const agent_id self = who.id;
    const agent_id other = actor_of(s.words[0]).id;
    actor& again = actor_of(s.words[0]);
    std::uint32_t sequence = 0;
    if (verb->second == event_kind::agent_create) {
        sequence = number(stack_of(who, s.site));
        builder_.state(other).creator = self;
        builder_.state(other).creation_stack = stack_id{sequence};
        again.created = true;
    }
    if (verb->second == event_kind::join_request && !who.holds.empty()) {
        const held_set_id path = held_set(who);
        const slot more[] = {format::encode(
            format::dependency_payload{format::dependency_id{0}, stack_of(who, s.site), builder_.next_dependency()})};
        record(who, event_kind::join_dependency, s.flags, s.site, number(other), number(path), more);
    }
    if (verb->second == event_kind::join_request)
        builder_.want(self, number(other), s.flags, event_kind::join_request, address_of(s.site));
    if (verb->second == event_kind::agent_join) builder_.end_want(self);
    record(who, verb->second, s.flags, s.site, number(other), sequence);
    return true;
}

bool trace_interpreter::run_misuse(actor& who, const statement& s) {
    const object_type type = object_type::mutex;
    if (s.words.empty()) return false;
    if (s.verb == "init") {
        made_.objects.erase(s.words[0]);  // a new life, a new id
        object_of(who, s.words[0], type);
    } else if (s.verb == "destroy") {
        record(who, event_kind::lock_destroy, 0, s.site, number(object_of(who, s.words[0], type)), 0);
    } else if (s.verb == "destroy_while_held" || s.verb == "reinit_while_held" || s.verb == "unlock_foreign") {
        const object_id object = object_of(who, s.words[0], type);
        actor* holder = nullptr;
        for (auto& [name, other] : actors_)
            for (const hold& h : other.holds)
                if (h.object == object) holder = &other;
        const event_kind kind = s.verb == "destroy_while_held"  ? event_kind::destroy_while_held
                                : s.verb == "reinit_while_held" ? event_kind::reinit_while_held
                                                                : event_kind::release_by_non_holder;
        const slot more[] = {format::encode(format::access_payload{0, 0, stack_of(who, s.site)})};
        record(who, kind, s.flags, s.site, number(object), holder == nullptr ? 0 : number(holder->id),
               std::span(more, format::continuation_slots(kind, 0)));
        if (kind == event_kind::release_by_non_holder && (s.flags & flag::succeeded) != 0 && holder != nullptr) {
            std::erase_if(holder->holds, [&](const hold& h) { return h.object == object; });
            builder_.end_hold(holder->id, object);
        }
    } else if (s.verb == "refused") {
        record(who, event_kind::refused, s.flags, s.site, number(object_of(who, s.words[0], type)),
               s.words.size() > 1 ? error_named(s.words[1]) : 0);
    } else {
        return false;
    }
    return true;
}

bool trace_interpreter::run_name(actor& who, const statement& s) {
    if (s.verb == "thread_name" && !s.words.empty()) {
        record(who, event_kind::agent_name, 0, s.site, number(who.id), number(text_of(who, s.words[0])));
        return true;
    }
    if (s.words.size() < 2) return false;
    const auto object = [&](object_type type) { return number(object_of(who, s.words[0], type)); };
    if (s.verb == "name")
        record(who, event_kind::lock_name, 0, s.site, object(object_type::mutex), number(text_of(who, s.words[1])));
    else if (s.verb == "class")
        record(who, event_kind::lock_class, 0, s.site, object(object_type::mutex), number(text_of(who, s.words[1])));
    else if (s.verb == "rank")
        record(who, event_kind::lock_rank, 0, s.site, object(object_type::mutex), count_in(s, 1));
    else if (s.verb == "sem_init")
        record(who, event_kind::semaphore_value, 0, s.site, object(object_type::semaphore), count_in(s, 1));
    else if (s.verb == "parties")
        record(who, event_kind::barrier_register, 0, s.site, object(object_type::barrier), count_in(s, 1));
    else
        return false;
    return true;
}

bool trace_interpreter::run_log(actor& who, const statement& s) {
    if (s.verb == "seal")
        builder_.seal(who.id);
    else if (s.verb == "hole")
        builder_.leave_hole(who.id);
    else if (s.verb == "test" && s.words.size() == 2) {
        const auto [name, fresh] = tests_.try_emplace(s.words[1]);
        if (fresh) name->second = text_of(who, s.words[1]);
        record(who, event_kind::test_begin, 0, s.site, count_in(s, 0), number(name->second));
    } else if (s.verb == "no_test")
        record(who, event_kind::test_end, 0, s.site, count_in(s, 0), 0);
    else if (s.verb == "lose")
        builder_.record(who.id, event_kind::loss, static_cast<std::uint8_t>(format::loss_reason::nested_signal),
                        site_id::none, 0, count_in(s, 0));
    else
        return false;
    return true;
}

}  // namespace interlock::testing
