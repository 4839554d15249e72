// The order of the merged trace: the rules it keeps, what it does when something is missing, and how it goes on while a log grows.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "analysis/trace/trace.hpp"
#include "instrument/format/crc32c.hpp"
#include "instrument/format/vocabulary.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::trace {
namespace {

using format::event_kind;
using format::number;
using testing::log_builder;
using testing::log_builder_options;
using testing::log_image;
using testing::make_log;

struct told_event {
    event_kind kind;
    format::agent_id agent;
    std::uint32_t object;
    std::uint32_t sequence;
    friend bool operator==(const told_event&, const told_event&) = default;
};

struct reader {
    trace log;
    std::vector<told_event> events;

    void feed(expectation what_comes) {
        const auto gone = log.feed(
            [this](std::span<const event> batch) {
                for (const event& e : batch) {
                    EXPECT_EQ(e.agent, batch.front().agent) << "a batch is of one agent";
                    events.push_back({e.kind, e.agent, e.object, e.sequence});
                }
            },
            what_comes);
        EXPECT_FALSE(gone.has_value());
    }
    std::vector<told_event> of(format::agent_id agent) const {
        std::vector<told_event> some;
        for (const told_event& e : events)
            if (e.agent == agent) some.push_back(e);
        return some;
    }
    bool lost(loss_kind kind) const {
        for (const loss& l : log.losses())
            if (l.kind == kind) return true;
        return false;
    }
};

reader read_all(const log_image& image) {
    reader made;
    EXPECT_FALSE(made.log.adopt("merge.ilk", image.bytes()).has_value());
    made.feed(expectation::nothing_more);
    return made;
}

/// The rules of the merge, checked one by one on what came out.
void expect_ordered(const std::vector<told_event>& events) {
    std::map<std::uint32_t, std::uint32_t> last_number;
    std::set<std::uint32_t> born;
    std::set<std::uint32_t> ended;
    for (const told_event& e : events) {
        if (format::is_numbered(e.kind) && e.sequence != 0) {
            EXPECT_EQ(e.sequence, last_number[e.object] + 1) << "object " << e.object;
            last_number[e.object] = e.sequence;
        }
        if (e.kind == event_kind::agent_create) born.insert(e.object);
        if (e.kind == event_kind::agent_start && e.object != 0) {
            EXPECT_TRUE(born.contains(number(e.agent)));
        }
        if (e.kind == event_kind::agent_exit) ended.insert(number(e.agent));
        if (e.kind == event_kind::agent_join) {
            EXPECT_TRUE(ended.contains(e.object));
        }
    }
}

/// A program of `agents` threads that lock at random, told with clocks that say nothing.
log_image random_program(unsigned seed, unsigned agents, unsigned steps, std::uint64_t ticks_per_record) {
    log_builder_options options;
    options.ticks_per_record = ticks_per_record;
    log_builder log(options);
    std::mt19937 random(seed);
    std::vector<format::agent_id> all;
    std::vector<format::object_id> locks;
    for (unsigned i = 0; i < 5; ++i) locks.push_back(log.make_object());
    all.push_back(log.make_agent(format::agent_type::main_thread));
    log.record(all[0], event_kind::agent_start, 1, {}, 0, 1);
    for (unsigned i = 1; i < agents; ++i) {
        all.push_back(log.make_agent());
        log.record(all[0], event_kind::agent_create, 0, {}, number(all[i]), 0);
        log.record(all[i], event_kind::agent_start, 0, {}, number(all[0]), 1);
    }
    std::map<format::object_id, format::agent_id> holder;
    for (unsigned step = 0; step < steps; ++step) {
        const auto agent = all[random() % all.size()];
        const auto lock = locks[random() % locks.size()];
        if (!holder.contains(lock)) {
            holder[lock] = agent;
            log.record(agent, event_kind::acquire, 0, {}, number(lock), log.next_number(lock));
        } else {
            const auto owner = holder[lock];
            holder.erase(lock);
            log.record(owner, event_kind::release, 0, {}, number(lock), log.next_number(lock));
        }
    }
    for (unsigned i = 1; i < agents; ++i) {
        log.record(all[i], event_kind::agent_exit, 0, {}, 0, 0);
        log.record(all[0], event_kind::agent_join, 0, {}, number(all[i]), 0);
    }
    return log.image();
}

TEST(merge, keeps_every_rule_on_random_programs_whatever_the_clocks_say) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        const unsigned agents = 2 + seed % 7;
        const reader read = read_all(random_program(seed, agents, 1500, seed % 3));
        EXPECT_TRUE(read.log.well_formed());
        EXPECT_TRUE(read.log.complete());
        EXPECT_EQ(read.events.size(), 1500 + 1 + 4 * (agents - 1)) << "seed " << seed;
        EXPECT_EQ(read.log.counted().overlapping_acquisitions, 0u);
        expect_ordered(read.events);
    }
}

