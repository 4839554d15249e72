// Reports of sample findings against the files in expected/. UPDATE_GOLDEN=1 rewrites the files, and is no pass: it skips.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/report/report.hpp"
#include "tests/golden/samples.hpp"

namespace interlock {
namespace {

const std::filesystem::path here = GOLDEN_FOLDER;

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
}

void compare(const std::string& file, const std::string& made) {
    const std::filesystem::path path = here / "expected" / file;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << made;
        GTEST_SKIP() << "rewritten: " << file;
    }
    ASSERT_TRUE(std::filesystem::exists(path)) << file << " is missing; UPDATE_GOLDEN=1 makes it";
    EXPECT_EQ(contents(path), made) << file;
}

report::options looks() {
    report::options how;
    how.tool_version = "0.0.0";
    how.strip_path_prefix = (here / "source/").string();
    return how;
}

struct written {
    report::format format;
    const char* suffix;
    bool quotes;      // source lines: the files stand where they are; else at a path that is the same on every machine
    bool all = true;  // every sample, not only some that have all there is to see
};

constexpr written formats[] = {
    {report::format::text, ".txt", true},
    {report::format::json, ".json", false},
    {report::format::sarif, ".sarif", false, false},
    {report::format::html, ".html", true, false},
    {report::format::github, ".github", true, false},
    {report::format::markdown, ".md", true, false},
};

/// Indices: of a format and of a sample.
std::vector<std::pair<std::size_t, std::size_t>> files() {
    constexpr std::string_view some[] = {"bank",       "across_tests",    "stalled", "data_race",
                                         "ring_of_30", "without_symbols", "mixed",   "clean"};
    const std::vector<samples::sample> all = samples::reports("");
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::size_t which = 0; which < std::size(formats); ++which)
        for (std::size_t number = 0; number < all.size(); ++number)
            if (formats[which].all || std::find(std::begin(some), std::end(some), all[number].name) != std::end(some))
                out.emplace_back(which, number);
    return out;
}

class golden_report : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(golden_report, is_as_expected) {
    const auto [which, number] = GetParam();
    const written& as = formats[which];
    const samples::sample one = samples::reports(as.quotes ? (here / "source/").string() : "/src/").at(number);
    report::options how = looks();
    if (as.format == report::format::sarif) how.strip_path_prefix = "/src/";
    compare(std::string(one.name) + as.suffix, render(as.format, one.data, how));
}

std::string name_of(const testing::TestParamInfo<golden_report::ParamType>& info) {
    const auto [which, number] = info.param;
    return std::string(samples::reports("").at(number).name) + "_as_" + (formats[which].suffix + 1);
}

INSTANTIATE_TEST_SUITE_P(all, golden_report, testing::ValuesIn(files()), name_of);

TEST(golden_graph, as_dot) {
    compare("graph.dot", render_graph(report::graph_format::dot, samples::graph("/src/"), looks()));
}
TEST(golden_graph, as_graphml) {
    compare("graph.graphml", render_graph(report::graph_format::graphml, samples::graph("/src/"), looks()));
}
TEST(golden_graph, as_json) {
    compare("graph.json", render_graph(report::graph_format::json, samples::graph("/src/"), looks()));
}

TEST(golden_colour, is_in_the_title_alone) {
    report::options how = looks();
    how.colour = true;
    compare("bank.colour.txt", render(report::format::text, samples::bank((here / "source/").string()), how));
}

}  // namespace
}  // namespace interlock
