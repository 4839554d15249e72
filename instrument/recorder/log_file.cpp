#include "instrument/recorder/log_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "instrument/format/crc32c.hpp"
#include "instrument/recorder/own_mappings.hpp"
#include "instrument/recorder/system_call.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace interlock::recorder {
namespace {

constexpr std::uint64_t window_min = std::uint64_t{64} << 10;
constexpr std::uint64_t window_max = std::uint64_t{1} << 20;

std::atomic_ref<std::uint64_t> atomic(std::uint64_t& word) noexcept { return std::atomic_ref<std::uint64_t>(word); }

/// Adds to a sealed counter. Readers load with acquire; a torn value is impossible, a stale one harmless.
template <typename Change>
void update(std::uint64_t& word, Change change) noexcept {
    std::uint64_t seen = atomic(word).load(std::memory_order_relaxed);
    while (!atomic(word).compare_exchange_weak(seen, format::seal(change(format::sealed_value(seen))),
                                               std::memory_order_release, std::memory_order_relaxed)) {
    }
}

std::uint64_t file_size_limit() noexcept {
    rlimit limit{};
    if (is_error(system_call(SYS_prlimit64, 0L, RLIMIT_FSIZE, 0, reinterpret_cast<long>(&limit))))
        return ~std::uint64_t{0};
    return limit.rlim_cur;
}

constexpr std::size_t digits_max = 10;

/// `.number` at `at`, before what follows there. False: no room.
bool insert_number(char* path, std::size_t at, std::size_t size, unsigned number) noexcept {
    const std::size_t rest = std::strlen(path + at) + 1;
    char digits[digits_max];
    std::size_t count = 0;
    for (; number != 0 || count == 0; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
    if (at + 1 + count + rest > size) return false;
    std::memmove(path + at + 1 + count, path + at, rest);
    path[at++] = '.';
    while (count != 0) path[at++] = digits[--count];
    return true;
}

/// Where the name's own extension begins, which stays last, so that *.ilk finds every log.
std::size_t stem_of(const char* path) noexcept {
    const std::size_t length = std::strlen(path);
    for (std::size_t at = length; at != 0 && path[at - 1] != '/'; --at)
        if (path[at - 1] == '.' && at != 1 && path[at - 2] != '/') return at - 1;
    return length;
}

/// A process's id makes the second name free as a rule: forked children of one pattern do not try each other's names.
long open_new(char* path, std::size_t size, int pid) noexcept {
    const std::size_t stem = stem_of(path);
    const std::size_t extension = std::strlen(path + stem) + 1;
    for (unsigned attempt = 0; attempt < 1000; ++attempt) {
        const long fd = system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path),
                                    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd != -EEXIST) return fd;
        std::memmove(path + stem, path + std::strlen(path) + 1 - extension, extension);
        if ((attempt != 0 && !insert_number(path, stem, size, attempt)) ||
            !insert_number(path, stem, size, static_cast<unsigned>(pid)))
            return -ENAMETOOLONG;
    }
    return -EEXIST;
}

void fill_header(format::file_header& header, const options& settings, const process_facts& facts,
                 std::uint64_t capacity) noexcept {
    header.version = format::file_version;
    header.header_size = format::page_size;
    header.capacity = capacity;
    header.pid = static_cast<std::uint32_t>(facts.pid);
    header.parent_pid = static_cast<std::uint32_t>(facts.parent_pid);
    header.start_realtime_ns = realtime_ns();
    header.start_ticks = time_stamp_counter();
    header.start_monotonic_ns = monotonic_ns();
    header.run[0] = settings.run[0];
    header.run[1] = settings.run[1];
    header.tick_shift = 4;
    header.level = settings.level;
    header.machine = 1;
    header.parent_start_ticks = facts.parent_start_ticks;
    const std::size_t program = facts.program_size < sizeof header.program ? facts.program_size : sizeof header.program;
    std::memcpy(header.program, facts.program + (facts.program_size - program), program);
    header.program_size = static_cast<std::uint16_t>(program);
    const std::size_t command = facts.command_size < sizeof header.command ? facts.command_size : sizeof header.command;
    std::memcpy(header.command, facts.command, command);
    header.command_size = static_cast<std::uint32_t>(command);
    for (std::uint64_t* word : {&header.agents, &header.objects, &header.lost_events, &header.status,
                                &header.loss_reasons, &header.end_ticks, &header.end_ns})
        *word = format::seal(0);
    header.allocated = format::seal(format::page_size);
    header.magic = format::file_magic;
    header.header_crc = format::crc32c(&header, offsetof(format::file_header, header_crc));
    header.magic = 0;
    atomic(header.magic).store(format::file_magic, std::memory_order_release);  // pairs with the reader's first load
}

}  // namespace

