// Patterns of suppression files, as the two tools match them that the files come from.
#pragma once

#include <string_view>

namespace interlock::findings {

/// ThreadSanitizer's: the parts between `*` occur in `text` one after the other, each at the first place that is left; a leading
/// `^` binds the first part to the begin, a `$` binds what precedes it to the end and ends the pattern. So `foo$` does not match
/// "foofoo": the first occurrence counts. An empty text matches nothing, an empty pattern every other text (compiler-rt,
/// sanitizer_common, TemplateMatch). Reentrant; linear in the text for each part.
bool matches(std::string_view pattern, std::string_view text) noexcept;

/// Valgrind's: the whole of `text`, where `*` is any text and `?` any one character. Reentrant; at worst quadratic.
bool matches_whole(std::string_view pattern, std::string_view text) noexcept;

}  // namespace interlock::findings
