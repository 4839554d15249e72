// A program told as text, recorded, and analysed: what came out. Serves the tests of analysis.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "analysis/analyser.hpp"
#include "analysis/findings/names.hpp"
#include "tests/support/trace_text.hpp"

namespace interlock::testing {

struct analysed {
    text_log made;
    analysis::analyser of;
    findings::report_data data;

    explicit analysed(std::string_view text, const log_builder_options& options = {}) : made(make_log(text, options)) {
        EXPECT_FALSE(of.adopt("told.ilk", made.image.bytes()).has_value());
        of.tell_tests_apart();
        EXPECT_FALSE(of.feed().has_value());
        data = of.findings_so_far();
    }

    /// "kind verdict severity" of each finding.
    std::vector<std::string> summary() const {
        std::vector<std::string> all;
        for (const findings::finding& f : data.findings) {
            all.push_back(std::string(findings::name(f.kind)) + ' ' + std::string(findings::name(f.verdict)) + ' ' +
                          std::string(findings::name(f.severity)));
        }
        return all;
    }
};

}  // namespace interlock::testing
