// The reader of logs, on any bytes, made in three ways that the first byte chooses: the input as a file; the input as slots whose
// checks all fit, dealt out to agents; the input as edits of a log with every kind of record, checksums mended or not.
// Nothing is asked but that it ends, stays within memory, and that what it says holds together.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "analysis/trace/dump.hpp"
#include "analysis/trace/trace.hpp"
#include "instrument/format/crc32c.hpp"
#include "tests/support/every_kind_log.hpp"

namespace {

namespace format = interlock::format;
namespace trace = interlock::trace;
using interlock::testing::log_image;

void must(bool holds) {
    if (!holds) std::abort();
}

/// Reads `image` in two goes and in one, and looks at everything the reader offers.
void read(const log_image& image, std::size_t size) {
    trace::trace log;
    const auto unusable = log.adopt("fuzz.ilk", image.bytes().first(size));
    if (unusable) {
        must(!unusable->reason.empty() && unusable->offset <= size);
        return;
    }
    std::string line;
    std::uint64_t events = 0;
    std::vector<trace::held_step> path;
    const auto look = [&](std::span<const trace::event> batch) {
        must(!batch.empty());
        for (const trace::event& e : batch) {
            must(e.agent == batch.front().agent && format::is_lead(e.kind));
            trace::describe_event(log, e, {true, true, true}, line);
            must(!line.empty() && line.find('\n') == std::string::npos);
        }
        events += batch.size();
    };
    must(!log.feed(look, trace::expectation::more));
    must(!log.feed(look, trace::expectation::nothing_more));
    must(log.counted().events == events && events <= size / sizeof(format::slot));
    for (const trace::loss& l : log.losses()) must(!trace::describe_loss(log, l).empty());
    for (const trace::agent_present& agent : log.present()) must(agent.offset < size);
    must(log.well_formed() || !log.contradiction()->reason.empty());
}

/// Each slot of the input goes to one of three agents, its check made to fit.
log_image dealt_out(std::span<const std::uint8_t> input) {
    interlock::testing::log_builder log;
    std::vector<format::agent_id> agents;
    for (int i = 0; i < 3; ++i) {
        agents.push_back(log.make_agent());
        log.record(agents.back(), format::event_kind::agent_start, 0, {}, 0, 1);
    }
    for (; input.size() >= 17; input = input.subspan(17)) {
        std::uint64_t words[2];
        std::memcpy(words, input.data() + 1, sizeof words);
        log.put_slot(agents[input[0] % agents.size()], format::checked(words[0] & ~std::uint64_t{0xff00}, words[1]));
        if (input[0] >= 0xf0) log.seal(agents[input[0] % agents.size()]);
    }
    return log.image();
}

void mend(log_image& image) {
    auto* const bytes = image.bytes().data();
    auto& header = *reinterpret_cast<format::file_header*>(bytes);
    header.header_crc = format::crc32c(&header, offsetof(format::file_header, header_crc));
    for (std::size_t at = format::page_size; at < image.bytes().size(); at += format::page_size) {
        auto& chunk = *reinterpret_cast<format::chunk_header*>(bytes + at);
        if (chunk.magic != format::chunk_magic) continue;
        chunk.header_crc = format::crc32c(&chunk, offsetof(format::chunk_header, header_crc));
        auto* const slots = reinterpret_cast<format::slot*>(&chunk + 1);
        const std::size_t count = (format::page_size - sizeof chunk) / sizeof(format::slot);
        for (format::slot& s : std::span(slots, count))
            if (s.word0 != 0) s = format::checked(s.word0 & ~std::uint64_t{0xff00}, s.word1);
        const std::uint64_t used = chunk.sealed & 0xffff'ffff;
        if (chunk.sealed != 0 && used <= count * sizeof(format::slot))
            chunk.sealed = used | std::uint64_t{format::crc32c(slots, used)} << 32;
    }
}

/// Each four bytes of the input set one byte of a whole log.
log_image edited(std::span<const std::uint8_t> input, bool mended) {
    static const log_image whole = interlock::testing::every_kind_log();
    log_image image = whole;
    for (; input.size() >= 4; input = input.subspan(4)) {
        const std::size_t at = (input[0] + 0x100u * input[1] + 0x10000u * input[2]) % image.bytes().size();
        image.bytes()[at] = std::byte{input[3]};
    }
    if (mended) mend(image);
    return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const std::uint8_t> input(data + 1, size - 1);
    if (data[0] % 4 == 0) {
        log_image image;
        image.words.resize((input.size() + 7) / 8);
        std::copy(input.begin(), input.end(), reinterpret_cast<std::uint8_t*>(image.words.data()));
        read(image, input.size());
    } else {
        const log_image image = data[0] % 4 == 1 ? dealt_out(input) : edited(input, data[0] % 4 == 2);
        read(image, image.bytes().size());
    }
    return 0;
}
