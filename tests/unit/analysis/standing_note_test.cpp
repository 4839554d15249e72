// What a watcher keeps in the log, and when a later reader may rest on it.
#include "analysis/standing_note.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "instrument/format/layout.hpp"
#include "tests/unit/analysis/told.hpp"

namespace interlock::analysis {
namespace {

using strings = std::vector<std::string>;

/// The log of a killed process, of level order, as a file: a thread waits for a condition, and the first one for its end.
class standing_note : public ::testing::Test {
protected:
    standing_note() : path_{::testing::TempDir() + "standing_note.ilk"} {
        testing::log_builder_options options;
        options.ended = false;
        options.level = format::log_level::order;
        const auto log = testing::make_log(
            "main: create t1\n"
            "t1: lock M; wait C M\n"
            "main: join_request t1\n",
            options);
        waiting_ = log.agent("t1");
        EXPECT_TRUE(log.image.save(path_));
        seen_.watched = true;
    }
    ~standing_note() override { std::filesystem::remove(path_); }

    std::vector<trace::agent_present> agents() const {
        trace::trace log;
        EXPECT_FALSE(log.open(path_));
        EXPECT_FALSE(log.feed([](auto) {}, trace::expectation::nothing_more));
        return log.present();
    }
    strings kinds() const {
        analyser all;
        EXPECT_FALSE(all.add_log(path_));
        EXPECT_FALSE(all.feed());
        strings made;
        for (const findings::finding& one : all.findings_so_far().findings) made.emplace_back(findings::name(one.kind));
        return made;
    }
    void change(std::size_t offset) const {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(offset));
        const auto byte = static_cast<char>(file.get() ^ 1);
        file.seekp(static_cast<std::streamoff>(offset));
        file.put(byte);
    }

    std::string path_;
    format::agent_id waiting_{};
    detectors::standing seen_;
};

TEST_F(standing_note, lets_the_log_of_level_order_tell_of_a_stall) {
    EXPECT_EQ(kinds(), strings{});
    ASSERT_TRUE(keep_standing(path_, agents(), seen_));
    EXPECT_EQ(kinds(), strings{"stalled"});
}

TEST_F(standing_note, keeps_who_was_live_and_that_there_were_strangers) {
    seen_.live.insert(format::agent_id{1});
    ASSERT_TRUE(keep_standing(path_, agents(), seen_));
    EXPECT_EQ(kinds(), strings{});
    seen_.live.clear();
    seen_.strangers = true;
    ASSERT_TRUE(keep_standing(path_, agents(), seen_));
    EXPECT_EQ(kinds(), strings{});
}

TEST_F(standing_note, does_not_hold_once_somebody_has_moved) {
    std::vector<trace::agent_present> earlier = agents();
    --earlier.back().moves;
    ASSERT_TRUE(keep_standing(path_, earlier, seen_));
    EXPECT_EQ(kinds(), strings{});
    earlier = agents();
    earlier.pop_back();
    ASSERT_TRUE(keep_standing(path_, earlier, seen_));
    EXPECT_EQ(kinds(), strings{}) << "one has come";
}

TEST_F(standing_note, keeps_whose_locks_are_lost_while_they_wait_for_them) {
    seen_.orphans.insert(waiting_);
    std::vector<trace::agent_present> now = agents();
    for (trace::agent_present& agent : now)
        if (agent.agent != waiting_) --agent.moves;
    ASSERT_TRUE(keep_standing(path_, now, seen_));
    trace::log_file log;
    ASSERT_FALSE(log.open(path_));
    const auto kept = kept_standing(log, agents());
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->orphans, seen_.orphans) << "whatever the others do meanwhile";
    EXPECT_FALSE(kept->watched);
    now = agents();
    for (trace::agent_present& agent : now) ++agent.moves;
    EXPECT_FALSE(kept_standing(log, now));
}

TEST_F(standing_note, is_not_believed_when_a_byte_of_it_is_not_as_written) {
    for (const std::size_t at : {0, 8, 12, 16, 20, 24, 32, 40, 44, 1200}) {
        ASSERT_TRUE(keep_standing(path_, agents(), seen_));
        change(format::standing_note_at + at);
        EXPECT_EQ(kinds(), strings{}) << at;
    }
}

TEST_F(standing_note, is_not_kept_where_it_has_no_room_or_no_file) {
    for (std::uint32_t i = 1; i < 1000; ++i) seen_.live.insert(format::agent_id{i});
    EXPECT_FALSE(keep_standing(path_, agents(), seen_));
    EXPECT_FALSE(keep_standing(path_ + ".none", agents(), {}));
}

}  // namespace
}  // namespace interlock::analysis
