// A log that was cut anywhere, or in which any one bit is wrong: it is read without harm, nothing is invented, and what is wrong is
// told unless it provably does not matter.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/trace/dump.hpp"
#include "analysis/trace/trace.hpp"
#include "tests/support/allocation_meter.hpp"
#include "tests/support/every_kind_log.hpp"

namespace interlock::trace {
namespace {

using format::number;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E37'79B9'7F4A'7C15;
    return hash ^ hash >> 29;
}

std::uint64_t hash_of(const event& e) {
    std::uint64_t hash = mixed(static_cast<std::uint64_t>(e.kind), e.flags);
    for (const std::uint64_t part : {number(e.agent), e.object, e.sequence, number(e.site)}) hash = mixed(hash, part);
    for (const format::slot& s : e.more) hash = mixed(mixed(hash, s.word0), s.word1);
    return hash;
}

/// What a reader makes of an image.
struct outcome {
    std::optional<problem> unusable;
    bool told = false;  // a loss, a contradiction or a state page that is not intact
    std::vector<std::uint64_t> events;
    std::uint64_t meaning = 0;  // of definitions and of the present
};

std::uint64_t meaning_of(const trace& log) {
    std::uint64_t hash = 1;
    const definitions& names = log.names();
    const auto text = [&](std::string_view s) {
        for (const char c : s) hash = mixed(hash, static_cast<unsigned char>(c));
    };
    for (const auto id : names.objects()) {
        const object& o = names.object(id);
        for (const std::uint64_t part : {std::uint64_t{number(id)}, static_cast<std::uint64_t>(o.type), o.address})
            hash = mixed(hash, part);
        text(names.string(o.name));
        text(names.string(o.lock_class));
        for (const std::uint64_t frame : names.stack(o.created_at).frames) hash = mixed(hash, frame);
    }
    for (const auto id : names.agents()) {
        const agent& a = names.agent(id);
        for (const std::uint64_t part : {number(id), number(a.creator), a.thread}) hash = mixed(hash, part);
        text(names.string(a.name));
    }
    for (const module& m : names.modules())
        for (const std::uint64_t part : {m.where.begin, m.where.end, m.where.bias, std::uint64_t{m.gone}})
            hash = mixed(hash, part);
    for (const agent_present& p : log.present()) {
        hash = mixed(mixed(hash, number(p.agent)), p.wants ? number(p.want.object) : 0);
        for (const present_hold& h : p.holds) hash = mixed(mixed(hash, number(h.object)), h.flags);
    }
    return hash;
}

outcome read(std::span<const std::byte> image, bool with_meaning = true) {
    outcome made;
    trace log;
    made.unusable = log.adopt("damaged.ilk", image);
    if (made.unusable) return made;
    made.unusable = log.feed(
        [&](std::span<const event> batch) {
            for (const event& e : batch)
                if (e.kind != format::event_kind::held) made.events.push_back(hash_of(e));
        },
        expectation::nothing_more);
    made.told = !log.losses().empty() || !log.well_formed();
    if (made.told || !with_meaning) return made;
    for (const agent_present& p : log.present()) made.told = made.told || !p.intact;
    if (!made.told) made.meaning = meaning_of(log);
    return made;
}

struct seed {
    testing::log_image image = testing::every_kind_log();
    outcome whole = read(image.bytes());
    std::multiset<std::uint64_t> known{whole.events.begin(), whole.events.end()};

    void expect_nothing_invented(const outcome& damaged, std::size_t where) const {
        for (const std::uint64_t event : damaged.events)
            ASSERT_TRUE(known.contains(event)) << "an event that is not in the whole log, damage at " << where;
    }
};

TEST(damage, the_seed_holds_every_kind_and_no_loss) {
    const seed s;
    ASSERT_GE(s.image.bytes().size(), 4096u);
    ASSERT_FALSE(s.whole.unusable);
    EXPECT_FALSE(s.whole.told);
    std::set<format::event_kind> kinds;
    trace log;
    ASSERT_FALSE(log.adopt("seed.ilk", s.image.bytes()));
    ASSERT_FALSE(log.feed(
        [&](auto batch) {
            for (const event& e : batch) kinds.insert(e.kind);
        },
        expectation::nothing_more));
    EXPECT_GT(kinds.size(), 95u);
    EXPECT_GT(log.counted().records, log.counted().events) << "definitions are records and no events";
}

TEST(damage, every_truncation_is_read_and_told) {
    const seed s;
    testing::reset_allocated_bytes_max();
    const std::size_t before = testing::allocated_bytes();
    for (std::size_t size = 0; size < s.image.bytes().size(); ++size) {
        const outcome cut = read(s.image.bytes().first(size));
        ASSERT_TRUE(cut.unusable || cut.told) << "cut to " << size << " bytes";
        if (cut.unusable) {
            ASSERT_FALSE(cut.unusable->reason.empty());
            ASSERT_LE(cut.unusable->offset, size);
        }
        s.expect_nothing_invented(cut, size);
    }
    EXPECT_LT(testing::allocated_bytes_max() - before, std::size_t{2} << 20);
}

TEST(damage, every_flipped_bit_is_told_or_changes_nothing) {
    seed s;
    testing::reset_allocated_bytes_max();
    const std::size_t before = testing::allocated_bytes();
    const auto bytes = s.image.bytes();
    std::size_t told = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        const auto flip = std::byte{static_cast<unsigned char>(1u << bit % 8)};
        bytes[bit / 8] ^= flip;
        const outcome damaged = read(bytes);
        bytes[bit / 8] ^= flip;
        told += damaged.unusable || damaged.told;
        s.expect_nothing_invented(damaged, bit / 8);
        if (damaged.unusable || damaged.told) continue;
        ASSERT_EQ(damaged.events, s.whole.events) << "bit " << bit % 8 << " of byte " << bit / 8;
        ASSERT_EQ(damaged.meaning, s.whole.meaning) << "bit " << bit % 8 << " of byte " << bit / 8;
    }
    EXPECT_GT(told, bytes.size()) << "more than one bit in eight of this log is protected";
    EXPECT_LT(testing::allocated_bytes_max() - before, std::size_t{2} << 20);
}

}  // namespace
}  // namespace interlock::trace
