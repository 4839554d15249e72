// Names that attack the reader: 200 of them through every format. Nothing steers the terminal, everything parses.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/mention.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/report.hpp"
#include "tests/golden/samples.hpp"

namespace interlock::report {
namespace {

std::string utf8(std::uint32_t code) {
    std::string out;
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80)
        out += static_cast<char>(code);
    else if (code < 0x800)
        out += static_cast<char>(0xC0 | code >> 6), tail(0);
    else if (code < 0x10000)
        out += static_cast<char>(0xE0 | code >> 12), tail(6), tail(0);
    else
        out += static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0);
    return out;
}

std::vector<std::string> payloads() {
    std::vector<std::string> out;
    for (std::uint32_t code = 1; code < 0x20; ++code) out.push_back("c0" + utf8(code) + "x");
    for (std::uint32_t code = 0x7F; code < 0xA0; ++code) out.push_back("c1" + utf8(code) + "x");
    for (std::uint32_t code = 0x80; code < 0x100; code += 2)
        out.push_back("raw" + std::string(1, static_cast<char>(code)) + "x");
    for (std::uint32_t code = 0x200B; code < 0x2010; ++code) out.push_back("zero" + utf8(code) + "x");
    for (std::uint32_t code = 0x2028; code < 0x202F; ++code) out.push_back("bidi" + utf8(code) + "x");
    for (std::uint32_t code = 0x2066; code < 0x206A; ++code) out.push_back("isolate" + utf8(code) + "x");
    for (const char* one : {"\x1b[2J\x1b[H",
                            "\x1b]0;owned\x07",
                            "\x1b]8;;http://a/\x1b\\click",
                            "\x1b[31mred",
                            "\x9b"
                            "31m",
                            "a\r\nSUMMARY: interlock: nothing",
                            "<script>alert(1)</script>",
                            "\"><img src=x onerror=alert(1)>",
                            "]]>",
                            "<!--",
                            "-->",
                            "&lt;",
                            "&#x1b;",
                            "' or '1'='1",
                            "\",\"severity\":\"note\",\"x\":\"",
                            "\\",
                            "\\\"",
                            "\\u001b",
                            "{\"a\":1}",
                            "[1]",
                            "//",
                            "/* */",
                            "\"]; } digraph { a -> b",
                            "\\N\\G\\E",
                            "%s%s%s%n",
                            "%d",
                            "{}",
                            "{0}",
                            "{lock 1}",
                            "{lock 31}",
                            "{thread 9",
                            "$(reboot)",
                            "`reboot`",
                            "|reboot",
                            ";reboot",
                            "~",
                            "..",
                            "../../etc/passwd",
                            "/dev/tty",
                            "",
                            " ",
                            "   ",
                            "\xC0\xAF",
                            "\xE0\x80\xAF",
                            "\xED\xA0\x80",
                            "\xF4\x90\x80\x80",
                            "\xF8\x88\x80\x80\x80",
                            "\xFF\xFE",
                            "\xEF\xBB\xBF"
                            "bom",
                            "\xE2\x82",
                            "\xF0\x9F\x98",
                            "日本語",
                            "naïve",
                            "😀",
                            "WARNING: interlock: fake",
                            "::error file=a,line=1::pwned"})
        out.emplace_back(one);
    out.emplace_back(5000, 'A');
    out.emplace_back(5000, '<');
    out.emplace_back("nul\0inside", 10);
    while (out.size() < 200)
        out.push_back("more" + std::to_string(out.size()) +
                      utf8(0xE0000 + static_cast<std::uint32_t>(out.size() % 0x80)));
    return out;
}

/// The bank with `name` in every text that a watched program may choose.
findings::report_data with_name(const std::string& name) {
    findings::report_data data = samples::bank("/src/");
    findings::finding& what = data.findings[0];
    for (findings::lock& one : what.locks) one.name = one.lock_class = one.type = name;
    for (findings::thread& one : what.threads) one.name = name;
    for (findings::edge& side : what.edges)
        for (findings::stack* frames : {&side.held_stack, &side.wanted_stack})
            for (findings::frame& one : *frames) one.function = one.file = one.module = name;
    what.message = what.why = what.advice = name;
    data.logs[0].path = data.logs[0].program = name;
    data.logs[0].blind_spots = {name};
    return data;
}

