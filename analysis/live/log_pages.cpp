// A page is made by MADV_POPULATE_WRITE through a mapping of our own: it takes the page's place on disk, zeroes it and leaves it in the
// page cache, where the recorder's own call of the same kind only has to map it, at a quarter of the cost or less.
#include "analysis/live/log_pages.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "instrument/format/layout.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace interlock::live {
namespace {

constexpr std::uint64_t ahead_min = std::uint64_t{1} << 20;
constexpr std::uint64_t ahead_max = std::uint64_t{16} << 20;
constexpr std::uint64_t step = std::uint64_t{1} << 20;  // made by one call; the processor is shared with the program
constexpr std::size_t logs_max = 64;                    // at once, each keeps a descriptor

constexpr auto pause_busy = std::chrono::milliseconds(1);
constexpr auto pause_idle = std::chrono::milliseconds(50);

/// Room on disk that is left to the program whatever it is that we could use.
bool is_roomy(int file) noexcept {
    struct statvfs disk {};
    return ::fstatvfs(file, &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize >= 16 * ahead_max;
}

}  // namespace

growing_log::growing_log(const std::string& path) : file_{::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)} {
    if (file_ >= 0 && !(read_header() && is_roomy(file_))) close();
    made_ = allocated_;
}

growing_log::~growing_log() { close(); }

growing_log::growing_log(growing_log&& other) noexcept { *this = std::move(other); }

growing_log& growing_log::operator=(growing_log&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(process_, other.process_);
    std::swap(capacity_, other.capacity_);
    std::swap(allocated_, other.allocated_);
    std::swap(made_, other.made_);
    std::swap(ahead_, other.ahead_);
    return *this;
}

void growing_log::close() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
}

/// False: it ended, or is no log any more.
bool growing_log::read_header() {
    format::file_header header{};
    if (::pread(file_, &header, sizeof header, 0) != sizeof header) return false;
    constexpr std::uint64_t over =
        format::process_status::ended | format::process_status::stopped | format::process_status::replaced;
    if (header.magic != format::file_magic || !format::is_sealed(header.allocated) ||
        (format::sealed_value(header.status) & over) != 0)
        return false;
    process_ = static_cast<pid_t>(header.pid);
    capacity_ = header.capacity;
    allocated_ = format::sealed_value(header.allocated);
    return allocated_ < capacity_;
}

bool growing_log::follow() {
    const std::uint64_t before = allocated_;
    if (!read_header()) {
        close();
        return false;
    }
    if (allocated_ == before) {
        ahead_ = 0;
        if (::kill(process_, 0) != 0 && errno == ESRCH) close();
        return false;
    }
    const std::uint64_t grown = allocated_ - before;
    ahead_ = std::clamp(std::max(ahead_, 8 * grown), ahead_min, ahead_max);
    if (!make_pages(std::min(allocated_ + ahead_, capacity_))) close();
    return true;
}

/// False: no more can be made.
bool growing_log::make_pages(std::uint64_t goal) {
    goal &= ~(format::page_size - 1);
    made_ = std::max(made_, allocated_ & ~(format::page_size - 1));
    if (made_ + step > goal && goal != capacity_) return true;  // so little is not worth a call yet
    if (!is_roomy(file_)) return false;
    while (made_ < goal) {
        const std::uint64_t size = std::min(step, goal - made_);
        void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_, static_cast<off_t>(made_));
        if (pages == MAP_FAILED) return false;
        const int result = ::madvise(pages, size, MADV_POPULATE_WRITE);
        ::munmap(pages, size);
        if (result != 0) return false;
        made_ += size;
    }
    return true;
}

log_pages::log_pages(std::string folder, std::array<std::uint64_t, 2> run) : logs_{std::move(folder), run} {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);  // signals are the main thread's, which waits for the program
    try {
        thread_ = std::jthread([this](const std::stop_token& stop) { follow_all(stop); });
    } catch (const std::system_error&) {
        // without it the recorder makes its pages itself
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void log_pages::follow_all(const std::stop_token& stop) {
    std::mutex resting;
    std::condition_variable_any stopped;
    auto looked = std::chrono::steady_clock::time_point{};
    while (!stop.stop_requested()) {
        const auto now = std::chrono::steady_clock::now();
        if (now - looked >= pause_idle) {
            looked = now;
            for (const std::string& path : logs_.new_ones())
                if (growing_.size() < logs_max) growing_.emplace_back(path);
        }
        bool grew = false;
        for (growing_log& log : growing_) grew |= log.follow();
        std::erase_if(growing_, [](const growing_log& log) { return log.is_done(); });
        std::unique_lock rest(resting);
        stopped.wait_for(rest, stop, grew ? pause_busy : pause_idle, [] { return false; });
    }
}

}  // namespace interlock::live
