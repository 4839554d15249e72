// A finding's id: the same defect has the same id in every run of the same program. Made from functions and what locks are
// called in the source; no address, process, line number or order of discovery is part of it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// Where a side of a cycle was seen too, besides the instance that is told: place_word() of its two stacks.
struct other_place {
    std::string held;
    std::string wanted;
};

/// 16 hex digits (XXH3, 64 bits) over the kind and, for each edge in the least rotation, the functions of hold and request,
/// their modes and the locks' source names without array indices; without edges, over the stack's innermost function.
/// The order in which a cycle is told, and on which of its edges it begins, does not matter. `elsewhere`: of each edge; the
/// least place counts, so that it does not matter either which of several instances is told. Reads nothing else of `what`:
/// not its verdict, so a finding that is seen better keeps its id. Reentrant; linear in the edges, times their rotation.
std::string fingerprint(const finding& what, std::span<const std::vector<other_place>> elsewhere = {});

/// The text that fingerprint() hashes: for tests and for comparing two findings by eye.
std::string fingerprint_text(const finding& what, std::span<const std::vector<other_place>> elsewhere = {});

/// What a stack counts as: its innermost function, lambdas by what encloses them; without symbols module and offset.
std::string place_word(const stack& frames);

/// A variable's name without array indices and without the offset into it, which moves with unrelated edits.
std::string without_indices(const std::string& name);

/// The same with the offset kept, which is the same in every run of one build.
std::string without_elements(const std::string& name);

/// 16 hex digits of any text.
std::string digest(std::string_view text);

}  // namespace interlock::findings
