#include "tests/support/log_builder.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <fstream>

#include "instrument/format/crc32c.hpp"

namespace interlock::testing {

using format::event_kind;
using format::number;
using format::slot;

bool log_image::save(const std::string& path) const {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(words.size() * 8));
    return out.flush().good();
}

log_builder::log_builder(const log_builder_options& options) : options_(options), ticks_(options.start_ticks) {
    words_.resize(format::page_size / 8);
    auto& header = at<format::file_header>(0);
    header.magic = format::file_magic;
    header.version = format::file_version;
    header.header_size = format::page_size;
    header.capacity = std::uint64_t{1} << 30;
    header.pid = 4711;
    header.parent_pid = 1;
    header.start_realtime_ns = 1'700'000'000'000'000'000;
    header.start_ticks = options.start_ticks;
    header.start_monotonic_ns = options.start_ticks;  // a tick is a nanosecond
    header.tick_shift = options.tick_shift;
    header.level = options.level;
    header.machine = 1;
    constexpr std::string_view program = "/usr/bin/program";
    header.program_size = program.size();
    program.copy(header.program, program.size());
    header.command_size = static_cast<std::uint32_t>(program.size());
    program.copy(header.command, program.size());
    header.header_crc = format::crc32c(&header, offsetof(format::file_header, header_crc));
}

std::uint64_t log_builder::claim(std::uint32_t pages) {
    const std::uint64_t offset = words_.size() * 8;
    words_.resize(words_.size() + pages * format::page_size / 8);
    return offset;
}

format::agent_id log_builder::make_agent(format::agent_type type) {
    writer w;
    w.state = claim(1);
    w.ticks = ticks_;
    writers_.push_back(w);
    const format::agent_id id{static_cast<std::uint32_t>(writers_.size())};
    auto& page = at<format::state_page>(w.state);
    page.magic = format::state_magic;
    page.pages = 1;
    page.agent = id;
    page.thread = 1000 + number(id);
    page.state = format::agent_state::running;
    page.type = type;
    return id;
}

format::state_page& log_builder::state(format::agent_id agent) { return at<format::state_page>(of(agent).state); }

void log_builder::begin_chunk(format::agent_id agent) {
    const std::uint64_t offset = claim(options_.chunk_pages);
    writer& w = of(agent);
    auto& page = at<format::state_page>(w.state);
    auto& header = at<format::chunk_header>(offset);
    header.magic = format::chunk_magic;
    header.version = format::file_version;
    header.pages = options_.chunk_pages;
    header.agent = agent;
    header.index = w.index++;
    header.segment = w.segment;
    header.base_ticks = ticks_;
    header.previous = w.previous;
    header.monotonic_ns = ticks_;
    header.level = options_.level;
    w.chunk = offset;
    w.previous = offset;
    w.used = 0;
    w.ticks = ticks_;
    page.chunk = offset;
    std::uint16_t held = 0;
    const std::size_t count = std::min<std::size_t>(page.held_count, format::state_held_entries);
    for (const format::held_entry& entry : std::span{page.held, count}) {
        if (entry.lead == 0) continue;
        put(w, format::encode(event_kind::held, format::hold_flags(entry.lead), format::site_id::none, 0,
                              number(format::hold_object(entry.lead)), format::hold_depth(entry.lead)));
        ++held;
    }
    auto& again = at<format::chunk_header>(offset);
    again.held_count = held;
    again.header_crc = format::crc32c(&again, offsetof(format::chunk_header, header_crc));
}

void log_builder::seal_chunk(std::byte* chunk, std::uint32_t used) {
    const std::uint64_t size = used * sizeof(slot);
    const std::uint64_t seal = size | std::uint64_t{format::crc32c(chunk + sizeof(format::chunk_header), size)} << 32;
    std::memcpy(chunk + offsetof(format::chunk_header, sealed), &seal, sizeof seal);
}

void log_builder::seal(format::agent_id agent) {
    writer& w = of(agent);
    if (w.chunk == 0) return;
    seal_chunk(reinterpret_cast<std::byte*>(words_.data()) + w.chunk, w.used);
    w.chunk = 0;
}

void log_builder::make_room(format::agent_id agent, std::size_t slots) {
    const std::size_t capacity =
        (options_.chunk_pages * format::page_size - sizeof(format::chunk_header)) / sizeof(slot);
    assert(slots + format::state_held_entries <= capacity);
    if (of(agent).chunk != 0 && of(agent).used + slots > capacity) seal(agent);
    if (of(agent).chunk == 0) begin_chunk(agent);
}

void log_builder::put(writer& w, const slot& s) {
    at<slot>(w.chunk + sizeof(format::chunk_header) + w.used * sizeof(slot)) = s;
    ++w.used;
}

void log_builder::put_slot(format::agent_id agent, const slot& s) {
    make_room(agent, 1);
    put(of(agent), s);
}

void log_builder::leave_hole(format::agent_id agent) {
    make_room(agent, 1);
    ++of(agent).used;
}

std::uint64_t log_builder::gap_to(format::agent_id agent) {
    writer& w = of(agent);
    const std::uint64_t gap = (ticks_ - w.ticks) >> options_.tick_shift;
    if (gap < format::ticks_limit) {
        w.ticks += gap << options_.tick_shift;
        return gap;
    }
    put(w, format::encode_operand(event_kind::time, 0, format::site_id::none, 0, ticks_));
    w.ticks = ticks_;
    return 0;
}

