// The name of a function apart from all that changes without its meaning: return type, parameters, template arguments, ABI
// tags, clone suffixes. Finding ids are made from it, and reports print it.
#pragma once

#include <string>
#include <string_view>

namespace interlock::findings {

/// `void ns::f<int>(long) [clone .part.0]` to `ns::f`; anonymous namespaces vanish; a lambda's call operator becomes
/// `f::{lambda}`. Never empty for a name that is not. Reentrant; linear in the length.
std::string plain_function(std::string_view demangled);

/// As plain_function, and a lambda (or what is inside of it) is its enclosing function: `f::{lambda}` to `f`.
std::string enclosing_function(std::string_view demangled);

/// True for functions of the implementation: `std::`, `__gnu_cxx::`, `__gthread_...`. Looks at plain_function alone.
bool is_implementation_function(std::string_view demangled);

}  // namespace interlock::findings
