// Makes names that come from a watched program safe to print: whoever can name a thread must not be able to write to the
// terminal of whoever reads the report.
#pragma once

#include <string>
#include <string_view>

namespace interlock::report {

/// Valid UTF-8 without anything that steers a terminal or reorders a line: C0, DEL, C1 and bidirectional controls, zero-width
/// characters and line separators become visible escapes (`\x1b`, `\u202e`), invalid bytes become U+FFFD. Reentrant; linear.
std::string printable(std::string_view text);

/// For XML text and attribute values: printable, with `&`, `<`, `>`, `"`, `'` as entities.
std::string xml_escaped(std::string_view text);

/// For a double-quoted string of the DOT language: printable, with `"` and `\` escaped.
std::string dot_escaped(std::string_view text);

/// `text` shortened to `length_max` characters with an ellipsis, cut between characters. Precondition: `text` is valid UTF-8.
std::string shortened(std::string_view text, std::size_t length_max);

/// Characters (code points) in valid UTF-8.
std::size_t width_of(std::string_view text) noexcept;

}  // namespace interlock::report
