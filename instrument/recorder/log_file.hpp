// The process's log: one sparse file, mapped once and closed, handed out in blocks (instrument/format/layout.hpp).
// A full disk, a file-size limit or a truncated file stop recording with a reason in the header; the program goes on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "instrument/format/layout.hpp"
#include "instrument/recorder/options.hpp"
#include "instrument/recorder/spin_latch.hpp"

namespace interlock::recorder {

/// What the header says of the process.
struct process_facts {
    const char* program = "";  // path of the executable
    std::size_t program_size = 0;
    const char* command = "";  // arguments, each ended by NUL
    std::size_t command_size = 0;
    int pid = 0;
    int parent_pid = 0;
    std::uint64_t parent_start_ticks = 0;  // forked child: of the parent's log
};

class log_file {
public:
    /// Creates the file under settings.log_path, maps it, writes the header. Where a file of that name exists ".PID" is appended, and
    /// where that exists too ".PID.1", ".PID.2" ... Returns 0 or a negative errno; then the object is unusable. Never follows a symbolic link, keeps no descriptor.
    int create(const options& settings, const process_facts& facts) noexcept;

    /// A block of whole pages, zero, with backing store; nullptr: none to be had, recording has been stopped. Thread-safe.
    void* claim(std::uint32_t pages) noexcept;

    std::uint64_t offset_of(const void* block) const noexcept {
        return static_cast<std::uint64_t>(static_cast<const std::byte*>(block) - base_);
    }
    bool contains(std::uintptr_t address) const noexcept {
        const auto base = reinterpret_cast<std::uintptr_t>(base_);
        return base_ != nullptr && address >= base && address < base + capacity_;
    }

    /// After a fault at `address`: if it lies in the log, memory takes the place of the file's lost end from there on (and of a header that
    /// went with it). False: not our address, or no memory. Async-signal-safe; several threads may have faulted.
    bool replace_lost(std::uintptr_t address) noexcept;

    format::file_header* header() const noexcept { return reinterpret_cast<format::file_header*>(base_); }
    std::uint64_t capacity() const noexcept { return capacity_; }
    std::uint64_t allocated() const noexcept;
    const char* path() const noexcept { return path_; }

    /// Why claim() gave nothing last.
    format::loss_reason failure() const noexcept { return failure_.load(std::memory_order_relaxed); }

    void add_status(std::uint64_t bits) noexcept;
    void add_loss(format::loss_reason reason, std::uint64_t events) noexcept;
    void count_agent() noexcept;
    void count_objects(std::uint64_t born) noexcept;
    void set_end() noexcept;

    /// Forked child: forget the parent's mapping (and unmap it here).
    void abandon() noexcept;

private:
    bool make_real(std::uint64_t end) noexcept;
    bool is_cut() const noexcept;
    bool replace_from(std::uint64_t from) noexcept;

    std::byte* base_ = nullptr;
    std::uint64_t capacity_ = 0;
    std::atomic<std::uint64_t> real_{0};       // bytes from the start that have backing store
    std::atomic<std::uint64_t> lost_from_{0};  // bytes from here on are the file's no more
    std::atomic<format::loss_reason> failure_{format::loss_reason::none};
    char path_[path_size_max + 32] = "";
};

}  // namespace interlock::recorder
