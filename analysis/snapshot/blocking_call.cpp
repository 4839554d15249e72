// The innermost name that says something counts: mtx_lock calls pthread_mutex_lock. Call instructions and the stubs of the procedure
// linkage table are those of the x86-64 ABI.
#include "analysis/snapshot/blocking_call.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace interlock::snapshot {
namespace {

constexpr std::array<std::pair<std::string_view, call>, 26> known = {{
    {"pthread_mutex_lock", call::mutex_lock},
    {"pthread_mutex_cond_lock", call::mutex_lock},
    {"pthread_mutex_timedlock", call::mutex_lock},
    {"pthread_mutex_clocklock", call::mutex_lock},
    {"mtx_lock", call::mutex_lock},
    {"mtx_timedlock", call::mutex_lock},
    {"pthread_rwlock_rdlock", call::rwlock_read},
    {"pthread_rwlock_timedrdlock", call::rwlock_read},
    {"pthread_rwlock_clockrdlock", call::rwlock_read},
    {"pthread_rwlock_wrlock", call::rwlock_write},
    {"pthread_rwlock_timedwrlock", call::rwlock_write},
    {"pthread_rwlock_clockwrlock", call::rwlock_write},
    {"pthread_cond_wait", call::condition_wait},
    {"pthread_cond_timedwait", call::condition_wait},
    {"pthread_cond_clockwait", call::condition_wait},
    {"sem_wait", call::semaphore_wait},
    {"sem_timedwait", call::semaphore_wait},
    {"sem_clockwait", call::semaphore_wait},
    {"pthread_barrier_wait", call::barrier_wait},
    {"pthread_join", call::join},
    {"pthread_timedjoin", call::join},
    {"pthread_clockjoin", call::join},
    {"thrd_join", call::join},
    {"pthread_once", call::once},
    {"call_once", call::once},
    {"cxa_guard_acquire", call::static_guard},
}};

/// What glibc adds to the names of its own parts.
std::string_view plain(std::string_view name) {
    name = name.substr(0, name.find_first_of(".@("));
    const auto drop = [&](std::string_view begin) {
        while (name.starts_with(begin)) name.remove_prefix(begin.size());
    };
    drop("_");
    drop("GI_");
    drop("_");
    drop("new_");
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view end : {"64", "_full", "_slow", "_common", "_ex", "_np"}) {
            if (!name.ends_with(end)) continue;
            name.remove_suffix(end.size());
            again = true;
        }
    }
    return name;
}

template <std::size_t Size>
bool read_code(const image& of, std::uint64_t address, std::array<std::uint8_t, Size>& into) {
    return of.read(address, std::as_writable_bytes(std::span(into)));
}

std::uint64_t relative(const std::uint8_t* displacement, std::uint64_t next) {
    std::int32_t distance = 0;
    std::memcpy(&distance, displacement, sizeof distance);
    return next + static_cast<std::uint64_t>(std::int64_t{distance});
}

/// Where a stub of the procedure linkage table jumps to: `[endbr64] [bnd] jmp *slot(%rip)`. 0: it is none.
std::uint64_t behind_stub(const image& of, std::uint64_t address) {
    std::array<std::uint8_t, 16> code{};
    if (!read_code(of, address, code)) return 0;
    std::size_t at = 0;
    static constexpr std::array<std::uint8_t, 4> endbr64 = {0xf3, 0x0f, 0x1e, 0xfa};
    if (std::equal(endbr64.begin(), endbr64.end(), code.begin())) at = endbr64.size();
    if (code[at] == 0xf2) ++at;
    if (code[at] != 0xff || code[at + 1] != 0x25) return 0;
    return read_value<std::uint64_t>(of.read, relative(&code[at + 2], address + at + 6)).value_or(0);
}

/// The function that the call before `return_address` went to; 0: it cannot be told.
std::uint64_t target_of_call(const image& of, std::uint64_t return_address) {
    std::array<std::uint8_t, 6> code{};
    if (return_address < code.size() || !read_code(of, return_address - code.size(), code)) return 0;
    if (code[0] == 0xff && code[1] == 0x15)
        return read_value<std::uint64_t>(of.read, relative(&code[2], return_address)).value_or(0);
    if (code[1] != 0xe8) return 0;
    const std::uint64_t target = relative(&code[2], return_address);
    const std::uint64_t behind = behind_stub(of, target);
    return behind != 0 ? behind : target;
}

}  // namespace

call call_named(std::string_view function) {
    const std::string_view name = plain(function);
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.first == name; });
    return found == known.end() ? call::unknown : found->second;
}

blocking_call find_call(const image& of, std::span<const frame> stack, places& names) {
    blocking_call made;
    std::size_t inside = 0;  // frames of the library, from the top
    for (; inside < stack.size(); ++inside) {
        const module* where = names.files().at(stack[inside].address);
        if (where == nullptr || !(where->is_glibc || where->is_runtime)) break;
        for (const symbols::frame& one : names.of(stack[inside])) {
            if (one.function.empty()) continue;
            made.function = one.function;
            made.what = call_named(one.function);
            if (made.what != call::unknown) return made;
        }
    }
    if (inside == 0 || inside >= stack.size()) return made;
    const std::uint64_t target = target_of_call(of, stack[inside].address);
    const module* where = target == 0 ? nullptr : names.files().at(target);
    if (where == nullptr || !(where->is_glibc || where->is_runtime)) return made;
    if (std::string function = names.function_at(target); !function.empty()) {
        made.what = call_named(function);
        made.function = std::move(function);
    }
    return made;
}

}  // namespace interlock::snapshot
