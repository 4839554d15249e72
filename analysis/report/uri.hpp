// Source paths as SARIF wants them: percent-encoded, relative to one root where they lie below it.
#pragma once

#include <string>
#include <string_view>

#include "analysis/report/options.hpp"

namespace interlock::report {

/// RFC 3986: everything but unreserved characters and `/` is encoded, byte by byte. Never empty: `.` for an empty path.
std::string uri_path(std::string_view path);

struct source_uri {
    std::string text;
    bool relative_to_root = false;
};

/// `path` below the root: relative to it; another absolute path: `file:///...`; else the path as it is.
source_uri uri_of(std::string_view path, const options& how);

/// `file:///.../`, of the prefix that is to be cut, else of the working directory. Empty: there is no root that has a name.
std::string root_uri(const options& how);

}  // namespace interlock::report
