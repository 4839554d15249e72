// Names that attack the reader: 200 of them through every format. Nothing steers the terminal, everything parses.
#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analysis/findings/mention.hpp"
#include "analysis/report/escape.hpp"
#include "analysis/report/github.hpp"
#include "analysis/report/markdown.hpp"
#include "analysis/report/report.hpp"
#include "analysis/report/uri.hpp"
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

/// A data race and misuse, whose texts are others, with `name` in them.
findings::report_data others_with_name(const std::string& name) {
    findings::report_data out;
    for (samples::sample& one : samples::reports("/src/")) {
        if (one.name != "data_race" && one.name != "misuse") continue;
        findings::finding what = one.data.findings[0];
        for (findings::lock& each : what.locks) each.name = each.lock_class = each.type = name;
        for (findings::thread& each : what.threads) each.name = name;
        for (findings::access& side : what.accesses) {
            side.memory = name;
            for (findings::frame& each : side.stack) each.function = each.file = each.module = name;
        }
        for (findings::frame& each : what.stack) each.function = each.file = each.module = name;
        what.message = what.why = what.advice = name;
        out.findings.push_back(std::move(what));
    }
    return out;
}

TEST(payloads, do_no_harm_in_sarif) {
    for (const std::string& payload : payloads()) {
        for (const findings::report_data& data : {with_name(payload), others_with_name(payload)}) {
            const std::string out = render(format::sarif, data, {});
            expect_harmless(out, payload);
            const nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
            ASSERT_FALSE(parsed.is_discarded()) << payload;
            for (const nlohmann::json& result : parsed["runs"][0]["results"]) {
                const std::string uri =
                    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].get<std::string>();
                EXPECT_EQ(
                    uri.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/%:"),
                    std::string::npos)
                    << uri;
                EXPECT_FALSE(uri.empty()) << payload;
            }
        }
    }
}

/// The tags of a page, without what lies between them, and every character that could be one.
std::string tags_of(const std::string& page) {
    std::string out;
    bool inside = false;
    for (const char c : page) {
        if (c == '<') inside = true;
        if (inside) out += c;
        if (c == '>') inside = false;
    }
    return out;
}

TEST(payloads, change_no_tag_of_a_page) {
    for (const bool others : {false, true}) {
        const auto page = [&](const std::string& name) {
            const std::string out = render(format::html, others ? others_with_name(name) : with_name(name), {});
            expect_harmless(out, name);
            return out;
        };
        // Drawings are left out: their numbers hang on the length of the names.
        const auto bare = [](const std::string& made) {
            std::string tags = tags_of(made);
            const std::size_t begin = tags.find("<svg");
            if (begin != std::string::npos) tags.erase(begin, tags.find("</svg>") - begin);
            return tags;
        };
        const std::string expected = bare(page("harmless"));
        for (const std::string& payload : payloads()) {
            const std::string made = page(payload);
            EXPECT_EQ(made.find("<script"), std::string::npos) << payload;
            EXPECT_EQ(made.find("<img"), std::string::npos) << payload;
            if (!payload.empty()) {
                EXPECT_EQ(bare(made), expected) << testing::PrintToString(payload);
            }
        }
    }
}

TEST(payloads, make_no_workflow_command) {
    for (const std::string& payload : payloads()) {
        const std::string out = render(format::github, with_name(payload), {});
        expect_harmless(out, payload);
        EXPECT_EQ(lines(out), 2U) << payload;
        std::istringstream all(out);
        std::string line;
        std::getline(all, line);
        EXPECT_TRUE(line.starts_with("::error ")) << line;
        // Properties end at the first pair of colons, and there are as many as we wrote.
        const std::size_t properties = line.find("::", 2);
        const std::string head = line.substr(0, properties);
        EXPECT_EQ(std::count(head.begin(), head.end(), ','), payload.empty() ? 0 : 2) << head;
        EXPECT_NE(head.find("title=interlock%3A lock-order-inversion [potential]"), std::string::npos) << head;
        std::getline(all, line);
        EXPECT_TRUE(line.starts_with("::notice title=interlock::")) << line;
    }
}

/// Text with the fenced blocks of Markdown taken out, by a reader of its own: a fence is closed by one at least as long.
std::string outside_of_fences(const std::string& text) {
    std::string out;
    std::string fence;
    std::istringstream all(text);
    for (std::string line; std::getline(all, line);) {
        const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
        if (fence.empty() && ticks >= 3)
            fence = line.substr(0, ticks);
        else if (!fence.empty() && ticks >= fence.size() && ticks == line.size())
            fence.clear();
        else if (fence.empty())
            out += line + '\n';
    }
    EXPECT_TRUE(fence.empty());
    return out;
}

