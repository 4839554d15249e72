// What agents hold and wait for.
#include <algorithm>

#include "tests/support/trace_interpreter.hpp"

namespace interlock::testing {

using format::event_kind;
using format::held_set_id;
using format::number;
using format::object_id;
using format::object_type;
using format::slot;
namespace flag = format::lock_flags;

held_set_id trace_interpreter::held_set(actor& who) {
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

void trace_interpreter::depend(actor& who, object_id object, std::uint8_t flags, const std::string& site) {
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
            format::dependency_payload{format::dependency_id{id}, stack_of(who, site), builder_.next_dependency()})};
        record(who, event_kind::dependency, flags, site, number(object), number(path), more);
        who.dependencies[key] = {id, segment};
    } else if (found->second.segment != segment) {
        record(who, event_kind::dependency_again, 0, site, found->second.id, builder_.next_dependency());
        found->second.segment = segment;
    }
}

void trace_interpreter::request(actor& who, object_id object, std::uint8_t flags, const std::string& site,
                                event_kind operation) {
    builder_.want(who.id, number(object), flags, operation, address_of(site.substr(0, site.find('<'))));
    depend(who, object, flags, site);
}

void trace_interpreter::acquire(actor& who, object_id object, std::uint8_t flags, const std::string& site) {
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
        note_bare(who, object, flags, site);
        who.holds.push_back({object, flags, 1, stack_of(who, site), site_of(who, site)});
        again = &who.holds.back();
    }
    builder_.hold(who.id, object, again->flags, again->depth, address_of(site.substr(0, site.find('<'))));
    if (options_.level == format::log_level::full)
        record(who, event_kind::acquire, flags, site, number(object), numbered(object));
}

/// Level order says it of each lock once a segment.
void trace_interpreter::note_bare(actor& who, object_id object, std::uint8_t flags, const std::string& site) {
    if (options_.level == format::log_level::full || !who.holds.empty()) return;
    const std::uint32_t segment = builder_.segment(who.id);
    const auto [said, fresh] = who.bare.try_emplace({number(object), flags}, segment);
    if (!fresh && said->second == segment) return;
    said->second = segment;
    record(who, event_kind::acquire_bare, flags, site, number(object), 0);
}

void trace_interpreter::release(actor& who, object_id object, std::uint8_t flags, const std::string& site) {
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

/// Whether the request is for a shared hold of what is held shared.
bool trace_interpreter::reads_again(const actor& who, object_id object, std::uint8_t flags) {
    return std::any_of(who.holds.begin(), who.holds.end(),
                       [&](const hold& h) { return h.object == object && (h.flags & flags & flag::shared) != 0; });
}

bool trace_interpreter::run_lock(actor& who, const statement& s) {
    const bool known = s.verb == "lock" || s.verb == "unlock" || s.verb == "try" || s.verb == "request" ||
                       s.verb == "request_free" || s.verb == "timed_out";
    if (!known) return false;
    if (s.words.empty()) refuse("which lock", s.verb);
    const object_id object = object_of(who, s.words[0], object_type::mutex);
    std::uint8_t flags = s.flags;
    if (s.verb == "unlock") {
        release(who, object, flags, s.site);
        return true;
    }
    if (s.verb == "try") flags |= flag::attempt;
    if (s.verb == "request" || s.verb == "request_free") {
        if (s.verb == "request") flags |= flag::contended;
        std::uint8_t said = flags;
        if (reads_again(who, object, flags)) {
            said |= flag::reentrant;
            // Only where readers queue may it have to wait.
            const auto declared = declared_.find(s.words[0]);
            if (declared == declared_.end() || declared->second == object_type::shared_mutex) flags = said;
        }
        request(who, object, flags, s.site, event_kind::request);
        const bool after_try = who.failed_try == object;
        record(who, event_kind::request, said, s.site, number(object), after_try ? number(stack_of(who, s.site)) : 0);
        who.failed_try = object_id::none;
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

bool trace_interpreter::run_condition(actor& who, const statement& s) {
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

/// A semaphore's permit and an initialiser that runs are held like a lock.
void trace_interpreter::hold_or_release(actor& who, object_id object, event_kind kind, std::uint8_t flags,
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
        if (kind == event_kind::semaphore_acquire) note_bare(who, object, flags, site);
        who.holds.push_back({object, flags, 1, stack_of(who, site), site_of(who, site)});
        builder_.hold(who.id, object, flags, 1, address_of(site.substr(0, site.find('<'))));
    }
    if (releases && std::erase_if(who.holds, [&](const hold& h) { return h.object == object; }) != 0)
        builder_.end_hold(who.id, object);
}

}  // namespace interlock::testing