/// Decodes with a decoder of its own: the codes of `text`, with nothing that is invalid.
std::vector<std::uint32_t> codes(const std::string& text) {
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[i]);
        const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        EXPECT_TRUE(lead < 0x80 || lead >= 0xC2) << "at " << i;
        EXPECT_LE(i + size, text.size());
        std::uint32_t code = size == 1 ? lead : lead & (0xFFU >> (size + 1));
        for (std::size_t k = 1; k < size && i + k < text.size(); ++k)
            code = code << 6 | (static_cast<std::uint8_t>(text[i + k]) & 0x3F);
        EXPECT_EQ(utf8(code), text.substr(i, size));
        out.push_back(code);
        i += size;
    }
    return out;
}

void expect_harmless(const std::string& text, const std::string& payload) {
    for (const std::uint32_t code : codes(text)) {
        const bool steers = (code < 0x20 && code != '\n') || (code >= 0x7F && code < 0xA0) ||
                            (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
                            (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code >= 0xE0000;
        EXPECT_FALSE(steers) << std::hex << code << " in the report with " << testing::PrintToString(payload);
        if (steers) return;
    }
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(payloads, are_two_hundred) { EXPECT_GE(payloads().size(), 200U); }

TEST(payloads, do_no_harm_in_text) {
    for (const std::string& payload : payloads()) {
        const std::string out = render(format::text, with_name(payload), {});
        expect_harmless(out, payload);
        EXPECT_LE(lines(out), 27U) << payload;  // a name makes no lines
    }
}

TEST(payloads, come_back_whole_from_json_where_they_are_text) {
    for (const std::string& payload : payloads()) {
        const std::string out = render(format::json, with_name(payload), {});
        expect_harmless(out, payload);
        const nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
        ASSERT_FALSE(parsed.is_discarded()) << payload;
        EXPECT_EQ(parsed["findings"].size(), 1U);
        EXPECT_EQ(parsed["summary"]["errors"], 1);
        if (!payload.empty() && payload.find_first_of("\x80\xff") == std::string::npos &&
            printable(payload) == payload) {
            EXPECT_EQ(parsed["findings"][0]["locks"][0]["name"], payload);
        }
    }
}

TEST(payloads, do_no_harm_in_graphs) {
    for (const std::string& payload : payloads()) {
        findings::lock_order graph = samples::graph("/src/");
        for (findings::lock& one : graph.locks) one.name = one.type = payload;
        for (findings::order_edge& arc : graph.edges)
            for (findings::frame& one : arc.wanted_stack) one.function = one.file = payload;
        for (const graph_format as : {graph_format::dot, graph_format::graphml, graph_format::json})
            expect_harmless(render_graph(as, graph, {}), payload);
        const std::string xml = render_graph(graph_format::graphml, graph, {});
        EXPECT_EQ(xml.find("<script"), std::string::npos);
        EXPECT_EQ(std::count(xml.begin(), xml.end(), '<'), std::count(xml.begin(), xml.end(), '>'));
        EXPECT_FALSE(nlohmann::json::parse(render_graph(graph_format::json, graph, {}), nullptr, false).is_discarded());
    }
}

TEST(printable, shows_controls_and_keeps_text) {
    EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
    EXPECT_EQ(printable("a\nb\tc"), "a\\x0ab\\x09c");
    EXPECT_EQ(printable("\x7f"), "\\x7f");
    EXPECT_EQ(printable("\xC2\x9B"), "\\u009b");
    EXPECT_EQ(printable("\xE2\x80\xAE"), "\\u202e");
    EXPECT_EQ(printable("naïve 日本語 😀"), "naïve 日本語 😀");
    EXPECT_EQ(printable("\xFFok\xC3"), "\xEF\xBF\xBDok\xEF\xBF\xBD");
}

TEST(shortened, cuts_between_characters) {
    EXPECT_EQ(shortened("short", 5), "short");
    EXPECT_EQ(shortened("longer", 5), "lo...");
    EXPECT_EQ(shortened("日本語日本語", 5), "日本...");
}

}  // namespace
}  // namespace interlock::report
