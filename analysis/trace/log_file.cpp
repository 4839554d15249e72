#include "analysis/trace/log_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "instrument/format/crc32c.hpp"

namespace interlock::trace {
namespace {

/// Closes a descriptor when it goes out of scope.
struct descriptor {
    int number;
    ~descriptor() {
        if (number >= 0) ::close(number);
    }
};

/// Pairs with the releasing stores of the process that writes the log.
std::uint64_t load_word(const std::byte* at) noexcept {
    return __atomic_load_n(reinterpret_cast<const std::uint64_t*>(at), __ATOMIC_ACQUIRE);
}

std::string reason_of(int error) { return std::strerror(error); }

}  // namespace

log_file::~log_file() { close(); }

log_file::log_file(log_file&& other) noexcept { *this = std::move(other); }

log_file& log_file::operator=(log_file&& other) noexcept {
    if (this == &other) return *this;
    close();
    path_ = std::move(other.path_);
    bytes_ = std::exchange(other.bytes_, {});
    mapped_ = std::exchange(other.mapped_, nullptr);
    header_intact_ = other.header_intact_;
    size_ = std::exchange(other.size_, 0);
    missing_ = std::exchange(other.missing_, 0);
    header_ = other.header_;
    return *this;
}

void log_file::close() noexcept {
    if (mapped_ != nullptr) {
        unguard_mapping(mapped_);
        ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
    }
    bytes_ = {};
    mapped_ = nullptr;
}

std::optional<problem> log_file::open(const std::string& path) {
    const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (file.number < 0) return problem{path, 0, "cannot be opened: " + reason_of(errno)};
    struct stat status {};
    if (::fstat(file.number, &status) != 0) return problem{path, 0, "cannot be examined: " + reason_of(errno)};
    if (!S_ISREG(status.st_mode)) return problem{path, 0, "not a regular file"};
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < sizeof(format::file_header)) return problem{path, size, "too short for a log: no complete file header"};
    void* const place = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number, 0);
    if (place == MAP_FAILED) return problem{path, 0, "cannot be mapped: " + reason_of(errno)};

    log_file opened;
    opened.path_ = path;
    opened.bytes_ = {static_cast<const std::byte*>(place), size};
    opened.mapped_ = guard_mapping(place, size);
    if (auto unusable = opened.check_header()) return opened.cut_off().value_or(*unusable);
    *this = std::move(opened);
    return std::nullopt;
}

std::optional<problem> log_file::adopt(std::string name, std::span<const std::byte> image) {
    assert(reinterpret_cast<std::uintptr_t>(image.data()) % 8 == 0);
    if (image.size() < sizeof(format::file_header))
        return problem{std::move(name), image.size(), "too short for a log: no complete file header"};
    log_file opened;
    opened.path_ = std::move(name);
    opened.bytes_ = image;
    if (auto unusable = opened.check_header()) return unusable;
    *this = std::move(opened);
    return std::nullopt;
}

std::optional<problem> log_file::refresh() {
    if (mapped_ == nullptr) {
        measure();
        return std::nullopt;
    }
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) return problem{path_, 0, "has gone: " + reason_of(errno)};
    const auto now = static_cast<std::size_t>(status.st_size);
    if (now < bytes_.size()) return problem{path_, now, "was cut while it was read"};
    if (now > bytes_.size()) {
        void* const place = ::mremap(const_cast<std::byte*>(bytes_.data()), bytes_.size(), now, MREMAP_MAYMOVE);
        if (place == MAP_FAILED) return problem{path_, bytes_.size(), "cannot be mapped further: " + reason_of(errno)};
        bytes_ = {static_cast<const std::byte*>(place), now};
        unguard_mapping(mapped_);
        mapped_ = guard_mapping(place, now);
    }
    measure();
    return std::nullopt;
}

std::optional<problem> log_file::cut_off() const {
    if (mapped_ == nullptr || !was_cut(*mapped_)) return std::nullopt;
    struct stat status {};
    const bool known = ::stat(path_.c_str(), &status) == 0;
    return problem{path_, known ? static_cast<std::uint64_t>(status.st_size) : 0, "was cut while it was read"};
}

std::optional<problem> log_file::check_header() {
    std::memcpy(&header_, bytes_.data(), sizeof header_);
    const auto refuse = [this](std::size_t offset, std::string reason) {
        return problem{path_, offset, std::move(reason)};
    };
    if (header_.magic == 0)
        return refuse(offsetof(format::file_header, magic), "the log has not begun: no file header was written yet");
    if (header_.magic != format::file_magic)
        return refuse(offsetof(format::file_header, magic), "not an interlock log: other first bytes");
    if (header_.version != format::file_version)
        return refuse(offsetof(format::file_header, version),
                      "log of format version " + std::to_string(header_.version) + ", this reader knows version " +
                          std::to_string(format::file_version));
    if (header_.machine != 1)
        return refuse(offsetof(format::file_header, machine),
                      "recorded on machine type " + std::to_string(header_.machine) + ", not x86-64");
    header_intact_ = format::crc32c(&header_, offsetof(format::file_header, header_crc)) == header_.header_crc;
    if (header_.header_size != format::page_size)
        return refuse(offsetof(format::file_header, header_size), "file header of an impossible size");
    measure();
    return std::nullopt;
}

void log_file::measure() noexcept {
    const live_words now = live();
    size_ = bytes_.size();
    missing_ = 0;
    if (!now.allocated_intact || now.allocated < format::page_size) return;
    size_ = std::min<std::uint64_t>(size_, now.allocated);
    missing_ = now.allocated - size_;
}

live_words log_file::live() const noexcept {
    live_words now;
    const auto read = [&](std::size_t offset) {
        const std::uint64_t word = load_word(bytes_.data() + offset);
        if (format::is_sealed(word)) return format::sealed_value(word);
        now.all_intact = false;
        return std::uint64_t{0};
    };
    now.allocated = read(offsetof(format::file_header, allocated));
    now.allocated_intact = now.all_intact;
    now.agents = read(offsetof(format::file_header, agents));
    now.objects = read(offsetof(format::file_header, objects));
    now.lost_events = read(offsetof(format::file_header, lost_events));
    now.status = read(offsetof(format::file_header, status));
    now.loss_reasons = read(offsetof(format::file_header, loss_reasons));
    now.end_ticks = read(offsetof(format::file_header, end_ticks));
    now.end_ns = read(offsetof(format::file_header, end_ns));
    return now;
}

std::string log_file::program() const {
    return {header_.program, std::min<std::size_t>(header_.program_size, sizeof header_.program)};
}

std::vector<std::string> log_file::command() const {
    std::vector<std::string> words;
    const char* at = header_.command;
    const char* const end = at + std::min<std::size_t>(header_.command_size, sizeof header_.command);
    while (at < end) {
        const char* const stop = std::find(at, end, '\0');
        words.emplace_back(at, stop);
        at = stop + (stop != end);
    }
    return words;
}

}  // namespace interlock::trace
