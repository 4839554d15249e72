// Names of things in debug information. Private to this room.
#pragma once

#include <string>
#include <string_view>

namespace interlock::symbols {

/// The C++ name of a mangled symbol; the symbol itself where it is none.
std::string demangled(const char* symbol);

/// A variable's name from its symbol: without anonymous namespaces and the parameters of the functions around it.
std::string variable_name(const char* symbol);

/// `path` without `.` and `dir/..`, lexically.
std::string tidy_path(std::string_view path);

}  // namespace interlock::symbols
