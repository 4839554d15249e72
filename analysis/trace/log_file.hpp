// A log's bytes: the mapped file and its checked header. First stop of analysis; what the bytes mean is left to block_scan and
// later. The file may grow, or change under the reader, while its process lives: refresh() looks again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/trace/cut_guard.hpp"
#include "analysis/trace/problem.hpp"
#include "instrument/format/layout.hpp"

namespace interlock::trace {

/// The words of the header that change while the process runs. A damaged word reads as 0 and is told.
struct live_words {
    std::uint64_t allocated = 0;
    std::uint64_t agents = 0;
    std::uint64_t objects = 0;
    std::uint64_t lost_events = 0;
    std::uint64_t status = 0;  // format::process_status bits
    std::uint64_t loss_reasons = 0;
    std::uint64_t end_ticks = 0;  // since start_ticks, 0: the process did not end in order
    std::uint64_t end_ns = 0;
    bool allocated_intact = true;
    bool all_intact = true;
};

/// Thread-bound. Moving it keeps the mapping where it is.
class log_file {
public:
    log_file() = default;
    ~log_file();
    log_file(log_file&& other) noexcept;
    log_file& operator=(log_file&& other) noexcept;

    /// Maps `path` read-only. Failure: the problem; the object is then as before.
    [[nodiscard]] std::optional<problem> open(const std::string& path);

    /// Reads `image` as if it were a file called `name`. Precondition: `image` outlives the object and is aligned to 8.
    [[nodiscard]] std::optional<problem> adopt(std::string name, std::span<const std::byte> image);

    /// Looks how far the file goes now. Spans given out before are invalid if it grew.
    [[nodiscard]] std::optional<problem> refresh();

    /// The problem if a part was read that somebody has cut off meanwhile, which read as zeros.
    [[nodiscard]] std::optional<problem> cut_off() const;

    const std::string& path() const noexcept { return path_; }

    /// The part that is written once. Not trusted if not header_intact(): strings in it are bounded all the same.
    const format::file_header& header() const noexcept { return header_; }
    bool header_intact() const noexcept { return header_intact_; }
    std::string program() const;
    std::vector<std::string> command() const;

    /// Reads the live words again.
    live_words live() const noexcept;

    /// Bytes to be read: the file's, cut where the header says nothing was written. Set by open() and refresh().
    std::uint64_t size() const noexcept { return size_; }
    /// Bytes that the header speaks of and the file does not have; 0: nothing is missing.
    std::uint64_t missing() const noexcept { return missing_; }

    /// Precondition: offset <= size().
    const std::byte* at(std::uint64_t offset) const noexcept { return bytes_.data() + offset; }

private:
    std::optional<problem> check_header();
    void measure() noexcept;
    void close() noexcept;

    std::string path_;
    std::span<const std::byte> bytes_;
    guarded_range* mapped_ = nullptr;  // of a file; null: bytes of the caller's
    bool header_intact_ = false;
    std::uint64_t size_ = 0;
    std::uint64_t missing_ = 0;
    format::file_header header_{};
};

}  // namespace interlock::trace
