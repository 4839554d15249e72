// One scan over a demangled name that drops bracketed parts, then cuts at both ends.
#include "analysis/findings/function_name.hpp"

#include <array>
#include <cctype>
#include <cstddef>

namespace interlock::findings {
namespace {

constexpr std::string_view anonymous = "(anonymous namespace)::";
constexpr std::string_view operator_word = "operator";

bool is_word(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

/// The end of the bracketed part that opens at `at`: one past its closing bracket. Arrows and shifts are no brackets.
std::size_t past_bracket(std::string_view name, std::size_t at) {
    std::size_t depth = 0;
    for (std::size_t i = at; i < name.size(); ++i) {
        const char c = name[i];
        if (c == '(' || c == '<' || c == '[' || c == '{') ++depth;
        if (c == '>' && i > 0 && name[i - 1] == '-') continue;
        if ((c == ')' || c == '>' || c == ']' || c == '}') && --depth == 0) return i + 1;
    }
    return name.size();
}

/// The length of an operator's symbol at `at`, just behind the word `operator`; 0 where a conversion's type follows.
std::size_t operator_symbol(std::string_view name, std::size_t at) {
    static constexpr std::array symbols = {
        "()", "[]", "<=>", "->*", "<<=", ">>=", "->", "<<", ">>", "<=", ">=", "==",  "!=", "&&",
        "||", "++", "--",  "+=",  "-=",  "*=",  "/=", "%=", "^=", "&=", "|=", "<",   ">",  "+",
        "-",  "*",  "/",   "%",   "^",   "&",   "|",  "~",  "!",  "=",  ",",  "\"\""};
    for (const std::string_view symbol : symbols)
        if (name.substr(at).starts_with(symbol)) return symbol.size();
    return 0;
}

bool starts_operator(std::string_view name, std::size_t at) {
    return name.substr(at).starts_with(operator_word) && (at == 0 || !is_word(name[at - 1])) &&
           (at + operator_word.size() >= name.size() || !is_word(name[at + operator_word.size()]));
}

/// A lambda as GCC's and Clang's demanglers and GCC's debug information write it.
bool starts_lambda(std::string_view rest) {
    return rest.starts_with("{lambda") || rest.starts_with("<lambda") || rest.starts_with("'lambda") ||
           rest.starts_with("$_");
}

std::size_t past_lambda(std::string_view name, std::size_t at) {
    if (name[at] == '{' || name[at] == '<') return past_bracket(name, at);
    std::size_t end = at + 1;
    if (name[at] == '\'') {
        end = name.find('\'', end);
        end = end == std::string_view::npos ? name.size() : end + 1;
        return end < name.size() && name[end] == '(' ? past_bracket(name, end) : end;
    }
    while (end < name.size() && is_word(name[end])) ++end;
    return end;
}

/// The name without brackets; lambdas as `{lambda}`. `cut` gets where the name proper begins, behind a return type.
std::string without_brackets(std::string_view name, std::size_t& cut) {
    std::string out;
    bool parameters_seen = false;
    for (std::size_t i = 0; i < name.size();) {
        const std::string_view rest = name.substr(i);
        if (rest.starts_with(" [clone") || (parameters_seen && name[i] == ' ')) break;
        if (rest.starts_with(anonymous)) {
            i += anonymous.size();
        } else if (starts_lambda(rest) && (out.empty() || out.ends_with("::") || name[i] == '{')) {
            out += "{lambda}";
            i = past_lambda(name, i);
        } else if (starts_operator(name, i)) {
            out += operator_word;
            i += operator_word.size();
            const std::size_t length = operator_symbol(name, i);
            out += name.substr(i, length);
            i += length;
            if (length == 0 && i < name.size() && name[i] == ' ') {  // new, delete, a conversion: up to its parameters
                while (i < name.size() && name[i] != '(') out += name[i++];
                return out;
            }
        } else if (name[i] == '(' || name[i] == '<' || name[i] == '[') {
            const bool arguments = name[i] == '(' && !out.empty() && out.back() != ' ';
            i = past_bracket(name, i);
            parameters_seen = arguments && name.substr(i, 2) != "::" && !out.ends_with("decltype");
        } else {
            if (name[i] == ' ') cut = out.size() + 1;
            parameters_seen = false;
            out += name[i++];
        }
    }
    return out;
}

}  // namespace

std::string plain_function(std::string_view demangled) {
    std::size_t cut = 0;
    std::string out = without_brackets(demangled, cut);
    while (cut < out.size() && (out[cut] == '*' || out[cut] == '&' || out[cut] == ' ')) ++cut;
    if (cut < out.size()) out.erase(0, cut);
    constexpr std::string_view call = "{lambda}::operator()";
    if (const std::size_t at = out.find(call); at != std::string::npos)
        out.resize(at + std::string_view("{lambda}").size());
    // A clone suffix: foo.part.0, foo.cold, foo.isra.0
    if (const std::size_t dot = out.find('.'); dot != std::string::npos && dot > 0 && is_word(out[dot - 1]))
        out.resize(dot);
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out.empty() ? std::string(demangled) : out;
}

std::string enclosing_function(std::string_view demangled) {
    std::string out = plain_function(demangled);
    if (const std::size_t at = out.find("::{lambda}"); at != std::string::npos && at > 0) out.resize(at);
    return out;
}

bool is_implementation_function(std::string_view demangled) {
    const std::string plain = plain_function(demangled);
    for (const std::string_view start : {"std::", "__gnu_cxx::", "__gthread",
                                         "__cxxabiv1::", "__gnu_debug::", "interlock::recorded::", "interlock::bare::"})
        if (plain.starts_with(start)) return true;
    return false;
}

}  // namespace interlock::findings