TEST(merge, orders_task_steps) {
    log_builder log;
    const auto worker = log.make_agent();
    const auto main = log.make_agent();
    log.record(worker, event_kind::task_start, 0, {}, 7, 0);
    log.record(worker, event_kind::task_finish, 0, {}, 7, 0);
    log.record(main, event_kind::task_submit, 0, {}, 7, 0);
    log.record(main, event_kind::task_wait, 0, {}, 7, 0);
    const reader read = read_all(log.image());
    std::vector<event_kind> kinds;
    for (const told_event& e : read.events) kinds.push_back(e.kind);
    EXPECT_EQ(kinds, (std::vector{event_kind::task_submit, event_kind::task_start, event_kind::task_finish,
                                  event_kind::task_wait}));
    EXPECT_TRUE(read.log.complete());
}

TEST(merge, calls_numbers_that_wait_for_each_other_a_contradiction) {
    const auto build = [](bool crossed) {
        log_builder log;
        const auto first = log.make_agent();
        const auto second = log.make_agent();
        const auto a = log.make_object();
        const auto b = log.make_object();
        log.record(first, event_kind::acquire, 0, {}, number(a), crossed ? 2 : 1);
        log.record(first, event_kind::acquire, 0, {}, number(b), 1);
        log.record(second, event_kind::acquire, 0, {}, number(b), 2);
        log.record(second, event_kind::acquire, 0, {}, number(a), crossed ? 1 : 2);
        return log.image();
    };
    const reader crossed = read_all(build(true));
    ASSERT_FALSE(crossed.log.well_formed());
    EXPECT_GT(crossed.log.contradiction()->offset, 0u);
    EXPECT_FALSE(crossed.log.contradiction()->reason.empty());
    EXPECT_EQ(crossed.events.size(), 4u) << "all events are told nevertheless";
    EXPECT_FALSE(crossed.log.complete());
    EXPECT_TRUE(read_all(build(false)).log.well_formed());
}

TEST(merge, calls_a_number_that_comes_twice_a_contradiction) {
    log_builder log;
    const auto first = log.make_agent();
    const auto second = log.make_agent();
    const auto a = log.make_object();
    for (const auto agent : {first, second}) log.record(agent, event_kind::acquire, 0, {}, number(a), 1);
    const reader read = read_all(log.image());
    EXPECT_FALSE(read.log.well_formed());
    EXPECT_EQ(read.events.size(), 2u);
}

TEST(merge, explains_one_missing_number_by_a_record_in_flight) {
    const auto build = [](std::uint32_t step) {
        log_builder log;
        const auto killed = log.make_agent();
        const auto other = log.make_agent();
        const auto a = log.make_object();
        log.record(killed, event_kind::agent_start, 0, {}, 0, 1);
        log.record(other, event_kind::agent_start, 0, {}, 0, 2);
        log.record(killed, event_kind::acquire, 0, {}, number(a), 1);
        log.record(other, event_kind::acquire, 0, {}, number(a), 1 + step);
        return log.image();
    };
    const reader read = read_all(build(2));
    EXPECT_TRUE(read.log.well_formed());
    EXPECT_TRUE(read.log.complete()) << "a record in flight is no damage";
    EXPECT_TRUE(read.lost(loss_kind::in_flight));
    EXPECT_EQ(read.events.size(), 4u);
    EXPECT_FALSE(read_all(build(4)).log.well_formed()) << "two agents cannot have three records in flight";
    EXPECT_TRUE(read_all(build(1)).log.losses().empty());
}

