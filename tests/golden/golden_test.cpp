// Reports of sample findings against the files in expected/. UPDATE_GOLDEN=1 rewrites the files, and is no pass: it skips.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

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

/// For text, sources stand where they are; for data, at a path that is the same on every machine.
std::vector<samples::sample> of(report::format as) {
    return samples::reports(as == report::format::text ? (here / "source/").string() : "/src/");
}

class golden_report : public testing::TestWithParam<std::size_t> {};

TEST_P(golden_report, as_text) {
    const samples::sample one = of(report::format::text).at(GetParam());
    compare(std::string(one.name) + ".txt", render(report::format::text, one.data, looks()));
}

TEST_P(golden_report, as_json) {
    const samples::sample one = of(report::format::json).at(GetParam());
    compare(std::string(one.name) + ".json", render(report::format::json, one.data, looks()));
}

std::string name_of(const testing::TestParamInfo<std::size_t>& info) {
    return std::string(samples::reports("").at(info.param).name);
}

INSTANTIATE_TEST_SUITE_P(all, golden_report, testing::Range<std::size_t>(0, samples::reports("").size()), name_of);

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
