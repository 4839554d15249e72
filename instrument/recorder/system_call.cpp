#include "instrument/recorder/system_call.hpp"

#include <sys/mman.h>
#include <time.h>

namespace interlock::recorder {
namespace {

std::uint64_t clock_ns(clockid_t clock) noexcept {
    timespec now{};
    clock_gettime(clock, &now);  // vDSO: no system call, errno untouched
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

void* map_anonymous(std::size_t size) noexcept {
    const long result = system_call(SYS_mmap, nullptr, static_cast<long>(size), PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return is_error(result) ? nullptr : reinterpret_cast<void*>(result);
}

void unmap(void* address, std::size_t size) noexcept { system_call(SYS_munmap, address, static_cast<long>(size)); }

std::uint64_t monotonic_ns() noexcept { return clock_ns(CLOCK_MONOTONIC); }
std::uint64_t realtime_ns() noexcept { return clock_ns(CLOCK_REALTIME); }

}  // namespace interlock::recorder