TEST(merge, explains_a_missing_exit_by_a_record_in_flight) {
    const reader read =
        read_all(make_log("main: create t1; create t2\nt1: lock A\nt2: exit\nmain: join t1; join t2").image);
    EXPECT_TRUE(read.log.well_formed());
    EXPECT_TRUE(read.log.complete());
    EXPECT_TRUE(read.lost(loss_kind::in_flight));
    const reader none = read_all(make_log("main: create t1\nmain: join t1").image);
    EXPECT_TRUE(none.log.well_formed()) << "main itself has not ended, which is room for one record in flight";
}

TEST(merge, misses_a_creation_that_is_not_there) {
    log_builder log;
    const auto child = log.make_agent();
    log.record(child, event_kind::agent_start, 0, {}, 5, 1);
    const reader read = read_all(log.image());
    EXPECT_FALSE(read.log.well_formed());
    EXPECT_EQ(read.events.size(), 1u);
}

TEST(merge, steps_over_a_slot_that_was_being_written) {
    const auto made = make_log("t1: lock A; hole; unlock A\nt2: lock A; unlock A");
    const reader read = read_all(made.image);
    EXPECT_TRUE(read.lost(loss_kind::in_flight));
    EXPECT_TRUE(read.log.complete());
    EXPECT_TRUE(read.log.well_formed());
    EXPECT_EQ(read.log.counted().acquisitions, 2u);
}

/// A process that is killed between two stores of a chunk's header leaves all of those before.
TEST(merge, steps_over_a_chunk_whose_header_was_being_written) {
    const auto made = make_log("t1: lock A; unlock A");
    constexpr std::size_t page_words = format::page_size / sizeof(std::uint64_t);
    for (std::size_t stores = 0; stores <= offsetof(format::chunk_header, header_crc) / sizeof(std::uint64_t);
         ++stores) {
        log_image killed = made.image;
        const std::size_t chunk = killed.words.size();
        killed.words.resize(chunk + 32 * page_words);
        for (std::size_t i = 0; i < stores; ++i) killed.words[chunk + i] = i == 0 ? 1ull << 32 : 0x5a;
        killed.words[offsetof(format::file_header, allocated) / 8] = format::seal(killed.bytes().size());
        const reader read = read_all(killed);
        EXPECT_TRUE(read.log.complete()) << stores;
        EXPECT_EQ(read.log.counted().acquisitions, 1u);

        killed.words[chunk + page_words - 1] = 1;  // what a chunk without a header holds is lost
        EXPECT_TRUE(read_all(killed).lost(loss_kind::block_damaged)) << stores;
    }
}

TEST(merge, tells_what_an_agent_holds_after_a_missing_chunk) {
    const auto made = make_log("t1: lock A; seal; lock B; seal; notify C; unlock B; unlock A; exit");
    const reader whole = read_all(made.image);
    EXPECT_TRUE(whole.log.complete());
    for (const told_event& e : whole.events) EXPECT_NE(e.kind, event_kind::held) << "nothing is missing before it";

    log_image damaged = made.image;
    std::vector<std::uint64_t> chunks;
    for (std::uint64_t at = format::page_size; at < damaged.bytes().size(); at += format::page_size)
        if (static_cast<std::uint32_t>(damaged.words[at / 8]) == format::chunk_magic) chunks.push_back(at);
    ASSERT_EQ(chunks.size(), 3u);
    damaged.words[chunks[1] / 8] ^= 1;
    const reader read = read_all(damaged);
    EXPECT_FALSE(read.log.complete());
    EXPECT_TRUE(read.lost(loss_kind::block_damaged));
    EXPECT_TRUE(read.lost(loss_kind::chunk_missing));
    std::vector<std::uint32_t> held;
    for (const told_event& e : read.events)
        if (e.kind == event_kind::held) held.push_back(e.object);
    EXPECT_EQ(held, (std::vector{number(made.object("A")), number(made.object("B"))}));
    EXPECT_TRUE(read.log.well_formed()) << "a forced order is no contradiction where something is missing";
}

