// From the bytes of a log to one linear trace: what comes out, in which order, and what is told of what is missing.
#include "analysis/trace/trace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "instrument/format/vocabulary.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::trace {
namespace {

using format::event_kind;
using testing::make_log;
using testing::text_log;

struct reading {
    trace log;
    std::vector<event> events;

    explicit reading(const testing::log_image& image, expectation what_comes = expectation::nothing_more) {
        const auto unusable = log.adopt("test.ilk", image.bytes());
        EXPECT_FALSE(unusable.has_value()) << (unusable ? unusable->reason : "");
        if (!unusable) feed(what_comes);
    }
    void feed(expectation what_comes) {
        const auto gone =
            log.feed([this](auto batch) { events.insert(events.end(), batch.begin(), batch.end()); }, what_comes);
        EXPECT_FALSE(gone.has_value());
    }
    /// Where the first such event is, or the number of events.
    std::size_t index(event_kind kind, format::agent_id agent) const {
        std::size_t i = 0;
        while (i < events.size() && (events[i].kind != kind || events[i].agent != agent)) ++i;
        return i;
    }
};

TEST(trace, gives_each_agents_events_in_its_order) {
    const text_log made =
        make_log("main: create t1; create t2\nt1: lock A; unlock A; exit\nt2: lock B; unlock B; exit");
    const reading read(made.image);
    std::vector<event_kind> kinds;
    for (const event& e : read.events)
        if (e.agent == made.agent("t2")) kinds.push_back(e.kind);
    EXPECT_EQ(kinds, (std::vector{event_kind::agent_start, event_kind::agent_name, event_kind::lock_init,
                                  event_kind::acquire, event_kind::release, event_kind::agent_exit}));
    EXPECT_TRUE(read.log.complete());
    EXPECT_TRUE(read.log.well_formed());
    EXPECT_EQ(read.log.counted().acquisitions, 2u);
    EXPECT_EQ(read.log.counted().agents, 3u);
    EXPECT_EQ(read.log.counted().objects, 2u);
}

TEST(trace, orders_one_locks_sections_by_its_own_numbers) {
    // Times that lie: every record claims the same moment, so only the numbers can tell.
    testing::log_builder_options options;
    options.ticks_per_record = 0;
    const text_log made =
        make_log("t1: lock B; unlock B\nt2: lock A; unlock A\nt1: lock A; unlock A\nt3: lock A; unlock A", options);
    const reading read(made.image);
    std::vector<format::agent_id> order;
    for (const event& e : read.events)
        if (e.kind == event_kind::acquire && e.object == format::number(made.object("A"))) order.push_back(e.agent);
    EXPECT_EQ(order, (std::vector{made.agent("t2"), made.agent("t1"), made.agent("t3")}));
}

TEST(trace, orders_start_after_creation_and_join_after_exit) {
    testing::log_builder_options options;
    options.ticks_per_record = 0;
    const text_log made = make_log("t2: lock A\nt1: lock B; create t3\nt3: exit\nt2: join t3\n", options);
    const reading read(made.image);
    EXPECT_LT(read.index(event_kind::agent_create, made.agent("t1")),
              read.index(event_kind::agent_start, made.agent("t3")));
    EXPECT_LT(read.index(event_kind::agent_exit, made.agent("t3")),
              read.index(event_kind::agent_join, made.agent("t2")));
    EXPECT_LT(read.index(event_kind::agent_join, made.agent("t2")), read.events.size());
}

TEST(trace, knows_what_a_dependency_names) {
    const text_log made = make_log("main: lock A @f<main; lock B @g<main; lock C @h");
    const reading read(made.image);
    const definitions& names = read.log.names();
    std::vector<held_step> path;
    std::size_t dependencies = 0;
    for (const event& e : read.events) {
        if (e.kind != event_kind::dependency) continue;
        ++dependencies;
        names.held_path(e.agent, format::held_set_id{e.sequence}, path);
        if (names.name(format::object_id{e.object}) == "C") {
            ASSERT_EQ(path.size(), 2u);
            EXPECT_EQ(names.name(path[0].object), "A");
            EXPECT_EQ(names.name(path[1].object), "B");
            const call_stack held = names.stack(path[0].stack);
            ASSERT_EQ(held.frames.size(), 2u);
            EXPECT_EQ(held.frames[0], made.addresses.find("f")->second);
            EXPECT_EQ(held.frames[1], made.addresses.find("main")->second);
            EXPECT_EQ(names.stack(format::decode_dependency(e.more[0]).stack).frames.size(), 1u);
            EXPECT_EQ(format::decode_dependency(e.more[0]).nth, 2u);
        }
    }
    EXPECT_EQ(dependencies, 2u);
    EXPECT_EQ(read.log.counted().dependencies, 2u);
    EXPECT_EQ(names.object(made.object("A")).type, format::object_type::mutex);
    const auto where = names.locate(made.addresses.find("f")->second, 0);
    ASSERT_TRUE(where.has_value());
    EXPECT_EQ(where->module->path, "/usr/bin/program");
    EXPECT_EQ(names.name(made.agent("main")), "main");
}

TEST(trace, tells_who_holds_and_wants_at_the_end) {
    const text_log made = make_log("t1: lock A; request B\nt2: lock B; request A");
    const reading read(made.image);
    const auto present = read.log.present();
    ASSERT_EQ(present.size(), 2u);
    for (const agent_present& agent : present) {
        const bool first = agent.agent == made.agent("t1");
        EXPECT_TRUE(agent.intact);
        ASSERT_EQ(agent.holds.size(), 1u);
        EXPECT_EQ(agent.holds[0].object, made.object(first ? "A" : "B"));
        ASSERT_TRUE(agent.wants);
        EXPECT_EQ(agent.want.object, made.object(first ? "B" : "A"));
        EXPECT_EQ(agent.want.operation, event_kind::request);
        EXPECT_EQ(agent.name, first ? "t1" : "t2");
    }
}

}  // namespace
}  // namespace interlock::trace
