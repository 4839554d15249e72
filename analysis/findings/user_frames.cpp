// Library frames told by module, by function and by file, since templates of a library are instantiated in the user's module.
#include "analysis/findings/user_frames.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "analysis/findings/function_name.hpp"

namespace interlock::findings {
namespace {

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_recorder(const frame& one) { return base_name(one.module).starts_with("libinterlock"); }

bool is_library_module(std::string_view module) {
    static constexpr std::array<std::string_view, 14> starts = {
        "libc.so",  "libc-2",    "libpthread", "librt.so", "libstdc++", "libc++",   "libgcc_s",
        "ld-linux", "libunwind", "libtsan",    "libasan",  "libm.so",   "libubsan", "[vdso]"};
    const std::string_view base = base_name(module);
    return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return base.starts_with(start); });
}

bool is_library_file(std::string_view file) {
    for (const std::string_view part : {"/include/c++/", "/lib/gcc/", "/libstdc++-v3/", "/include/bits/",
                                        "/include/interlock/", "primitives/interlock/"})
        if (file.find(part) != std::string_view::npos) return true;
    return false;
}

bool starts_things(std::string_view function) {
    for (const std::string_view name :
         {"_start", "__libc_start_main", "start_thread", "clone", "clone3", "__clone", "execute_native_thread_routine"})
        if (function == name) return true;
    return false;
}

/// GoogleTest's frames between a test and main(), which lie in the test program itself.
bool runs_tests(std::string_view function) {
    for (const std::string_view name : {"testing::internal::", "testing::Test::Run", "testing::TestInfo::Run",
                                        "testing::TestSuite::Run", "testing::UnitTest::Run", "RUN_ALL_TESTS"})
        if (function.starts_with(name)) return true;
    return false;
}

}  // namespace

bool is_library_frame(const frame& one) {
    return is_recorder(one) || is_library_module(one.module) || is_library_file(one.file) ||
           starts_things(one.function) || runs_tests(plain_function(one.function)) ||
           is_implementation_function(one.function);
}

stack user_frames(stack whole) {
    const auto is_user = [](const frame& one) { return !is_library_frame(one); };
    const auto first = std::find_if(whole.begin(), whole.end(), is_user);
    if (first == whole.end()) {
        const auto outside = std::find_if_not(whole.begin(), whole.end(), is_recorder);
        if (outside != whole.end()) whole.erase(whole.begin(), outside);
        return whole;
    }
    whole.erase(std::find_if(whole.rbegin(), whole.rend(), is_user).base(), whole.end());
    whole.erase(whole.begin(), first);
    return whole;
}

}  // namespace interlock::findings