TEST(merge, counts_what_the_recorder_says_it_lost) {
    const auto made = make_log("t1: lock A; lose 17; unlock A");
    const reader read = read_all(made.image);
    EXPECT_EQ(read.log.counted().lost_events, 17u);
    EXPECT_TRUE(read.lost(loss_kind::events_lost));
    EXPECT_FALSE(read.log.complete());
}

TEST(merge, counts_exclusive_acquisitions_that_overlap) {
    log_builder log;
    const auto first = log.make_agent();
    const auto second = log.make_agent();
    const auto a = log.make_object();
    log.record(first, event_kind::acquire, 0, {}, number(a), 1);
    log.record(second, event_kind::acquire, 0, {}, number(a), 2);
    EXPECT_EQ(read_all(log.image()).log.counted().overlapping_acquisitions, 1u);
}

TEST(merge, goes_on_where_it_stopped_while_the_log_grows) {
    const std::string path = ::testing::TempDir() + "interlock-growing.ilk";
    const log_image whole = random_program(11, 5, 3000, 1);
    const reader at_once = read_all(whole);

    // The same file in states of growth: first the slots that were committed by then, then more.
    reader live;
    const auto state_after = [&](std::size_t part) {
        log_image grown = whole;
        for (std::uint64_t at = format::page_size; at < grown.bytes().size(); at += format::page_size) {
            auto& header = *reinterpret_cast<format::chunk_header*>(&grown.words[at / 8]);
            if (header.magic != format::chunk_magic) continue;
            const std::size_t slots = (format::page_size - sizeof header) / sizeof(format::slot);
            const std::size_t there = slots * part / 4;
            if (part < 4) header.sealed = 0;
            auto* const first = reinterpret_cast<format::slot*>(&header + 1);
            std::fill(first + there, first + slots, format::slot{});
        }
        return grown;
    };
    for (std::size_t part = 1; part <= 4; ++part) {
        ASSERT_TRUE(state_after(part).save(path));
        if (part == 1) {
            ASSERT_FALSE(live.log.open(path).has_value());
        }
        live.feed(expectation::more);
        EXPECT_TRUE(live.log.losses().empty()) << "what may still come is not lost";
    }
    live.feed(expectation::nothing_more);
    std::remove(path.c_str());
    EXPECT_TRUE(live.log.complete());
    EXPECT_TRUE(live.log.well_formed());
    expect_ordered(live.events);
    for (std::uint32_t agent = 1; agent <= 5; ++agent)
        EXPECT_EQ(live.of(format::agent_id{agent}), at_once.of(format::agent_id{agent}));
}

TEST(merge, refuses_what_is_no_log_in_one_line) {
    log_image image = random_program(1, 2, 10, 1);
    trace log;
    const auto missing = log.open("/nonexistent/a.ilk");
    ASSERT_TRUE(missing.has_value());
    EXPECT_EQ(missing->path, "/nonexistent/a.ilk");
    EXPECT_NE(missing->reason.find("No such file"), std::string::npos);
    EXPECT_TRUE(log.open("/dev/null").has_value());

    auto& header = *reinterpret_cast<format::file_header*>(image.words.data());
    header.version = 9;
    const auto newer = log.adopt("newer.ilk", image.bytes());
    ASSERT_TRUE(newer.has_value());
    EXPECT_EQ(newer->offset, offsetof(format::file_header, version));
    EXPECT_NE(newer->reason.find("version 9"), std::string::npos);
    header.version = 1;
    EXPECT_FALSE(log.adopt("same.ilk", image.bytes()).has_value());
    header.magic = 1;
    EXPECT_TRUE(log.adopt("other.ilk", image.bytes()).has_value());
}

}  // namespace
}  // namespace interlock::trace
