// What each kind of finding means, in words for people who meet it for the first time: the rules of SARIF, the help of a page.
#pragma once

#include <string_view>

#include "analysis/findings/finding.hpp"

namespace interlock::report {

struct rule {
    std::string_view name;     // in one word, `LockOrderInversion`
    std::string_view summary;  // one short sentence
    std::string_view meaning;  // what is wrong with it
    std::string_view remedy;   // what to do
    int weakness = 0;          // number in the Common Weakness Enumeration (cwe.mitre.org), 0: none fits
};

/// All texts are plain ASCII.
const rule& rule_of(findings::kind what) noexcept;

}  // namespace interlock::report
