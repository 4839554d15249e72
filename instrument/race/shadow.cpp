#include "instrument/race/shadow.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "instrument/recorder/message.hpp"
#include "instrument/recorder/system_call.hpp"

extern "C" char** environ;

namespace interlock::race {
namespace {
alignas(cell) constinit cell nothing_known{};
}
constinit cell_layout cells_at{0, reinterpret_cast<std::uintptr_t>(&nothing_known)};
namespace {

using recorder::is_error;
using recorder::message;
using recorder::system_call;

struct region {
    std::uintptr_t begin;
    std::uintptr_t size;
};
constexpr std::uintptr_t unit = std::uintptr_t{1} << 32;
constexpr region cells[] = {
    {0x4000 * unit, 0x0100 * unit}, {0x6a00 * unit, 0x0600 * unit}, {0x2000 * unit, 0x2000 * unit}};
constexpr region marks[] = {
    {0x4400 * unit, 0x0020 * unit}, {0x5940 * unit, 0x00c0 * unit}, {0x6000 * unit, 0x0400 * unit}};
constexpr std::size_t page_size = 4096;

bool reserve(const region& what) noexcept {
    const long got =
        system_call(SYS_mmap, static_cast<long>(what.begin), static_cast<long>(what.size), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != static_cast<long>(what.begin)) return false;
    system_call(SYS_madvise, static_cast<long>(what.begin), static_cast<long>(what.size), MADV_NOHUGEPAGE);
    system_call(SYS_madvise, static_cast<long>(what.begin), static_cast<long>(what.size), MADV_DONTDUMP);
    return true;
}

/// Reads "BEGIN-END ..." lines as they come, in pieces.
class map_reader {
public:
    bool all_shadowed() noexcept {
        const long fd =
            system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY | O_CLOEXEC);
        if (is_error(fd)) return true;  // unknown: the reservation will tell
        static constinit char text[4096];
        bool good = true;
        for (long size = 0; (size = system_call(SYS_read, fd, reinterpret_cast<long>(text), sizeof text)) > 0;)
            for (long i = 0; i < size; ++i) good &= take(text[i]);
        system_call(SYS_close, fd);
        return good;
    }

private:
    /// False: a line's range is complete and not ours.
    bool take(char c) noexcept {
        if (c == '\n') {
            value_ = begin_ = 0;
            field_ = 0;
            return true;
        }
        if (field_ == 2) return true;
        if (c >= '0' && c <= '9') return value_ = value_ << 4 | static_cast<std::uintptr_t>(c - '0'), true;
        if (c >= 'a' && c <= 'f') return value_ = value_ << 4 | static_cast<std::uintptr_t>(c - 'a' + 10), true;
        ++field_;
        if (c == '-') {
            begin_ = value_;
            value_ = 0;
            return true;
        }
        constexpr std::uintptr_t kernel = std::uintptr_t{1} << 47;
        return begin_ >= kernel || (is_shadowed(begin_) && is_shadowed(value_ - 1));
    }

    std::uintptr_t begin_ = 0;
    std::uintptr_t value_ = 0;
    int field_ = 0;
};

std::size_t split_at_zeros(char* text, std::size_t size, char** out, std::size_t out_max) noexcept {
    std::size_t count = 0;
    for (std::size_t at = 0; at < size && count + 1 < out_max; at += std::strlen(text + at) + 1)
        out[count++] = text + at;
    out[count] = nullptr;
    return count;
}

/// Executes the program again, its addresses no longer random. Returns if that cannot be.
void execute_again() noexcept {
    const long before = system_call(SYS_personality, 0xffffffffL);
    if (is_error(before) || (before & ADDR_NO_RANDOMIZE) != 0) return;
    static constinit char words[256 * 1024];
    static constinit char* arguments[32 * 1024];
    const long fd =
        system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/cmdline"), O_RDONLY | O_CLOEXEC);
    if (is_error(fd)) return;
    std::size_t size = 0;
    for (long got = 0; size < sizeof words - 1 && (got = system_call(SYS_read, fd, reinterpret_cast<long>(words + size),
                                                                     static_cast<long>(sizeof words - 1 - size))) > 0;)
        size += static_cast<std::size_t>(got);
    system_call(SYS_close, fd);
    if (size == 0 || size == sizeof words - 1) return;  // not all of it
    split_at_zeros(words, size, arguments, sizeof arguments / sizeof *arguments);
    if (is_error(system_call(SYS_personality, before | ADDR_NO_RANDOMIZE))) return;
    system_call(SYS_execve, "/proc/self/exe", reinterpret_cast<long>(arguments), reinterpret_cast<long>(environ));
    system_call(SYS_personality, before);
}

void say(const char* why) noexcept {
    message text;
    (text << "interlock: no race detection: " << why << "\n").print();
}

}  // namespace

bool reserve_shadow() noexcept {
    map_reader maps;
    if (!maps.all_shadowed()) {
        execute_again();
        say("the program's addresses lie where no shadow can be (is the stack unlimited? ulimit -s 8192 helps)");
        return false;
    }
    for (const region& each : cells)
        if (!reserve(each))
            return say("its shadow cannot be mapped (ulimit -v unlimited, vm.overcommit_memory 0 or 1)"), false;
    for (const region& each : marks)
        if (!reserve(each))
            return say("its shadow cannot be mapped (ulimit -v unlimited, vm.overcommit_memory 0 or 1)"), false;
    cells_at = reserved_cells;
    return true;
}

void wipe_shadow() noexcept {
    for (const region& each : cells)
        system_call(SYS_madvise, static_cast<long>(each.begin), static_cast<long>(each.size), MADV_DONTNEED);
}

void find_resident(std::uintptr_t page, std::size_t count, unsigned char (&there)[pages_max]) noexcept {
    if (is_error(system_call(SYS_mincore, static_cast<long>(page), static_cast<long>(count * page_size),
                             reinterpret_cast<long>(there))))
        std::memset(there, 1, count);
}

void drop_cells(std::uintptr_t begin, std::size_t size) noexcept {
    if (size == 0 || !is_shadowed(begin) || !is_shadowed(begin + size - 1)) return;
    const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(cell_of(begin)) + page_size - 1) & ~(page_size - 1);
    const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(cell_of(begin + size - 1) + 1) & ~(page_size - 1);
    if (first < last)
        system_call(SYS_madvise, static_cast<long>(first), static_cast<long>(last - first), MADV_DONTNEED);
}

}  // namespace interlock::race
