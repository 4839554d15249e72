#include "tests/support/trace_text.hpp"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>
#include <vector>

#include "tests/support/trace_verbs.hpp"

namespace interlock::testing {
namespace {

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

constexpr std::uint64_t module_begin = 0x40'0000;

struct hold {
    object_id object{};
    std::uint8_t flags = 0;
    std::uint16_t depth = 1;
    stack_id stack{};
    site_id site{};
};

/// What the recorder keeps of an agent.
struct actor {
    agent_id id{};
    bool started = false;
    bool created = false;
    bool requested = false;  // a request stands before the next acquire
    std::string requested_site;
    std::vector<hold> holds;
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint8_t, std::uint32_t>, held_set_id> held_sets;
    struct seen {
        std::uint32_t id;
        std::uint32_t segment;
    };
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint8_t, std::uint32_t>, seen> dependencies;
};

struct statement {
    std::string verb;
    std::vector<std::string> words;  // object first
    std::string site;
    std::uint8_t flags = 0;
};

[[noreturn]] void refuse(std::string_view what, std::string_view where) {
    std::fprintf(stderr, "trace_text: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(where.size()), where.data());
    std::abort();
}

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

std::uint32_t count_in(const statement& s, std::size_t at) {
    return at < s.words.size() ? static_cast<std::uint32_t>(std::strtoul(s.words[at].c_str(), nullptr, 0)) : 0;
}

class interpreter {
public:
    explicit interpreter(const log_builder_options& options) : options_(options), builder_(options) {}

    void line(std::string_view text);
    text_log finish();

private:
    actor& actor_of(const std::string& name);
    actor& started(const std::string& name);
    object_id object_of(actor& who, const std::string& name, object_type type);
    site_id site_of(actor& who, const std::string& name);
    stack_id stack_of(actor& who, const std::string& name);
    std::uint64_t address_of(const std::string& name);
    format::string_id text_of(actor& who, const std::string& text);
    statement parse(const std::string& who, const std::string& text);

    void run(const std::string& who, const statement& s);
    bool run_lock(actor& who, const statement& s);
    bool run_condition(actor& who, const statement& s);
    bool run_agent(actor& who, const statement& s);
    bool run_misuse(actor& who, const statement& s);
    bool run_name(actor& who, const statement& s);
    bool run_log(actor& who, const statement& s);

    void acquire(actor& who, object_id object, std::uint8_t flags, const std::string& site);
    void release(actor& who, object_id object, std::uint8_t flags, const std::string& site);
    void request(actor& who, object_id object, std::uint8_t flags, const std::string& site, event_kind operation);
    void depend(actor& who, object_id object, std::uint8_t flags, const std::string& site);
    void hold_or_release(actor& who, object_id object, event_kind kind, std::uint8_t flags, const std::string& site);
    held_set_id held_set(actor& who);
    void record(actor& who, event_kind kind, std::uint8_t flags, const std::string& site, std::uint32_t object,
                std::uint32_t sequence, std::span<const slot> more = {});
    std::uint32_t numbered(object_id object) {
        return options_.level == format::log_level::full ? builder_.next_number(object) : 0;
    }

    log_builder_options options_;
    log_builder builder_;
    text_log made_;
    std::map<std::string, actor, std::less<>> actors_;
    std::map<std::string, object_type, std::less<>> declared_;
    std::map<std::string, stack_id, std::less<>> stacks_;
};

void interpreter::line(std::string_view text) {
    const std::string whole = trimmed(text.substr(0, text.find('#')));
    if (whole.empty()) return;
    const auto colon = whole.find(':');
    if (colon == std::string::npos) {
        std::istringstream words(whole);
        std::string word;
        words >> word;
        const auto type = type_named(word);
        if (!type) refuse("no such type", whole);
        while (words >> word) declared_[word] = *type;
        return;
    }
    const std::string who = trimmed(std::string_view(whole).substr(0, colon));
    std::istringstream parts(whole.substr(colon + 1));
    for (std::string part; std::getline(parts, part, ';');)
        if (!trimmed(part).empty()) run(who, parse(who, trimmed(part)));
}

statement interpreter::parse(const std::string& who, const std::string& text) {
    static const std::map<std::string, std::uint8_t, std::less<>> flag_words{
        {"shared", flag::shared},      {"timed", flag::timed},         {"try", flag::attempt},
        {"grouped", flag::grouped},    {"contended", flag::contended}, {"in_signal", flag::in_signal},
        {"succeeded", flag::succeeded}};
    statement s;
    std::istringstream words(text);
    words >> s.verb;
    for (std::string word; words >> word;) {
        const auto found = flag_words.find(word);
        if (word.front() == '@')
            s.site = word.substr(1);
        else if (found != flag_words.end())
            s.flags |= found->second;
        else
            s.words.push_back(word);
    }
    if (s.site.empty()) s.site = who + " " + s.verb + (s.words.empty() ? "" : " " + s.words.front());
    return s;
}

actor& interpreter::actor_of(const std::string& name) {
    auto [found, fresh] = actors_.try_emplace(name);
    if (fresh) {
        const bool first = actors_.size() == 1;
        found->second.id = builder_.make_agent(first ? format::agent_type::main_thread : format::agent_type::thread);
        made_.agents[name] = found->second.id;
    }
    return found->second;
}

actor& interpreter::started(const std::string& name) {
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

format::string_id interpreter::text_of(actor& who, const std::string& text) {
    return builder_.define_string(who.id, text);
}

std::uint64_t interpreter::address_of(const std::string& name) {
    return made_.addresses.try_emplace(name, module_begin + 0x1000 + 16 * made_.addresses.size()).first->second;
}

site_id interpreter::site_of(actor& who, const std::string& chain) {
    const std::string name = chain.substr(0, chain.find('<'));
    const auto found = made_.sites.find(name);
    if (found != made_.sites.end()) return found->second;
    return made_.sites[name] = builder_.define_site(who.id, address_of(name));
}

stack_id interpreter::stack_of(actor& who, const std::string& chain) {
    const auto found = stacks_.find(chain);
    if (found != stacks_.end()) return found->second;
    std::vector<std::uint64_t> frames;
    std::istringstream names(chain);
    for (std::string name; std::getline(names, name, '<');) frames.push_back(address_of(name));
    return stacks_[chain] = builder_.define_stack(who.id, frames);
}

object_id interpreter::object_of(actor& who, const std::string& name, object_type type) {
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

void interpreter::record(actor& who, event_kind kind, std::uint8_t flags, const std::string& site, std::uint32_t object,
                         std::uint32_t sequence, std::span<const slot> more) {
    builder_.record(who.id, kind, flags, site_of(who, site), object, sequence, more);
}

held_set_id interpreter::held_set(actor& who) {
    held_set_id path{};
    for (const hold& h : who.holds) {
        const auto key = std::tuple(number(path), number(h.object), h.flags, number(h.stack));
        const auto found = who.held_sets.find(key);
        if (found != who.held_sets.end()) {
            path = found->second;
            continue;
        }
        path = builder_.define_held_set(who.id, path, {h.object, h.flags, h.stack, false});
        who.held_sets[key] = path;
    }
    return path;
}

void interpreter::depend(actor& who, object_id object, std::uint8_t flags, const std::string& site) {
    if (who.holds.empty()) return;
    for (const hold& h : who.holds)
        if (h.object == object) return;  // it has it already: no order follows
    const held_set_id path = held_set(who);
    const auto key = std::tuple(number(path), number(object), flags, number(site_of(who, site)));
    const std::uint32_t segment = builder_.segment(who.id);
    const auto found = who.dependencies.find(key);
    if (found == who.dependencies.end()) {
        const auto id = static_cast<std::uint32_t>(who.dependencies.size() + 1);
        const slot more[] = {format::encode(
            format::dependency_payload{format::dependency_id{id}, stack_of(who, site), who.holds.size()})};
        record(who, event_kind::dependency, flags, site, number(object), number(path), more);
        who.dependencies[key] = {id, segment};
    } else if (found->second.segment != segment) {
        record(who, event_kind::dependency_again, 0, site, found->second.id, 0);
        found->second.segment = segment;
    }
}

void interpreter::request(actor& who, object_id object, std::uint8_t flags, const std::string& site,
                          event_kind operation) {
    builder_.want(who.id, number(object), flags, operation, address_of(site.substr(0, site.find('<'))));
    depend(who, object, flags, site);
}

void interpreter::acquire(actor& who, object_id object, std::uint8_t flags, const std::string& site) {
    hold* again = nullptr;
    for (hold& h : who.holds)
        if (h.object == object) again = &h;
    if (!who.requested && again == nullptr) depend(who, object, flags, site);
    who.requested = false;
    builder_.end_want(who.id);
    if (again != nullptr) {
        ++again->depth;
        flags |= flag::reentrant;
    } else {
        who.holds.push_back({object, flags, 1, stack_of(who, site), site_of(who, site)});
        again = &who.holds.back();
    }
    builder_.hold(who.id, object, again->flags, again->depth, address_of(site.substr(0, site.find('<'))));
    if (options_.level == format::log_level::full)
        record(who, event_kind::acquire, flags, site, number(object), numbered(object));
}

void interpreter::release(actor& who, object_id object, std::uint8_t flags, const std::string& site) {
    for (std::size_t i = who.holds.size(); i-- > 0;) {
        hold& h = who.holds[i];
        if (h.object != object) continue;
        flags |= h.flags & flag::shared;
        if (--h.depth != 0) {
            flags |= flag::reentrant;
            builder_.hold(who.id, object, h.flags, h.depth, 0);
        } else {
            builder_.end_hold(who.id, object);
            who.holds.erase(who.holds.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (options_.level == format::log_level::full)
            record(who, event_kind::release, flags, site, number(object), numbered(object));
        return;
    }
    const slot more[] = {format::encode(format::access_payload{0, 0, stack_of(who, site)})};
    record(who, event_kind::release_by_non_holder, flags, site, number(object), 0, more);
}

bool interpreter::run_lock(actor& who, const statement& s) {
    const bool known =
        s.verb == "lock" || s.verb == "unlock" || s.verb == "try" || s.verb == "request" || s.verb == "timed_out";
    if (!known) return false;
    if (s.words.empty()) refuse("which lock", s.verb);
    const object_id object = object_of(who, s.words[0], object_type::mutex);
    std::uint8_t flags = s.flags;
    if (s.verb == "unlock") {
        release(who, object, flags, s.site);
        return true;
    }
    if (s.verb == "try") flags |= flag::attempt;
    if (s.verb == "request") {
        flags |= flag::contended;
        request(who, object, flags, s.site, event_kind::request);
        record(who, event_kind::request, flags, s.site, number(object), 0);
        who.requested = true;
    } else if (s.verb == "timed_out") {
        flags |= flag::timed;
        if (!who.requested) depend(who, object, flags, s.site);
        who.requested = false;
        builder_.end_want(who.id);
        if (options_.level == format::log_level::full)
            record(who, event_kind::timed_out, flags, s.site, number(object), 0);
    } else {
        acquire(who, object, flags, s.site);
    }
    return true;
}

bool interpreter::run_condition(actor& who, const statement& s) {
    const bool known = s.verb == "wait" || s.verb == "wake" || s.verb == "wait_timed_out" || s.verb == "request_wake";
    if (!known) return false;
    if (s.words.size() < 2) refuse("which condition and mutex", s.verb);
    const object_id condition = object_of(who, s.words[0], object_type::condition);
    const object_id mutex = object_of(who, s.words[1], object_type::mutex);
    if (s.verb == "wait") {
        const slot more[] = {format::encode(format::wait_payload{mutex, s.flags})};
        record(who, event_kind::condition_wait, s.flags, s.site, number(condition), builder_.next_number(condition),
               more);
        release(who, mutex, flag::by_condition, s.site);
        builder_.want(who.id, number(condition), s.flags, event_kind::condition_wait, address_of(s.site));
        return true;
    }
    builder_.end_want(who.id);
    if (!who.requested)
        record(who, s.verb == "wait_timed_out" ? event_kind::condition_timed_out : event_kind::condition_wake, s.flags,
               s.site, number(condition), builder_.next_number(condition));
    if (s.verb == "request_wake") {
        request(who, mutex, flag::by_condition | flag::contended, s.site, event_kind::request);
        record(who, event_kind::request, flag::by_condition | flag::contended, s.site, number(mutex), 0);
        who.requested = true;
        return true;
    }
    acquire(who, mutex, flag::by_condition, s.site);
    return true;
}

bool interpreter::run_agent(actor& who, const statement& s) {
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
            format::dependency_payload{format::dependency_id{0}, stack_of(who, s.site), who.holds.size()})};
        record(who, event_kind::join_dependency, s.flags, s.site, number(other), number(path), more);
    }
    if (verb->second == event_kind::join_request)
        builder_.want(self, number(other), s.flags, event_kind::join_request, address_of(s.site));
    if (verb->second == event_kind::agent_join) builder_.end_want(self);
    record(who, verb->second, s.flags, s.site, number(other), sequence);
    return true;
}

bool interpreter::run_misuse(actor& who, const statement& s) {
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

bool interpreter::run_name(actor& who, const statement& s) {
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

bool interpreter::run_log(actor& who, const statement& s) {
    if (s.verb == "seal")
        builder_.seal(who.id);
    else if (s.verb == "hole")
        builder_.leave_hole(who.id);
    else if (s.verb == "lose")
        builder_.record(who.id, event_kind::loss, static_cast<std::uint8_t>(format::loss_reason::nested_signal),
                        site_id::none, 0, count_in(s, 0));
    else
        return false;
    return true;
}

void interpreter::run(const std::string& name, const statement& s) {
    actor& who = started(name);
    if (run_lock(who, s) || run_condition(who, s) || run_agent(who, s) || run_misuse(who, s) || run_name(who, s) ||
        run_log(who, s))
        return;
    const auto with_number = number_verbs().find(s.verb);
    if (with_number != number_verbs().end()) {
        record(who, with_number->second, s.verb == "block", s.site, 0, count_in(s, 0));
        return;
    }
    const auto plain = plain_verbs().find(s.verb);
    if (plain == plain_verbs().end() || s.words.empty()) refuse("no such operation", s.verb);
    const event_kind kind = plain->second.kind;
    const object_id object = object_of(who, s.words[0], plain->second.type);
    // Waiting kinds leave a want in the state page until the agent's next operation on the object.
    const bool waits = kind == event_kind::semaphore_request || kind == event_kind::latch_wait ||
                       kind == event_kind::once_wait || kind == event_kind::event_wait ||
                       kind == event_kind::future_wait || kind == event_kind::barrier_arrive;
    const std::uint8_t flags =
        kind == event_kind::try_failed ? static_cast<std::uint8_t>(s.flags | flag::attempt) : s.flags;
    hold_or_release(who, object, kind, flags, s.site);
    if (waits)
        builder_.want(who.id, number(object), flags, kind, address_of(s.site.substr(0, s.site.find('<'))));
    else
        builder_.end_want(who.id);
    record(who, kind, flags, s.site, number(object), format::is_numbered(kind) ? builder_.next_number(object) : 0);
}

/// A semaphore's permit and an initialiser that runs are held like a lock.
void interpreter::hold_or_release(actor& who, object_id object, event_kind kind, std::uint8_t flags,
                                  const std::string& site) {
    const bool requests = kind == event_kind::semaphore_request || kind == event_kind::once_wait;
    const bool acquires = kind == event_kind::semaphore_acquire || kind == event_kind::once_begin;
    const bool releases =
        kind == event_kind::semaphore_post || kind == event_kind::once_done || kind == event_kind::once_abort;
    if (requests || (acquires && !who.requested)) depend(who, object, flags, site);
    if (requests) who.requested = true;
    if (kind == event_kind::once_pass) who.requested = false;
    if (acquires) {
        who.requested = false;
        who.holds.push_back({object, flags, 1, stack_of(who, site), site_of(who, site)});
        builder_.hold(who.id, object, flags, 1, address_of(site.substr(0, site.find('<'))));
    }
    if (releases && std::erase_if(who.holds, [&](const hold& h) { return h.object == object; }) != 0)
        builder_.end_hold(who.id, object);
}

text_log interpreter::finish() {
    made_.image = builder_.image();
    return std::move(made_);
}

}  // namespace

text_log make_log(std::string_view text, const log_builder_options& options) {
    interpreter reader(options);
    while (!text.empty()) {
        const auto end = text.find('\n');
        reader.line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return reader.finish();
}

}  // namespace interlock::testing
