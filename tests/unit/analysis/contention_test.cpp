// Contention from logs with known times: a tick is a nanosecond, and each record comes 1,000 after the one before.
#include "analysis/contention.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analysis/activity.hpp"
#include "analysis/duration_histogram.hpp"
#include "analysis/frequent_pairs.hpp"
#include "analysis/report/contention.hpp"
#include "analysis/trace/trace.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::analysis {
namespace {

using testing::log_builder_options;

/// Every operation at one place: the first record of a place defines it, and that takes time too.
std::string at_one_place(std::string_view text) {
    std::string out;
    bool operations = false;
    bool any = false;
    for (const char c : text) {
        if (operations && any && (c == ';' || c == '\n')) out += " @s";
        if (c == ';' || c == '\n') any = false;
        if (c == '\n') operations = false;
        if (operations && c != ' ' && c != ';') any = true;
        if (c == ':') operations = true;
        out += c;
    }
    return out;
}

findings::contention contention_of(std::string_view text, format::log_level level = format::log_level::full) {
    log_builder_options options;
    options.ticks_per_record = 1'000;
    options.level = level;
    const testing::text_log made = testing::make_log(at_one_place(text), options);
    contention_analysis all;
    EXPECT_FALSE(all.adopt("test.ilk", made.image.bytes()));
    return all.result();
}

const findings::contention_row& row_of(const std::vector<findings::contention_row>& rows, std::string_view name) {
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.lock.name == name; });
    static const findings::contention_row none;
    EXPECT_NE(at, rows.end()) << name;
    return at == rows.end() ? none : *at;
}

// Every thread has started before the part that is timed.
constexpr std::string_view two_threads = R"(
    mutex A B
    main: name A alpha; name B beta; create t1; create t2
    t1: thread_name alice; lock B; unlock B
    t2: thread_name bob; lock B; unlock B
)";