/// Without what stands in fences and in code, which holds nothing that is markup.
std::string prose_of(const std::string& markdown) {
    std::string prose = outside_of_fences(markdown);
    for (std::size_t at = prose.find("<code>"); at != std::string::npos; at = prose.find("<code>", at)) {
        const std::size_t end = std::min(prose.find("</code>", at), prose.size() - 7);
        const std::string inside = prose.substr(at + 6, end - at - 6);
        EXPECT_EQ(inside.find_first_of("<>|`*_[]()@/\\\n:.\"'$~!{}"), std::string::npos) << inside;
        prose.erase(at, end + 7 - at);
    }
    return prose;
}

TEST(payloads, are_code_in_markdown) {
    const std::string expected = prose_of(render(format::markdown, with_name("harmless"), {}));
    for (const std::string& payload : payloads()) {
        const std::string out = render(format::markdown, with_name(payload), {});
        expect_harmless(out, payload);
        EXPECT_LE(out.size(), markdown_size_max);
        const std::string prose = prose_of(out);
        // A very long one leaves no room for the text of its finding.
        if (payload.size() < 1000) {
            EXPECT_EQ(prose, expected) << testing::PrintToString(payload);
        }
    }
}

TEST(workflow_command, is_escaped_as_the_runner_reads_it) {
    EXPECT_EQ(command_data("50%\r\na:b,c"), "50%25%0D%0Aa:b,c");
    EXPECT_EQ(command_property("50%\r\na:b,c"), "50%25%0D%0Aa%3Ab%2Cc");
    EXPECT_EQ(command_data("%0A"), "%250A");
    EXPECT_EQ(command_data(""), "");
}

TEST(markdown_code, writes_punctuation_as_references) {
    EXPECT_EQ(markdown_code("f<int>(a|b) @all"), "<code>f&#60;int&#62;&#40;a&#124;b&#41; &#64;all</code>");
    EXPECT_EQ(markdown_code("naïve 日本"), "<code>naïve 日本</code>");
}

TEST(uri, encodes_all_that_is_not_unreserved) {
    EXPECT_EQ(uri_path("a b/ü%#?:[x].cpp"), "a%20b/%C3%BC%25%23%3F%3A%5Bx%5D.cpp");
    options how;
    how.working_directory = "/src/app";
    EXPECT_EQ(uri_of("/src/app/lib/a.cpp", how).text, "lib/a.cpp");
    EXPECT_TRUE(uri_of("/src/app/lib/a.cpp", how).relative_to_root);
    EXPECT_EQ(uri_of("/src/apple/a.cpp", how).text, "file:///src/apple/a.cpp");
    EXPECT_EQ(uri_of("//host/a.cpp", how).text, "file:///host/a.cpp");
    EXPECT_EQ(uri_of("../a.cpp", how).text, "../a.cpp");
    EXPECT_EQ(root_uri(how), "file:///src/app/");
    how.strip_path_prefix = "/src/";
    EXPECT_EQ(uri_of("/src/apple/a.cpp", how).text, "apple/a.cpp");
    EXPECT_EQ(root_uri(how), "file:///src/");
}

TEST(github, shows_ten_and_counts_the_rest) {
    findings::report_data data = samples::bank("/src/");
    data.findings.resize(14, data.findings[0]);
    data.findings[3].suppressed = true;
    const std::string out = render(format::github, data, {});
    EXPECT_EQ(lines(out), 11U);
    EXPECT_NE(out.find("13 errors, 0 warnings, 0 notes, 1 suppressed"), std::string::npos) << out;
    EXPECT_NE(out.find("%0A3 more findings not shown here"), std::string::npos) << out;
}

TEST(markdown, stays_below_the_size_of_a_comment) {
    findings::report_data data = samples::bank("/src/");
    data.findings.resize(2'000, data.findings[0]);
    const std::string out = render(format::markdown, data, {});
    EXPECT_LE(out.size(), markdown_size_max);
    EXPECT_GE(out.size(), markdown_size_max / 2);
    EXPECT_NE(out.find("more findings not listed here"), std::string::npos);
    EXPECT_NE(out.find("interlock: 2000 errors"), std::string::npos);
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
