// What a reader of a report may choose about its looks.
#pragma once

#include <string>

namespace interlock::report {

struct options {
    std::string tool_version;
    /// Cut from the front of source paths.
    std::string strip_path_prefix;
    /// Source paths below it are shown relative to it; empty: none are.
    std::string working_directory;
    bool colour = false;
    /// Quote source lines where the files are there.
    bool quote_source = true;
};

}  // namespace interlock::report
