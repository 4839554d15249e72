// Rows and the findings below them speak of one thread by one name.
#include "analysis/report/watch_table.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/mention.hpp"

namespace interlock::report {
namespace {

using findings::present_thread;

findings::lock lock_of(std::uint64_t id, std::string name) {
    findings::lock made;
    made.id = id;
    made.type = "mutex";
    made.name = std::move(name);
    return made;
}

present_thread thread_of(std::uint64_t id, const findings::lock& holds, const findings::lock& wants) {
    present_thread made;
    made.who.id = id;
    made.holds.push_back({holds, {}, {}});
    made.wants.emplace().what = wants;
    made.plight = findings::plight::stuck;
    return made;
}

findings::edge edge_of(std::uint64_t thread, std::uint64_t held, std::uint64_t wanted) {
    findings::edge made;
    made.thread = thread;
    made.held = held;
    made.wanted = wanted;
    return made;
}

/// Threads 2 and 3, of no name, in a deadlock that is told from thread 3 on; thread 1 joins thread 2.
findings::present hanging() {
    findings::present now;
    const findings::lock a = lock_of(7, "a");
    const findings::lock b = lock_of(9, "");
    findings::lock end = lock_of(100, "the end of " + findings::mention_thread(2));
    end.type = findings::thread_end_type;
    present_thread joins;
    joins.who.id = 1;
    joins.who.name = "main";
    joins.wants.emplace().what = end;
    now.threads = {joins, thread_of(2, a, b), thread_of(3, b, a)};
    findings::finding stuck;
    stuck.kind = findings::kind::deadlock;
    stuck.verdict = findings::verdict::observed;
    stuck.locks = {a, b};
    stuck.threads = {now.threads[1].who, now.threads[2].who};
    stuck.edges = {edge_of(3, 9, 7), edge_of(2, 7, 9)};
    now.stuck = {stuck};
    return now;
}

TEST(watch_table, tells_threads_and_locks_without_names_by_one_number) {
    const std::string table = watch_table(hanging(), {});
    EXPECT_NE(table.find("\nthread 2  STUCK  a        mutex 9"), std::string::npos) << table;
    EXPECT_NE(table.find("\nthread 3  STUCK  mutex 9  a"), std::string::npos) << table;
    EXPECT_NE(table.find("thread 3 holds mutex 9 and waits for a, thread 2 holds a and waits for mutex 9."),
              std::string::npos)
        << table;
}

TEST(watch_table, names_the_thread_whose_end_is_awaited) {
    EXPECT_NE(watch_table(hanging(), {}).find("the end of thread 2"), std::string::npos) << watch_table(hanging(), {});
    const auto made = nlohmann::json::parse(watch_json(hanging(), {}));
    EXPECT_EQ(made["threads"][0]["wants"]["lock"]["name"], "the end of thread 2");
    EXPECT_EQ(made["stuck"][0]["threads"], nlohmann::json::array({2, 3}));
    findings::present named = hanging();
    named.threads[1].who.name = named.stuck[0].threads[0].name = "worker";
    EXPECT_NE(watch_table(named, {}).find("the end of worker"), std::string::npos) << watch_table(named, {});
}

TEST(watch_table, numbers_threads_that_share_a_name) {
    findings::present now = hanging();
    for (const std::size_t i : {0U, 1U}) now.threads[i + 1].who.name = now.stuck[0].threads[i].name = "worker";
    const std::string table = watch_table(now, {});
    EXPECT_NE(table.find("\nworker #2  STUCK  a"), std::string::npos) << table;
    EXPECT_NE(table.find("worker #2 holds a and waits for mutex 9"), std::string::npos) << table;
}

}  // namespace
}  // namespace interlock::report