void log_builder::record(format::agent_id agent, event_kind kind, std::uint8_t flags, format::site_id site,
                         std::uint32_t object, std::uint32_t sequence, std::span<const slot> more) {
    assert(more.size() == format::continuation_slots(kind, sequence));
    ticks_ += options_.ticks_per_record;
    make_room(agent, 2 + more.size());
    const std::uint64_t gap = gap_to(agent);
    writer& w = of(agent);
    put(w, format::encode(kind, flags, site, gap, object, sequence));
    for (const slot& part : more) put(w, part);
    if (format::ends_segment(kind)) at<format::state_page>(w.state).segment = ++w.segment;
}

void log_builder::operand_record(format::agent_id agent, event_kind kind, std::uint8_t flags, format::site_id site,
                                 std::uint64_t operand) {
    record(agent, kind, flags, site, static_cast<std::uint32_t>(operand), static_cast<std::uint32_t>(operand >> 32));
}

format::site_id log_builder::define_site(format::agent_id by, std::uint64_t address, std::uint32_t epoch) {
    const format::site_id id{++sites_};
    operand_record(by, event_kind::site, 0, id, address | std::uint64_t{epoch} << 48);
    return id;
}

format::stack_id log_builder::define_stack(format::agent_id by, std::span<const std::uint64_t> frames,
                                           std::uint32_t epoch) {
    const format::stack_id id{++stacks_};
    std::vector<slot> more;
    for (std::size_t i = 0; i < format::stack_slots(frames.size()); ++i)
        more.push_back(format::encode_stack_slot(frames, i));
    record(by, event_kind::stack, 0, format::site_id::none, number(id),
           static_cast<std::uint32_t>(frames.size()) | epoch << 16, more);
    return id;
}

format::string_id log_builder::define_string(format::agent_id by, std::string_view text) {
    const format::string_id id{++strings_};
    std::vector<slot> more;
    for (std::size_t i = 0; i < format::string_slots(text.size()); ++i)
        more.push_back(format::encode_string_slot(text, i));
    record(by, event_kind::string, 0, format::site_id::none, number(id), static_cast<std::uint32_t>(text.size()), more);
    return id;
}

format::module_id log_builder::define_module(format::agent_id by, const format::module_payload& where,
                                             std::uint32_t epoch) {
    const format::module_id id{++modules_};
    record(by, event_kind::module_load, 0, format::site_id::none, number(id), epoch, format::encode(where));
    return id;
}

format::held_set_id log_builder::define_held_set(format::agent_id by, format::held_set_id parent,
                                                 const format::held_set_payload& payload) {
    const format::held_set_id id{++of(by).held_sets};
    const slot more[] = {format::encode(payload)};
    record(by, event_kind::held_set, 0, format::site_id::none, number(id), number(parent), more);
    return id;
}

void log_builder::hold(format::agent_id agent, format::object_id object, std::uint8_t flags, std::uint16_t depth,
                       std::uint64_t site_address) {
    format::state_page& page = state(agent);
    ++page.moves;
    for (std::size_t i = 0; i < page.held_count; ++i)
        if (format::hold_object(page.held[i].lead) == object) {
            page.held[i].lead = format::hold_word(object, flags, depth);
            return;
        }
    assert(page.held_count < format::state_held_entries);
    format::held_entry& entry = page.held[page.held_count++];
    entry.lead = format::hold_word(object, flags, depth);
    entry.site = site_address;
}

void log_builder::end_hold(format::agent_id agent, format::object_id object) {
    format::state_page& page = state(agent);
    ++page.moves;
    auto* const end = page.held + page.held_count;
    auto* const gone = std::remove_if(
        page.held, end, [&](const format::held_entry& e) { return format::hold_object(e.lead) == object; });
    std::fill(gone, end, format::held_entry{});
    page.held_count = static_cast<std::uint32_t>(gone - page.held);
}

void log_builder::want(format::agent_id agent, std::uint32_t object, std::uint8_t flags, event_kind operation,
                       std::uint64_t site_address) {
    format::state_page& page = state(agent);
    ++page.moves;
    page.want = format::want_word(format::object_id{object}, flags, operation);
    page.want_site = site_address;
    page.want_ticks = ticks_;
}

void log_builder::end_want(format::agent_id agent) {
    format::state_page& page = state(agent);
    ++page.moves;
    page.want = 0;
}

log_image log_builder::image() const {
    log_image made{words_};
    const auto bytes = made.bytes();
    if (options_.seal_at_end)
        for (const writer& w : writers_)
            if (w.chunk != 0) seal_chunk(bytes.data() + w.chunk, w.used);
    auto& header = *reinterpret_cast<format::file_header*>(bytes.data());
    header.allocated = format::seal(bytes.size());
    header.agents = format::seal(writers_.size());
    header.objects = format::seal(objects_);
    header.lost_events = format::seal(0);
    header.status = format::seal(options_.ended ? format::process_status::ended : 0);
    header.loss_reasons = format::seal(0);
    header.end_ticks = format::seal(options_.ended ? ticks_ - options_.start_ticks : 0);
    header.end_ns = format::seal(options_.ended ? ticks_ - options_.start_ticks : 0);
    return made;
}

}  // namespace interlock::testing
