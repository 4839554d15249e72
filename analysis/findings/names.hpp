// The words of the report's vocabulary, as the schema spells them. A name is never reused for another meaning.
#pragma once

#include <optional>
#include <string_view>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

/// The word for each enumerator, valid for ever. Reentrant, never fails.
std::string_view name(kind what) noexcept;
std::string_view name(verdict how_sure) noexcept;
std::string_view name(severity how_bad) noexcept;
std::string_view name(lock_mode mode) noexcept;
std::string_view name(answer holds) noexcept;
std::string_view name(access_kind does) noexcept;

/// The enumerator that `word` names, or nothing. Reentrant.
std::optional<kind> kind_named(std::string_view word) noexcept;
std::optional<verdict> verdict_named(std::string_view word) noexcept;
std::optional<severity> severity_named(std::string_view word) noexcept;

/// How many enumerators there are: for tables and tests.
inline constexpr std::size_t kinds = static_cast<std::size_t>(kind::condition_two_mutexes) + 1;
inline constexpr std::size_t verdicts = static_cast<std::size_t>(verdict::unverifiable) + 1;

}  // namespace interlock::findings
