// Field numbers are those of perfetto/protos/perfetto/trace (trace_packet, track_event, track_descriptor, interned_data); the wire
// format is that of protobuf.dev/programming-guides/encoding.
#include "analysis/report/perfetto.hpp"

#include "analysis/report/escape.hpp"

namespace interlock::report {

namespace {

namespace trace_packet {
constexpr std::uint32_t timestamp = 8, sequence_id = 10, track_event = 11, interned_data = 12, sequence_flags = 13,
                        track_descriptor = 60;
constexpr std::uint32_t state_cleared = 1, needs_state = 2;  // values of sequence_flags
}  // namespace trace_packet
namespace track_descriptor {
constexpr std::uint32_t uuid = 1, name = 2, process = 3, thread = 4, parent_uuid = 5;
}
namespace track_event {
constexpr std::uint32_t debug_annotations = 4, type = 9, name_iid = 10, track_uuid = 11, categories = 22, flow_ids = 47,
                        terminating_flow_ids = 48;
constexpr std::uint32_t slice_begin = 1, slice_end = 2, instant = 3;  // values of type
}  // namespace track_event

constexpr std::size_t name_max = 400;  // characters
constexpr std::uint32_t trace_packet_field = 1;
constexpr std::uint32_t our_sequence = 1;

// Wire types.
constexpr std::uint32_t varint = 0, fixed_64 = 1, counted = 2;

void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}

void put(std::string& out, std::uint32_t field, std::uint64_t value) {
    put_varint(out, field << 3 | varint);
    put_varint(out, value);
}

void put_fixed(std::string& out, std::uint32_t field, std::uint64_t value) {
    put_varint(out, field << 3 | fixed_64);
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift);
}

/// A string or a message.
void put(std::string& out, std::uint32_t field, std::string_view bytes) {
    put_varint(out, field << 3 | counted);
    put_varint(out, bytes.size());
    out += bytes;
}

std::string shown(std::string_view raw) { return shortened(printable(raw), name_max); }

std::uint64_t number(track_id track) { return static_cast<std::uint64_t>(track); }

}  // namespace

void perfetto_writer::packet(std::string body) {
    put(body, trace_packet::sequence_id, std::uint64_t{our_sequence});
    put(body, trace_packet::sequence_flags,
        std::uint64_t{begun_ ? trace_packet::needs_state : trace_packet::state_cleared});
    begun_ = true;
    std::string out;
    put(out, trace_packet_field, body);
    to_(out);
}

void perfetto_writer::process(track_id track, std::uint64_t pid, std::string_view name) {
    std::string described;
    put(described, 1, pid);
    put(described, 6, shown(name));
    std::string descriptor;
    put(descriptor, track_descriptor::uuid, number(track));
    put(descriptor, track_descriptor::process, described);
    std::string body;
    put(body, trace_packet::track_descriptor, descriptor);
    packet(std::move(body));
}

void perfetto_writer::thread(track_id track, track_id process, std::uint64_t pid, std::uint64_t tid,
                             std::string_view name) {
    std::string described;
    put(described, 1, pid);
    put(described, 2, tid);
    put(described, 5, shown(name));
    std::string descriptor;
    put(descriptor, track_descriptor::uuid, number(track));
    put(descriptor, track_descriptor::parent_uuid, number(process));
    put(descriptor, track_descriptor::thread, described);
    std::string body;
    put(body, trace_packet::track_descriptor, descriptor);
    packet(std::move(body));
}

void perfetto_writer::child(track_id track, track_id parent, std::string_view name) {
    std::string descriptor;
    put(descriptor, track_descriptor::uuid, number(track));
    put(descriptor, track_descriptor::name, shown(name));
    put(descriptor, track_descriptor::parent_uuid, number(parent));
    std::string body;
    put(body, trace_packet::track_descriptor, descriptor);
    packet(std::move(body));
}

std::uint64_t perfetto_writer::name_number(std::string_view name, std::string& definitions) {
    const auto [at, is_new] = names_.try_emplace(shown(name), names_.size() + 1);
    if (is_new) {
        std::string entry;
        put(entry, 1, at->second);
        put(entry, 2, at->first);
        put(definitions, 2, entry);
    }
    return at->second;
}

void perfetto_writer::event(std::uint64_t ns, std::uint32_t type, const trace_slice& what) {
    std::string definitions;
    std::string event;
    put(event, track_event::type, std::uint64_t{type});
    put(event, track_event::track_uuid, number(what.track));
    if (!what.name.empty()) put(event, track_event::name_iid, name_number(what.name, definitions));
    if (!what.category.empty()) put(event, track_event::categories, what.category);
    if (!what.place.empty()) {
        std::string annotation;
        put(annotation, 10, std::string_view("at"));
        put(annotation, 6, shown(what.place));
        put(event, track_event::debug_annotations, annotation);
    }
    if (what.flow_out != 0) put_fixed(event, track_event::flow_ids, what.flow_out);
    if (what.flow_in != 0) put_fixed(event, track_event::terminating_flow_ids, what.flow_in);
    std::string body;
    put(body, trace_packet::timestamp, ns);
    if (!definitions.empty()) put(body, trace_packet::interned_data, definitions);
    put(body, trace_packet::track_event, event);
    packet(std::move(body));
}

void perfetto_writer::begin(std::uint64_t ns, const trace_slice& what) { event(ns, track_event::slice_begin, what); }
void perfetto_writer::instant(std::uint64_t ns, const trace_slice& what) { event(ns, track_event::instant, what); }
void perfetto_writer::end(std::uint64_t ns, track_id track) {
    trace_slice what;
    what.track = track;
    event(ns, track_event::slice_end, what);
}

}  // namespace interlock::report
