#include "analysis/report/uri.hpp"

#include <fmt/format.h>

namespace interlock::report {

namespace {

constexpr bool is_unreserved(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

/// With a slash at its end, so that /src is no prefix of /srcs.
std::string root_of(const options& how) {
    std::string root = how.strip_path_prefix.empty() ? how.working_directory : how.strip_path_prefix;
    if (root == "/" || root.empty()) return {};
    if (how.strip_path_prefix.empty() && !root.ends_with('/')) root += '/';
    return root;
}

}  // namespace

std::string uri_path(std::string_view path) {
    if (path.empty()) return ".";
    std::string out;
    for (const char c : path) {
        if (is_unreserved(c) || c == '/')
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

source_uri uri_of(std::string_view path, const options& how) {
    const std::string root = root_of(how);
    if (!root.empty() && path.starts_with(root) && path.size() > root.size()) {
        std::string_view rest = path.substr(root.size());
        while (rest.starts_with('/')) rest.remove_prefix(1);
        return {uri_path(rest), true};
    }
    if (!path.starts_with('/')) return {uri_path(path), false};
    // Two slashes at the begin would make the first name a host.
    while (path.starts_with("//")) path.remove_prefix(1);
    return {"file://" + uri_path(path), false};
}

std::string root_uri(const options& how) {
    std::string root = root_of(how);
    if (!root.starts_with('/')) return {};
    if (!root.ends_with('/')) root += '/';
    return "file://" + uri_path(root);
}

}  // namespace interlock::report
