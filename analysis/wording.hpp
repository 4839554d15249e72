// The facts of a draft as sentences: why the verdict is what it is, which Coffman condition this run negates, what would break the
// cycle most cheaply. What every finding of a kind has in common is left to analysis/report, which fills what is empty here.
#pragma once

#include <string>

#include "analysis/detectors/draft.hpp"
#include "analysis/detectors/unanswered_waits.hpp"
#include "analysis/findings/finding.hpp"
#include "analysis/trace/loss.hpp"

namespace interlock::analysis {

/// Fills why, and of message, advice and the conditions what only the facts can tell. Precondition: edges, locks and threads of
/// `into` are those of `from`. Locks and threads are spoken of by findings::mention_lock and mention_thread.
void word(const detectors::draft& from, findings::finding& into);

/// One line for what a log does not tell.
std::string sentence_of(const trace::loss& lost);
std::string sentence_of(format::blind_spot spot, std::string_view detail);
/// `where`: the first of `count` threads that waited so.
std::string sentence_of(detectors::unanswered what, const findings::stack& where, std::size_t count);

}  // namespace interlock::analysis
