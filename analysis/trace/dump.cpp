#include "analysis/trace/dump.hpp"

#include <array>
#include <charconv>

#include "instrument/format/vocabulary.hpp"

namespace interlock::trace {
namespace {

using format::event_kind;
using format::number;
namespace flag = format::lock_flags;

/// What the fields of a kind's lead slot are, for printing.
enum class field : std::uint8_t { nothing, agent, object, text, count, error, held_set, raw };

struct kind_fields {
    field object = field::nothing;
    field sequence = field::nothing;
    bool lock_flags = false;
};

using fields_table = std::array<kind_fields, 256>;

void set(fields_table& table, std::initializer_list<event_kind> kinds, kind_fields fields) {
    for (const event_kind kind : kinds) table[static_cast<std::uint8_t>(kind)] = fields;
}

const fields_table& fields_of_kinds() {
    static const fields_table made = [] {
        fields_table table{};
        for (const event_kind kind : format::numbered_kinds)
            table[static_cast<std::uint8_t>(kind)] = {field::object, field::nothing, false};
        set(table,
            {event_kind::agent_create, event_kind::agent_create_failed, event_kind::join_request,
             event_kind::agent_join, event_kind::agent_detach, event_kind::agent_switch, event_kind::join_timed_out,
             event_kind::task_start, event_kind::task_suspend, event_kind::task_resume, event_kind::task_finish,
             event_kind::task_wait, event_kind::task_submit},
            {field::agent, field::nothing, false});
        set(table, {event_kind::agent_start}, {field::agent, field::nothing, false});
        set(table, {event_kind::agent_name}, {field::agent, field::text, false});
        set(table, {event_kind::join_dependency}, {field::agent, field::held_set, false});
        set(table, {event_kind::held}, {field::object, field::count, true});
        set(table,
            {event_kind::lock_init, event_kind::lock_destroy, event_kind::once_begin, event_kind::once_wait,
             event_kind::once_abort, event_kind::event_wait, event_kind::future_wait, event_kind::latch_wait,
             event_kind::queue_wait, event_kind::semaphore_try_failed, event_kind::semaphore_timed_out,
             event_kind::region_begin, event_kind::region_end, event_kind::owner_died},
            {field::object, field::nothing, false});
        set(table,
            {event_kind::request, event_kind::acquire, event_kind::release, event_kind::try_failed,
             event_kind::timed_out, event_kind::held_at_exit, event_kind::upgrade_request, event_kind::acquire_bare,
             event_kind::acquire_stack, event_kind::held_open, event_kind::semaphore_request},
            {field::object, field::nothing, true});
        set(table, {event_kind::refused}, {field::object, field::error, true});
        set(table, {event_kind::release_by_non_holder, event_kind::destroy_while_held, event_kind::reinit_while_held},
            {field::object, field::agent, false});
        set(table, {event_kind::overrun}, {field::object, field::count, false});
        set(table, {event_kind::spurious_wake}, {field::object, field::nothing, false});
        set(table, {event_kind::dependency}, {field::object, field::held_set, true});
        set(table, {event_kind::dependency_again}, {field::raw, field::nothing, false});
        set(table,
            {event_kind::semaphore_value, event_kind::barrier_register, event_kind::pool_size, event_kind::lock_rank},
            {field::object, field::count, false});
        set(table, {event_kind::lock_name, event_kind::lock_class}, {field::object, field::text, false});
        set(table, {event_kind::alarm_order}, {field::object, field::nothing, false});
        set(table, {event_kind::signal_exit, event_kind::exec_failed, event_kind::loss},
            {field::nothing, field::count, false});
        set(table, {event_kind::signal_enter, event_kind::signal_open}, {field::raw, field::count, false});
        set(table, {event_kind::exec, event_kind::spawn}, {field::nothing, field::text, false});
        set(table, {event_kind::test_begin}, {field::raw, field::text, false});
        set(table, {event_kind::test_end}, {field::raw, field::nothing, false});
        return table;
    }();
    return made;
}

void append_number(std::string& line, std::uint64_t value, int base = 10) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
    if (base == 16) line += "0x";
    line.append(digits, end);
}

/// Names come from the program: whatever is no printable ASCII is shown as \xNN, so that a terminal is safe from it.
void append_name(std::string& line, std::string_view name) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '\\') {
            line += c;
            continue;
        }
        line += "\\x";
        line += digits[byte >> 4];
        line += digits[byte & 15];
    }
}

void append_agent(const definitions& names, format::agent_id id, std::string& line) {
    const std::string_view name = names.name(id);
    append_name(line, name);
    line += name.empty() ? "T" : "#";
    append_number(line, number(id));
}

void append_object(const definitions& names, format::object_id id, bool addresses, std::string& line) {
    const object& what = names.object(id);
    const std::string_view name = names.string(what.name);
    append_name(line, name);
    if (name.empty()) line += format::name(what.type);
    line += '#';
    append_number(line, number(id));
    if (addresses && what.address != 0) {
        line += '=';
        append_number(line, what.address, 16);
    }
}