TEST(contention, times_a_wait_and_both_holds) {
    const auto made = contention_of(std::string(two_threads) + R"(
        t1: lock A
        t2: request A
        t1: unlock A
        t2: lock A; unlock A
    )");
    const findings::contention_row& a = row_of(made.locks, "alpha");
    EXPECT_EQ(a.acquisitions, 2U);
    EXPECT_EQ(a.waits.count, 1U);
    EXPECT_EQ(a.waits.total_ns, 2'000U);  // request, unlock, lock
    EXPECT_EQ(a.waits.max_ns, 2'000U);
    EXPECT_EQ(a.holds.count, 2U);
    EXPECT_EQ(a.holds.total_ns, 2'000U + 1'000U);  // lock, request, unlock; lock, unlock
    EXPECT_EQ(a.holds.max_ns, 2'000U);
    ASSERT_TRUE(a.worst);
    EXPECT_EQ(a.worst->waiter.name, "bob");
    EXPECT_EQ(a.worst->holder.name, "alice");
    EXPECT_EQ(a.worst->wait_ns, 2'000U);
    EXPECT_EQ(a.worst->waits, 1U);
    EXPECT_FALSE(a.worst->at_most);
    const findings::contention_row& b = row_of(made.locks, "beta");
    EXPECT_EQ(b.acquisitions, 2U);
    EXPECT_EQ(b.contended, 0U);
    EXPECT_EQ(b.waits.count, 0U);
    EXPECT_EQ(b.holds.total_ns, 2'000U);
    EXPECT_FALSE(b.worst);
    EXPECT_TRUE(made.timed);
    EXPECT_FALSE(made.at_least);
    EXPECT_TRUE(made.limits.empty());
}

TEST(contention, counts_what_found_the_lock_busy) {
    const auto made = contention_of(std::string(two_threads) + R"(
        t1: lock A; unlock A; lock A contended; unlock A; lock A; unlock A; lock A contended; unlock A
    )");
    EXPECT_EQ(row_of(made.locks, "alpha").acquisitions, 4U);
    EXPECT_EQ(row_of(made.locks, "alpha").contended, 2U);
}

TEST(contention, counts_a_request_that_gave_up_and_its_time) {
    const auto made = contention_of(std::string(two_threads) + R"(
        t1: lock A
        t2: request A timed; timed_out A timed
        t1: unlock A
    )");
    const findings::contention_row& a = row_of(made.locks, "alpha");
    EXPECT_EQ(a.acquisitions, 1U);
    EXPECT_EQ(a.gave_up, 1U);
    EXPECT_EQ(a.waits.total_ns, 1'000U);
    EXPECT_FALSE(a.worst) << "nobody's release ended the wait";
}

TEST(contention, holds_a_recursive_mutex_from_the_first_lock_to_the_last_unlock) {
    const auto made = contention_of(R"(
        recursive_mutex R
        main: name R rec; lock R; lock R; unlock R; unlock R
    )");
    const findings::contention_row& r = row_of(made.locks, "rec");
    EXPECT_EQ(r.acquisitions, 2U);
    EXPECT_EQ(r.holds.count, 1U);
    EXPECT_EQ(r.holds.total_ns, 3'000U);
}

TEST(contention, ends_the_hold_for_a_wait_on_a_condition) {
    const auto made = contention_of(std::string(two_threads) + R"(
        t1: notify C
        t1: lock A; wait C A
        t2: lock A; notify C; unlock A
        t1: wake C A; unlock A
    )");
    // t1: lock to its release by the wait; t2: lock, notify, unlock; t1: re-acquisition to unlock.
    const findings::contention_row& a = row_of(made.locks, "alpha");
    EXPECT_EQ(a.holds.count, 3U);
    EXPECT_EQ(a.holds.total_ns, 2'000U + 2'000U + 1'000U);
    EXPECT_EQ(a.holds.max_ns, 2'000U);
}

TEST(contention, says_what_a_log_of_level_order_cannot_tell) {
    const auto made =
        contention_of(std::string(two_threads) + "t1: lock A; lock B; unlock B; unlock A\n", format::log_level::order);
    EXPECT_FALSE(made.timed);
    EXPECT_TRUE(made.at_least);
    ASSERT_EQ(made.limits.size(), 1U);
    EXPECT_NE(made.limits[0].find("level order"), std::string::npos);
    EXPECT_EQ(row_of(made.locks, "alpha").acquisitions, 1U);
    EXPECT_GE(row_of(made.locks, "beta").acquisitions, 2U);
    EXPECT_EQ(row_of(made.locks, "beta").holds.count, 0U);
    const std::string text = render_contention(report::contention_format::text, made, {}, {});
    EXPECT_NE(text.find(">=1"), std::string::npos) << text;
    EXPECT_EQ(text.find("p99"), std::string::npos) << text;
}

TEST(contention, says_that_events_are_missing) {
    const auto made = contention_of(std::string(two_threads) + "t1: lock A; lose 3; unlock A\n");
    EXPECT_EQ(row_of(made.locks, "alpha").holds.count, 0U) << "it may have been released and acquired meanwhile";
    ASSERT_EQ(made.limits.size(), 1U);
    EXPECT_NE(made.limits[0].find("events are missing"), std::string::npos);
}

TEST(contention, joins_a_class_over_locks_and_logs) {
    constexpr std::string_view text = R"(
        mutex A B
        main: class A pool; class B pool; lock A; unlock A; lock B; unlock B
    )";
    log_builder_options options;
    options.ticks_per_record = 1'000;
    const testing::text_log made = testing::make_log(at_one_place(text), options);
    contention_analysis all;
    EXPECT_FALSE(all.adopt("a.ilk", made.image.bytes()));
    EXPECT_FALSE(all.adopt("b.ilk", made.image.bytes()));
    const findings::contention found = all.result();
    EXPECT_EQ(found.locks.size(), 4U);
    ASSERT_EQ(found.classes.size(), 1U);
    EXPECT_EQ(found.classes[0].lock.lock_class, "pool");
    EXPECT_EQ(found.classes[0].locks, 4U);
    EXPECT_EQ(found.classes[0].acquisitions, 4U);
    EXPECT_EQ(found.classes[0].holds.total_ns, 4'000U);
}

TEST(activity, gives_each_hold_of_an_agent_a_lane_of_its_own) {
    std::vector<hold_span> held;
    activity passed({{}, [&](const hold_span& one) { held.push_back(one); }, {}});
    const testing::text_log made =
        testing::make_log("t1: lock A; lock B; unlock A; lock C; unlock B; unlock C; lock A; unlock A\n");
    trace::trace log;
    ASSERT_FALSE(log.adopt("t", made.image.bytes()));
    ASSERT_FALSE(log.feed(
        [&](auto events) {
            for (const trace::event& e : events) passed.take(e);
        },
        trace::expectation::nothing_more));
    passed.finish();
    std::vector<std::pair<std::uint32_t, std::uint32_t>> lanes;
    for (const hold_span& one : held) lanes.emplace_back(number(one.object), one.lane);
    // A takes 0, B 1; C the 0 that A left; A again 0.
    EXPECT_EQ(lanes, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{1, 0}, {2, 1}, {3, 0}, {1, 0}}));
}

TEST(duration_histogram, is_within_its_error_of_the_sorted_values) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 50; ++round) {
        std::vector<std::uint64_t> values;
        duration_histogram one;
        duration_histogram other;
        const int count = 1 + static_cast<int>(random() % 2'000);
        for (int i = 0; i < count; ++i) {
            const std::uint64_t value = random() >> (random() % 64);
            values.push_back(value);
            (i % 2 == 0 ? one : other).add(value);
        }
        one.merge(other);
        std::sort(values.begin(), values.end());
        ASSERT_EQ(one.count(), values.size());
        ASSERT_EQ(one.max(), values.back());
        for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
            const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
            const auto exact = static_cast<double>(values[rank - 1]);
            EXPECT_NEAR(static_cast<double>(one.quantile(share)), exact, exact * duration_histogram::relative_error_max)
                << share << " of " << count;
        }
    }
}

TEST(duration_histogram, of_nothing_is_nothing) {
    const duration_histogram none;
    EXPECT_EQ(none.quantile(0.5), 0U);
    EXPECT_EQ(none.count(), 0U);
}

TEST(frequent_pairs, has_every_heavy_pair_and_never_too_low) {
    std::mt19937_64 random(11);
    for (int round = 0; round < 50; ++round) {
        frequent_pairs all;
        std::map<std::uint32_t, std::uint64_t> exact;
        for (int i = 0; i < 5'000; ++i) {
            // One pair in four is the heavy one.
            const auto site = static_cast<std::uint32_t>(random() % 4 == 0 ? 1 : 2 + random() % 500);
            const std::uint64_t ns = 1 + random() % 100;
            exact[site] += ns;
            all.add({format::site_id{site}, {}}, ns, format::agent_id{1}, format::agent_id{2});
        }
        const counted_pair* worst = all.worst();
        ASSERT_NE(worst, nullptr);
        EXPECT_EQ(number(worst->places.waited), 1U);
        EXPECT_GE(worst->wait_ns, exact[1]);
        EXPECT_LE(worst->wait_ns - worst->inherited_ns, exact[1]);
    }
    EXPECT_EQ(frequent_pairs().worst(), nullptr);
}

/// Rows named a, b, c with wait totals of 30, 20, 10.
findings::contention three_rows() {
    findings::contention out;
    out.timed = true;
    for (std::uint64_t i = 0; i < 3; ++i) {
        findings::contention_row row;
        row.lock.id = i + 1;
        row.lock.type = "mutex";
        row.lock.name = std::string(1, static_cast<char>('a' + i));
        row.acquisitions = 100 + i;
        row.contended = 10 * i;
        row.waits = {2, 30 - 10 * i, 5, 6 + i, 7};
        row.holds = {3, 1'000 * i, 1, 2, 3};
        out.locks.push_back(row);
    }
    return out;
}

std::string names_by(report::contention_column column, std::size_t top = 0) {
    report::contention_view view;
    view.sort = column;
    view.top = top;
    const auto made = nlohmann::json::parse(render_contention(report::contention_format::json, three_rows(), view, {}));
    std::string out;
    for (const auto& row : made["locks"]) out += row["name"].get<std::string>();
    return out;
}

TEST(contention_table, is_sorted_by_the_column_and_cut) {
    using enum report::contention_column;
    EXPECT_EQ(names_by(wait), "abc");
    EXPECT_EQ(names_by(name), "abc");
    EXPECT_EQ(names_by(acquisitions), "cba");
    EXPECT_EQ(names_by(contended), "cba");
    EXPECT_EQ(names_by(share), "cba");
    EXPECT_EQ(names_by(wait_p99), "cba");
    EXPECT_EQ(names_by(hold), "cba");
    EXPECT_EQ(names_by(wait_max), "cba") << "equal by the column: by acquisitions";
    EXPECT_EQ(names_by(wait, 2), "ab");
}

TEST(contention_table, writes_csv_that_no_name_breaks) {
    findings::contention data = three_rows();
    data.locks.resize(1);
    data.locks[0].lock.name = "=1+1,\"x\"\r\ny";
    const std::string csv = render_contention(report::contention_format::csv, data, {}, {});
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
    EXPECT_NE(csv.find("\r\nlock,\"'=1+1,\"\"x\"\"\\x0d\\x0ay\",\"mutex\",1,100,0,"), std::string::npos) << csv;
    EXPECT_TRUE(csv.ends_with(",,,,,\r\n"));
}

}  // namespace
}  // namespace interlock::analysis