int log_file::create(const options& settings, const process_facts& facts) noexcept {
    std::size_t name_at = facts.program_size;
    while (name_at != 0 && facts.program[name_at - 1] != '/') --name_at;
    char name[256];
    const std::size_t name_size =
        facts.program_size - name_at < sizeof name - 1 ? facts.program_size - name_at : sizeof name - 1;
    std::memcpy(name, facts.program + name_at, name_size);
    name[name_size] = '\0';
    if (!expand_log_path(settings.log_path, name, facts.pid, path_, path_size_max)) return -ENAMETOOLONG;

    const std::uint64_t limit = file_size_limit();
    const std::uint64_t wanted = settings.max_log < limit ? settings.max_log : limit;
    capacity_ = wanted & ~(format::page_size - 1);
    if (capacity_ < format::log_size_min) return -EFBIG;

    const long fd = open_new(path_, sizeof path_, facts.pid);
    if (is_error(fd)) return static_cast<int>(fd);
    long result = system_call(SYS_ftruncate, fd, static_cast<long>(capacity_));
    if (!is_error(result))
        result =
            system_call(SYS_mmap, nullptr, static_cast<long>(capacity_), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    system_call(SYS_close, fd);
    if (is_error(result)) {
        system_call(SYS_unlinkat, AT_FDCWD, reinterpret_cast<long>(path_), 0);
        return static_cast<int>(result);
    }
    base_ = reinterpret_cast<std::byte*>(result);
    remember_mapping(base_, capacity_);
    real_.store(0, std::memory_order_relaxed);
    lost_from_.store(capacity_, std::memory_order_relaxed);
    failure_.store(format::loss_reason::none, std::memory_order_relaxed);
    if (!make_real(format::page_size)) {
        abandon();
        system_call(SYS_unlinkat, AT_FDCWD, reinterpret_cast<long>(path_), 0);
        return -ENOSPC;
    }
    fill_header(*header(), settings, facts, capacity_);
    return 0;
}

/// Gives the first `end` bytes backing store, a window ahead where there is room. EFAULT is a full disk (no SIGBUS this way).
bool log_file::make_real(std::uint64_t end) noexcept {
    std::uint64_t real = real_.load(std::memory_order_acquire);  // pairs with the release below
    if (end <= real) return true;
    std::uint64_t window = real / 4;
    window = window < window_min ? window_min : window > window_max ? window_max : window;
    for (std::uint64_t goal : {end + window, end}) {
        goal &= ~(format::page_size - 1);
        if (goal > capacity_) goal = capacity_;
        if (goal < end) continue;
        const long result = system_call(SYS_madvise, base_ + real, static_cast<long>(goal - real), MADV_POPULATE_WRITE);
        if (result == -EINVAL || !is_error(result)) {  // EINVAL: a kernel before 5.14 makes pages when they are touched
            while (real < goal && !real_.compare_exchange_weak(real, goal, std::memory_order_release)) {
            }
            return true;
        }
    }
    return false;
}

/// Has a page lost its backing store that it had? While the log is being cut its size says so first, the pages follow; one that
/// another thread found lost has been replaced and shows nothing.
bool log_file::is_cut() const noexcept {
    const std::uint64_t real = real_.load(std::memory_order_relaxed);
    struct stat file = {};
    const long known =
        system_call(SYS_newfstatat, AT_FDCWD, reinterpret_cast<long>(path_), reinterpret_cast<long>(&file), 0);
    return (!is_error(known) && static_cast<std::uint64_t>(file.st_size) < capacity_) ||
           system_call(SYS_madvise, base_ + (real - format::page_size), format::page_size, MADV_POPULATE_WRITE) ==
               -EFAULT ||
           failure_.load(std::memory_order_relaxed) == format::loss_reason::mapping_lost;
}

void* log_file::claim(std::uint32_t pages) noexcept {
    const std::uint64_t size = pages * format::page_size;
    std::uint64_t& word = header()->allocated;
    std::uint64_t seen = atomic(word).load(std::memory_order_relaxed);
    for (;;) {
        const std::uint64_t begin = format::sealed_value(seen);
        if (begin + size > capacity_) {
            failure_.store(format::loss_reason::log_full, std::memory_order_relaxed);
            return nullptr;
        }
        if (!make_real(begin + size)) {
            failure_.store(is_cut() ? format::loss_reason::mapping_lost : format::loss_reason::disk_full,
                           std::memory_order_relaxed);
            return nullptr;
        }
        // relaxed: the block's own magic, stored with release by its owner, publishes what is in it
        if (atomic(word).compare_exchange_weak(seen, format::seal(begin + size), std::memory_order_relaxed))
            return base_ + begin;
    }
}

bool log_file::replace_lost(std::uintptr_t address) noexcept {
    if (!contains(address)) return false;
    failure_.store(format::loss_reason::mapping_lost, std::memory_order_relaxed);
    if (!replace_from((address - reinterpret_cast<std::uintptr_t>(base_)) & ~std::uint64_t{format::page_size - 1}))
        return false;
    // The loss is about to be told in the header, where this thread could not bear another fault.
    while (system_call(SYS_madvise, base_, format::page_size, MADV_POPULATE_WRITE) == -EFAULT) {
        if (!replace_from(0)) return false;
        yield_processor();  // another thread may be about to
    }
    return true;
}

/// Each part is replaced once, so that what another thread has written in the memory that it got stays.
bool log_file::replace_from(std::uint64_t from) noexcept {
    std::uint64_t to = lost_from_.load(std::memory_order_relaxed);
    do
        if (from >= to) return true;
    while (!lost_from_.compare_exchange_weak(to, from, std::memory_order_relaxed));
    return !is_error(system_call(SYS_mmap, base_ + from, static_cast<long>(to - from), PROT_READ | PROT_WRITE,
                                 MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
}

std::uint64_t log_file::allocated() const noexcept {
    return format::sealed_value(atomic(header()->allocated).load(std::memory_order_relaxed));
}

void log_file::add_status(std::uint64_t bits) noexcept {
    const std::uint64_t known = format::sealed_value(atomic(header()->status).load(std::memory_order_relaxed));
    if ((known & bits) != bits) update(header()->status, [=](std::uint64_t value) { return value | bits; });
}

void log_file::add_loss(format::loss_reason reason, std::uint64_t events) noexcept {
    update(header()->loss_reasons, [=](std::uint64_t value) { return value | 1u << static_cast<unsigned>(reason); });
    update(header()->lost_events, [=](std::uint64_t value) { return value + events; });
}

void log_file::count_agent() noexcept {
    update(header()->agents, [](std::uint64_t value) { return value + 1; });
}

void log_file::count_objects(std::uint64_t born) noexcept {
    update(header()->objects, [=](std::uint64_t value) { return value < born ? born : value; });
}

void log_file::set_end() noexcept {
    const std::uint64_t ticks = time_stamp_counter() - header()->start_ticks;
    const std::uint64_t ns = monotonic_ns() - header()->start_monotonic_ns;
    update(header()->end_ticks, [=](std::uint64_t) { return ticks; });
    update(header()->end_ns, [=](std::uint64_t) { return ns; });
    add_status(format::process_status::ended);
}

void log_file::abandon() noexcept {
    if (base_ != nullptr) unmap(base_, capacity_);
    base_ = nullptr;
    capacity_ = 0;
}

}  // namespace interlock::recorder
