// Traces for Perfetto, read again by a decoder of this file's own: tracks, nesting by time, flows.
#include "analysis/timeline.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/trace_text.hpp"

namespace interlock::analysis {
namespace {

/// One message of protobuf: its fields in order. Numbers in `value`, the rest in `bytes`.
struct field {
    std::uint32_t number = 0;
    std::uint64_t value = 0;
    std::string_view bytes;
};

std::uint64_t take_varint(std::string_view& from) {
    std::uint64_t out = 0;
    for (unsigned shift = 0; !from.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(from.front());
        from.remove_prefix(1);
        out |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80) return out;
    }
    ADD_FAILURE() << "a number is cut";
    return 0;
}

std::vector<field> fields_of(std::string_view message) {
    std::vector<field> out;
    while (!message.empty()) {
        const std::uint64_t key = take_varint(message);
        field one;
        one.number = static_cast<std::uint32_t>(key >> 3);
        if ((key & 7) == 0) {
            one.value = take_varint(message);
        } else if ((key & 7) == 1) {
            for (std::size_t i = 0; i < 8; ++i)
                one.value |= std::uint64_t{static_cast<std::uint8_t>(message.at(i))} << 8 * i;
            message.remove_prefix(8);
        } else if ((key & 7) == 2) {
            const std::uint64_t size = take_varint(message);
            EXPECT_LE(size, message.size());
            one.bytes = message.substr(0, size);
            message.remove_prefix(std::min<std::size_t>(size, message.size()));
        } else {
            ADD_FAILURE() << "wire type " << (key & 7);
            return out;
        }
        out.push_back(one);
    }
    return out;
}

struct event {
    std::uint64_t ns = 0;
    std::uint64_t type = 0;  // 1 begin, 2 end, 3 instant
    std::uint64_t track = 0;
    std::string name;
    std::string category;
    std::uint64_t flow_in = 0;
    std::uint64_t flow_out = 0;
};

struct picture {
    std::map<std::uint64_t, std::string> tracks;
    std::map<std::uint64_t, std::uint64_t> parents;
    std::vector<event> events;
    std::map<std::uint64_t, std::string> names;

    void read(std::string_view trace) {
        bool first = true;
        for (const field& packet : fields_of(trace)) {
            EXPECT_EQ(packet.number, 1U);
            read_packet(packet.bytes, std::exchange(first, false));
        }
        // By time, as the reader of traces does.
        std::stable_sort(events.begin(), events.end(), [](const event& a, const event& b) { return a.ns < b.ns; });
    }

    std::vector<event> on(std::string_view track) const {
        std::vector<event> out;
        for (const event& one : events)
            if (tracks.at(one.track) == track) out.push_back(one);
        return out;
    }

private:
    void read_packet(std::string_view packet, bool first) {
        event made;
        bool is_event = false;
        for (const field& one : fields_of(packet)) {
            if (one.number == 8) made.ns = one.value;
            if (one.number == 13) {
                EXPECT_EQ(one.value, first ? 1U : 2U);
            }
            if (one.number == 12)
                for (const field& entry : fields_of(one.bytes)) {
                    const std::vector<field> parts = fields_of(entry.bytes);
                    EXPECT_TRUE(names.emplace(parts.at(0).value, parts.at(1).bytes).second);
                }
            if (one.number == 60) read_track(one.bytes);
            if (one.number == 11) {
                is_event = true;
                read_event(one.bytes, made);
            }
        }
        if (is_event) events.push_back(made);
    }

    void read_track(std::string_view descriptor) {
        std::uint64_t uuid = 0;
        std::string name;
        for (const field& one : fields_of(descriptor)) {
            if (one.number == 1) uuid = one.value;
            if (one.number == 2) name = one.bytes;
            if (one.number == 5) parents[uuid] = one.value;
            if (one.number == 4 || one.number == 3)
                for (const field& part : fields_of(one.bytes))
                    if (part.number == 5 || part.number == 6) name = part.bytes;
        }
        EXPECT_TRUE(tracks.emplace(uuid, name).second) << "told twice: " << name;
        if (parents.contains(uuid)) {
            EXPECT_TRUE(tracks.contains(parents[uuid])) << "its parent comes later: " << name;
        }
    }