void append_flags(std::uint8_t flags, bool by_condition, std::string& line) {
    line += (flags & flag::shared) != 0 ? " shared" : " exclusive";
    if ((flags & flag::timed) != 0) line += " timed";
    if ((flags & flag::attempt) != 0) line += " try";
    if ((flags & flag::reentrant) != 0) line += " reentrant";
    if ((flags & flag::in_signal) != 0) line += " in-signal";
    if ((flags & flag::grouped) != 0) line += " grouped";
    if ((flags & flag::by_condition) != 0) line += by_condition ? " by-condition" : " succeeded";
}

void append_site(const definitions& names, format::site_id id, bool addresses, std::string& line) {
    const site place = names.site(id);
    if (place.address == 0) return;
    line += " @ ";
    const auto where = names.locate(place.address, place.epoch);
    if (!where || addresses) append_number(line, place.address, 16);
    if (!where) return;
    if (addresses) line += ' ';
    const std::string_view path = where->module->path;
    append_name(line, path.substr(path.rfind('/') + 1));
    line += '+';
    append_number(line, where->offset, 16);
}

/// One field: `value` as what it is.
void append_field(const trace& log, const event& what, field is, std::uint32_t value, const dump_options& options,
                  std::string& line) {
    const definitions& names = log.names();
    switch (is) {
        case field::nothing: return;
        case field::agent:
            if (value == 0) return;
            line += ' ';
            append_agent(names, format::agent_id{value}, line);
            return;
        case field::object:
            line += ' ';
            append_object(names, format::object_id{value}, options.addresses, line);
            return;
        case field::text:
            line += " \"";
            append_name(line, names.string(format::string_id{value}));
            line += '"';
            return;
        case field::error: line += " error"; [[fallthrough]];
        case field::count:
        case field::raw:
            line += ' ';
            append_number(line, value);
            return;
        case field::held_set: {
            line += " holding";
            std::vector<held_step> path;
            names.held_path(what.agent, format::held_set_id{value}, path);
            if (!path.empty() && path.front().cut) line += " ...";
            for (const held_step& step : path) {
                line += ' ';
                append_object(names, step.object, options.addresses, line);
                if ((step.flags & flag::shared) != 0) line += "(shared)";
            }
            return;
        }
    }
}

/// Seconds since the log's begin, to the nanosecond; where nothing tells how fast the counter goes, its ticks.
void append_time(const trace& log, std::uint64_t ticks, std::string& line) {
    const std::uint64_t begin = log.file().header().start_ticks;
    const std::uint64_t since = ticks >= begin ? ticks - begin : 0;
    if (log.time().ticks_per_second() == 0) return append_number(line, since);
    constexpr std::uint64_t second = 1'000'000'000;
    const auto ns = static_cast<std::uint64_t>(log.time().ns_of(since));
    append_number(line, ns / second);
    line += '.';
    const std::string rest = std::to_string(ns % second);
    line.append(9 - rest.size(), '0') += rest;
}

}  // namespace

void describe_event(const trace& log, const event& what, const dump_options& options, std::string& line) {
    line.clear();
    const kind_fields fields = fields_of_kinds()[static_cast<std::uint8_t>(what.kind)];
    if (options.times) {
        append_time(log, what.ticks, line);
        line += ' ';
    }
    append_agent(log.names(), what.agent, line);
    line += ' ';
    line += format::name(what.kind);
    append_field(log, what, fields.object, what.object, options, line);
    append_field(log, what, fields.sequence, what.sequence, options, line);
    if (options.sequences && format::is_numbered(what.kind) && what.sequence != 0) {
        line += " n=";
        append_number(line, what.sequence);
    }
    if (fields.lock_flags) append_flags(what.flags, true, line);
    if (what.kind == event_kind::lock_init) {
        line += ' ';
        line += format::name(format::object_type{what.flags});
    }
    if (what.kind == event_kind::condition_wait && !what.more.empty()) {
        line += " releasing ";
        append_object(log.names(), format::decode_wait(what.more[0]).mutex, options.addresses, line);
    }
    if (what.kind == event_kind::release_by_non_holder && (what.flags & flag::succeeded) != 0) line += " succeeded";
    append_site(log.names(), what.site, options.addresses, line);
}

std::string describe_loss(const trace& log, const loss& what) {
    std::string line = "# offset ";
    append_number(line, what.offset, 16);
    line += ": ";
    line += describe(what.kind);
    if (what.agent != format::agent_id::none) {
        line += ", of ";
        append_agent(log.names(), what.agent, line);
    }
    if (what.object != format::object_id::none) {
        line += ", on ";
        append_object(log.names(), what.object, false, line);
    }
    if (what.count != 1) {
        line += ", ";
        append_number(line, what.count);
    }
    return line;
}

std::optional<problem> dump(trace& log, const dump_options& options,
                            const std::function<void(std::string_view)>& sink) {
    std::string line;
    const auto print = [&](std::span<const event> batch) {
        for (const event& what : batch) {
            describe_event(log, what, options, line);
            sink(line);
        }
    };
    if (auto gone = log.feed(print, expectation::nothing_more)) return gone;
    for (const loss& what : log.losses()) sink(describe_loss(log, what));
    if (log.contradiction()) {
        line = "# offset ";
        append_number(line, log.contradiction()->offset, 16);
        line += ": the log contradicts itself: " + log.contradiction()->reason;
        sink(line);
    }
    return std::nullopt;
}

}  // namespace interlock::trace
