// One decoder of UTF-8 (RFC 3629, shortest form only, no surrogates) under all the escapes.
#include "analysis/report/escape.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace interlock::report {
namespace {

constexpr std::uint32_t replacement = 0xFFFD;

struct decoded {
    std::uint32_t code = replacement;
    std::size_t size = 1;  // bytes used
};

decoded decode(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    std::size_t size = 0;
    std::uint32_t code = 0;
    std::uint32_t least = 0;
    if (lead >= 0xC2 && lead < 0xE0)
        size = 2, code = lead & 0x1FU, least = 0x80;
    else if (lead >= 0xE0 && lead < 0xF0)
        size = 3, code = lead & 0x0FU, least = 0x800;
    else if (lead >= 0xF0 && lead < 0xF5)
        size = 4, code = lead & 0x07U, least = 0x10000;
    else
        return {};
    if (text.size() < size) return {};
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        code = code << 6 | (byte(i) & 0x3FU);
    }
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
    return {code, size};
}

/// Code points that have no look of their own but change that of others.
bool is_steering(std::uint32_t code) noexcept {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C || code == 0x180E ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
           (code >= 0xE0000 && code <= 0xE007F);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const decoded one = decode(text.substr(i));
        if (one.code == replacement)
            out += "\xEF\xBF\xBD";
        else if (!is_steering(one.code))
            out += text.substr(i, one.size);
        else if (one.code < 0x80)
            out += fmt::format("\\x{:02x}", one.code);
        else if (one.code < 0x10000)
            out += fmt::format("\\u{:04x}", one.code);
        else
            out += fmt::format("\\U{:08x}", one.code);
        i += one.size;
    }
    return out;
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&apos;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string dot_escaped(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::size_t width_of(std::string_view text) noexcept {
    std::size_t width = 0;
    for (const char c : text)
        if ((static_cast<std::uint8_t>(c) & 0xC0) != 0x80) ++width;
    return width;
}

std::string shortened(std::string_view text, std::size_t length_max) {
    if (width_of(text) <= length_max) return std::string(text);
    std::size_t end = 0;
    for (std::size_t characters = 0; end < text.size(); ++end) {
        if ((static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) continue;
        if (++characters > (length_max < 3 ? 0 : length_max - 3)) break;
    }
    return std::string(text.substr(0, end)) + "...";
}

}  // namespace interlock::report