    void read_event(std::string_view message, event& into) {
        for (const field& one : fields_of(message)) {
            if (one.number == 9) into.type = one.value;
            if (one.number == 11) into.track = one.value;
            if (one.number == 10) into.name = names.at(one.value);
            if (one.number == 22) into.category = one.bytes;
            if (one.number == 47) into.flow_out = one.value;
            if (one.number == 48) into.flow_in = one.value;
        }
        EXPECT_TRUE(tracks.contains(into.track)) << "an event before its track";
    }
};

picture picture_of(std::string_view text, std::vector<std::string>* limits = nullptr,
                   format::log_level level = format::log_level::full) {
    testing::log_builder_options options;
    options.ticks_per_record = 1'000;
    options.level = level;
    const testing::text_log made = testing::make_log(text, options);
    std::string trace;
    report::perfetto_writer writer([&](std::string_view bytes) { trace += bytes; });
    const report::options how;
    timeline drawn(writer, how);
    EXPECT_FALSE(drawn.adopt("test.ilk", made.image.bytes()));
    if (limits != nullptr) *limits = drawn.limits();
    picture out;
    out.read(trace);
    return out;
}

/// On every track slices nest; what is open at the end is open to the end. Lanes hold one slice at a time.
void expect_nested(const picture& drawn) {
    std::map<std::uint64_t, std::vector<event>> open;
    for (const event& one : drawn.events) {
        std::vector<event>& stack = open[one.track];
        if (one.type == 1) {
            stack.push_back(one);
            if (drawn.tracks.at(one.track) == "holds") {
                EXPECT_EQ(stack.size(), 1U) << one.name << " over " << stack[0].name;
            }
            EXPECT_LE(stack.size(), 2U) << one.name;
        } else if (one.type == 2) {
            ASSERT_FALSE(stack.empty()) << "an end without a begin on " << drawn.tracks.at(one.track);
            stack.pop_back();
        }
    }
}

/// Each flow has one begin and one end, which is not before it.
void expect_flows_joined(const picture& drawn) {
    std::map<std::uint64_t, const event*> begun;
    std::size_t ended = 0;
    for (const event& one : drawn.events)
        if (one.flow_out != 0) {
            EXPECT_TRUE(begun.emplace(one.flow_out, &one).second) << "begun twice";
        }
    for (const event& one : drawn.events) {
        if (one.flow_in == 0) continue;
        ++ended;
        ASSERT_TRUE(begun.contains(one.flow_in)) << one.name << " ends a flow from nowhere";
        EXPECT_LE(begun[one.flow_in]->ns, one.ns);
        EXPECT_NE(begun[one.flow_in]->track, one.track);
    }
    EXPECT_EQ(ended, begun.size());
}

TEST(timeline, draws_lives_waits_holds_and_who_ended_the_wait) {
    const picture drawn = picture_of(R"(
        main: name A alpha; create t1; create t2
        t1: thread_name alice; lock A
        t2: thread_name bob; request A
        t1: unlock A
        t2: lock A; unlock A; exit
        t1: exit
        main: join_request t1; join t1
    )");
    expect_nested(drawn);
    expect_flows_joined(drawn);
    const std::vector<event> bob = drawn.on("bob");
    ASSERT_GE(bob.size(), 4U);
    EXPECT_EQ(bob[0].category, "life");
    EXPECT_EQ(bob[1].name, "waits for alpha");
    EXPECT_EQ(bob[1].type, 1U);
    EXPECT_EQ(bob[2].type, 2U);
    EXPECT_GT(bob[2].ns, bob[1].ns);
    const std::vector<event> alice = drawn.on("alice");
    const auto wake = std::find_if(alice.begin(), alice.end(), [](const event& one) { return one.type == 3; });
    ASSERT_NE(wake, alice.end());
    EXPECT_EQ(wake->name, "alpha to bob");
    const std::vector<event> holds = drawn.on("holds");
    ASSERT_EQ(holds.size(), 4U);
    EXPECT_EQ(holds[0].name, "alpha");
    EXPECT_EQ(drawn.tracks.at(drawn.parents.at(holds[0].track)), "alice");
    EXPECT_EQ(drawn.tracks.at(drawn.parents.at(holds[2].track)), "bob");
    EXPECT_EQ(holds[2].flow_in, wake->flow_out);
    EXPECT_EQ(holds[1].ns, wake->ns) << "the flow begins where alice's hold ends";
}

TEST(timeline, leaves_open_what_did_not_end) {
    const picture drawn = picture_of("t1: lock A; lock B\nt2: lock C; request A\n");
    expect_nested(drawn);
    const auto ends = [](const event& one) { return one.type == 2; };
    EXPECT_EQ(std::count_if(drawn.events.begin(), drawn.events.end(), ends), 0);
    EXPECT_EQ(drawn.on("holds").size(), 3U);
}

TEST(timeline, joins_a_notification_to_the_wait_that_it_ended) {
    const picture drawn = picture_of(R"(
        t1: thread_name alice; lock A; wait C A
        t2: thread_name bob; notify C
        t1: wake C A; unlock A
    )");
    expect_nested(drawn);
    expect_flows_joined(drawn);
    const std::vector<event> alice = drawn.on("alice");
    EXPECT_EQ(std::count_if(alice.begin(), alice.end(), [](const event& one) { return one.name == "goes on"; }), 1);
    const std::vector<event> bob = drawn.on("bob");
    EXPECT_TRUE(std::any_of(bob.begin(), bob.end(), [](const event& one) { return one.name.ends_with(" to alice"); }));
}

TEST(timeline, says_what_a_log_of_level_order_cannot_draw) {
    std::vector<std::string> limits;
    const picture drawn =
        picture_of("t1: thread_name alice; lock A; unlock A; exit\n", &limits, format::log_level::order);
    EXPECT_EQ(drawn.on("alice").size(), 2U) << "its life";
    EXPECT_TRUE(drawn.on("holds").empty());
    ASSERT_EQ(limits.size(), 1U);
    EXPECT_NE(limits[0].find("level order"), std::string::npos);
}

TEST(timeline, shows_hostile_names_as_text) {
    const picture drawn = picture_of("t1: thread_name \x1b[31m\xff; name A <\x07>; lock A; unlock A\n");
    expect_nested(drawn);
    EXPECT_EQ(drawn.on("holds").at(0).name, "<\\x07>");
    EXPECT_EQ(drawn.on("\\x1b[31m\xEF\xBF\xBD").size(), 1U);
}

/// Threads that lock and unlock in any order, none a lock that another holds.
std::string random_program(std::mt19937& random) {
    std::string out;
    std::map<std::string, int> owner;
    for (int step = 0; step < 200; ++step) {
        const int thread = static_cast<int>(random() % 4);
        const std::string lock(1, static_cast<char>('A' + random() % 8));
        const auto held = owner.find(lock);
        const std::string who = "t" + std::to_string(thread) + ": ";
        if (held == owner.end()) {
            out += who + (random() % 3 == 0 ? "request " + lock + "; " : "") + "lock " + lock + '\n';
            owner[lock] = thread;
        } else if (held->second == thread) {
            out += who + "unlock " + lock + '\n';
            owner.erase(held);
        }
    }
    return out;
}

TEST(timeline, nests_whatever_the_order_of_locks_and_unlocks) {
    std::mt19937 random(3);
    for (int round = 0; round < 100; ++round) {
        const picture drawn = picture_of(random_program(random));
        expect_nested(drawn);
        expect_flows_joined(drawn);
        if (HasFailure()) break;
    }
}

}  // namespace
}  // namespace interlock::analysis
