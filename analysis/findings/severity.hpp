// How bad a finding is: a function of its kind and its verdict, nothing else.
#pragma once

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// The lesser of what the verdict allows and what the kind allows. Reentrant, never fails.
severity severity_of(kind what, verdict how_sure) noexcept;

}  // namespace interlock::findings
