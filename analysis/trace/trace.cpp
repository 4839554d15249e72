#include "analysis/trace/trace.hpp"

#include <algorithm>
#include <cassert>

#include "analysis/trace/agent_stream.hpp"
#include "analysis/trace/block_scan.hpp"
#include "analysis/trace/merge.hpp"

namespace interlock::trace {

namespace {

/// Of the header's set of reasons the one that says most: what ended the recording before what happens in passing.
format::loss_reason gravest(std::uint64_t reasons) noexcept {
    for (const auto reason :
         {format::loss_reason::mapping_lost, format::loss_reason::restricted, format::loss_reason::disk_full,
          format::loss_reason::log_full, format::loss_reason::out_of_memory, format::loss_reason::table_full,
          format::loss_reason::unknown_caller, format::loss_reason::nested_signal})
        if ((reasons >> static_cast<unsigned>(reason) & 1) != 0) return reason;
    return format::loss_reason::none;
}

}  // namespace

struct trace::parts {
    log_file file;
    definitions names;
    block_scan blocks;
    std::vector<agent_stream> streams;
    id_table<std::uint32_t> stream_numbers;  // by agent_id, plus 1
    std::optional<merge> order;
    struct counts counted;
    std::vector<loss> losses;
    std::optional<problem> contradiction;
    tick_clock time;
    bool header_told = false;
    bool end_told = false;

    void begin();
    void tell_header();
    void tell_end();
    agent_stream& stream_of(format::agent_id agent);
};

trace::trace() : parts_(std::make_unique<parts>()) {}
trace::~trace() = default;
trace::trace(trace&&) noexcept = default;
trace& trace::operator=(trace&&) noexcept = default;

const log_file& trace::file() const noexcept { return parts_->file; }
const definitions& trace::names() const noexcept { return parts_->names; }
const tick_clock& trace::time() const noexcept { return parts_->time; }
const struct counts& trace::counted() const noexcept { return parts_->counted; }
const std::vector<loss>& trace::losses() const noexcept { return parts_->losses; }
const std::optional<problem>& trace::contradiction() const noexcept { return parts_->contradiction; }

bool trace::complete() const noexcept {
    return std::all_of(parts_->losses.begin(), parts_->losses.end(),
                       [](const loss& l) { return l.kind == loss_kind::in_flight; });
}

std::vector<agent_present> trace::present() const { return read_present(parts_->file, parts_->blocks.state_pages()); }

std::optional<problem> trace::open(const std::string& path) {
    auto fresh = std::make_unique<parts>();
    if (auto unusable = fresh->file.open(path)) return unusable;
    parts_ = std::move(fresh);
    parts_->begin();
    return std::nullopt;
}

std::optional<problem> trace::adopt(std::string name, std::span<const std::byte> image) {
    auto fresh = std::make_unique<parts>();
    if (auto unusable = fresh->file.adopt(std::move(name), image)) return unusable;
    parts_ = std::move(fresh);
    parts_->begin();
    return std::nullopt;
}

std::optional<problem> trace::feed(const event_sink& sink, expectation what_comes) {
    parts& p = *parts_;
    assert(p.order.has_value());
    const bool last = what_comes == expectation::nothing_more;
    if (auto gone = p.file.refresh()) return gone;
    p.tell_header();

    const std::size_t slots = p.file.size() / sizeof(format::slot);
    p.names.raise_limit(slots);
    p.order->raise_limit(slots);
    p.stream_numbers.raise_limit(slots);
    std::vector<chunk_place> chunks;
    p.blocks.scan(p.file, last, chunks, p.losses);
    for (const chunk_place& chunk : chunks) {
        p.stream_of(chunk.agent).add(chunk);
        p.time.add(chunk.base_ticks, chunk.monotonic_ns);
    }
    for (std::uint32_t number = 0; number < p.streams.size(); ++number) {
        agent_stream& stream = p.streams[number];
        p.names.raise_limit(number, stream.agent(), stream.capacity());
        stream.check(p.file, last, {p.names, p.counted, p.losses}, p.order->runs_of(number));
    }
    if (last) p.tell_end();
    if (last && p.streams.empty() && p.file.missing() != 0)
        return problem{p.file.path(), p.file.size(),
                       "cut off before its first record: " + std::to_string(p.file.missing()) + " bytes are missing"};
    p.order->proceed(p.file, last, sink, p.counted, p.losses, p.contradiction);
    p.counted.agents = p.names.agents().size();
    p.counted.objects = p.names.object_count();
    return p.file.cut_off();
}

void trace::parts::begin() { order.emplace(file.header().tick_shift); }

agent_stream& trace::parts::stream_of(format::agent_id agent) {
    std::uint32_t& number = stream_numbers[format::number(agent)];
    if (number == 0) {
        streams.emplace_back(agent, static_cast<std::uint32_t>(streams.size()));
        order->add_agent(agent);
        number = static_cast<std::uint32_t>(streams.size());
    }
    return streams[number - 1];
}

void trace::parts::tell_header() {
    if (header_told) return;
    header_told = true;
    const format::file_header& header = file.header();
    if (file.header_intact())
        time.add(header.start_ticks, header.start_monotonic_ns);
    else
        losses.push_back({.kind = loss_kind::header_damaged, .offset = offsetof(format::file_header, header_crc)});
}

/// What is known to be missing only when nothing more will come.
void trace::parts::tell_end() {
    if (end_told) return;
    end_told = true;
    const live_words now = file.live();
    if (!now.all_intact)
        losses.push_back({.kind = loss_kind::live_word_damaged, .offset = offsetof(format::file_header, allocated)});
    if (file.header_intact() && now.all_intact && now.end_ns != 0)
        time.add(file.header().start_ticks + now.end_ticks, file.header().start_monotonic_ns + now.end_ns);
    if (file.missing() != 0)
        losses.push_back({.kind = loss_kind::truncated, .offset = file.size(), .count = file.missing()});
    if (now.lost_events > counted.lost_events) {
        // Of threads that have no chunk to say it in.
        losses.push_back({.kind = loss_kind::events_lost,
                          .reason = gravest(now.loss_reasons),
                          .offset = offsetof(format::file_header, lost_events),
                          .count = now.lost_events - counted.lost_events});
        counted.lost_events = now.lost_events;
    }
    for (const std::uint64_t page : blocks.state_pages()) {
        const auto* const state = reinterpret_cast<const format::state_page*>(file.at(page));
        if (state->chunk == 0) continue;
        if (state->agent == format::agent_id::none) {  // a page that was given back holds nothing
            losses.push_back({.kind = loss_kind::block_damaged, .offset = page});
            continue;
        }
        const std::uint32_t* const number = stream_numbers.find(format::number(state->agent));
        if (number == nullptr || *number == 0 || !streams[*number - 1].has_chunk_at(state->chunk))
            losses.push_back({.kind = loss_kind::chunk_missing, .agent = state->agent, .offset = state->chunk});
    }
}

}  // namespace interlock::trace
