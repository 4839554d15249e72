#include "analysis/trace/block_scan.hpp"

#include <algorithm>
#include <cstring>

#include "instrument/format/crc32c.hpp"

namespace interlock::trace {
namespace {

/// The chunk at `offset`, if its header is whole. No byte at or beyond `end` is given to it: blocks never overlap.
bool read_chunk(const log_file& file, std::uint64_t offset, std::uint64_t end, chunk_place& place,
                std::uint64_t& size) noexcept {
    format::chunk_header header;
    std::memcpy(&header, file.at(offset), sizeof header);
    if (header.header_crc != format::crc32c(&header, offsetof(format::chunk_header, header_crc))) return false;
    if (header.version != format::file_version || header.pages == 0) return false;
    size = std::uint64_t{header.pages} * format::page_size;
    const std::uint64_t there = std::min(size, end - offset);
    place.offset = offset;
    place.capacity = (there - sizeof header) / sizeof(format::slot);
    place.cut = there < size;
    place.agent = header.agent;
    place.index = header.index;
    place.segment = header.segment;
    place.base_ticks = header.base_ticks;
    place.monotonic_ns = header.monotonic_ns;
    place.timed = header.level == format::log_level::full;
    return true;
}

/// Size of the state or spill page at `offset`, 0 if there is none.
std::uint64_t state_size(const log_file& file, std::uint64_t offset) noexcept {
    std::uint32_t pages = 0;
    std::memcpy(&pages, file.at(offset) + offsetof(format::state_page, pages), sizeof pages);
    return pages == 1 && offset + format::page_size <= file.size() ? format::page_size : 0;
}

bool is_zero(const std::byte* from, const std::byte* to) noexcept {
    return std::all_of(from, to, [](std::byte b) { return b == std::byte{0}; });
}

/// Is there nothing but blocks that were claimed and hold nothing yet? The checksum of a chunk's header is written after all else
/// in it; state and spill pages have nothing in its place.
bool is_unwritten(const log_file& file, std::uint64_t begin, std::uint64_t end) noexcept {
    for (std::uint64_t page = begin; page < end; page += format::page_size) {
        const std::byte* const at = file.at(page);
        const std::uint64_t size = std::min(format::page_size, end - page);
        const std::uint64_t fields = std::min<std::uint64_t>(offsetof(format::chunk_header, header_crc), size);
        if (!is_zero(at + fields, at + size)) return false;
    }
    return true;
}

}  // namespace

std::uint64_t block_scan::scan_range(const log_file& file, range where, std::vector<chunk_place>& chunks) {
    std::uint64_t unread_from = where.begin;
    std::uint64_t at = where.begin;
    const auto block_found = [&](std::uint64_t size) {
        if (unread_from < at) unread_.push_back({unread_from, at});
        at += size;
        unread_from = at;
    };
    while (at + sizeof(format::chunk_header) <= where.end) {
        std::uint32_t magic = 0;
        std::memcpy(&magic, file.at(at), sizeof magic);
        chunk_place place;
        std::uint64_t size = 0;
        if (magic == format::chunk_magic && read_chunk(file, at, where.end, place, size)) {
            chunks.push_back(place);
            block_found(size);
        } else if (magic == format::state_magic && state_size(file, at) != 0) {
            state_pages_.push_back(at);
            block_found(format::page_size);
        } else if (magic == format::spill_magic && state_size(file, at) != 0) {
            block_found(format::page_size);
        } else {
            at += format::page_size;
        }
    }
    const std::uint64_t stop = std::min(std::max(at, where.end), file.size());
    if (unread_from < stop) unread_.push_back({unread_from, stop});
    return std::max(at, where.end);
}

void block_scan::scan(const log_file& file, bool last, std::vector<chunk_place>& chunks, std::vector<loss>& losses) {
    std::vector<range> again;
    again.swap(unread_);
    for (const range& part : again) scan_range(file, part, chunks);
    if (frontier_ < file.size()) frontier_ = scan_range(file, {frontier_, file.size()}, chunks);
    if (!last) return;

    // With `allocated` unreadable, size() is the file's own, and the sparse rest of it is no loss.
    const bool allocated_known = file.live().allocated_intact;
    for (const range& part : unread_) {
        if (!is_unwritten(file, part.begin, part.end))
            losses.push_back({.kind = loss_kind::block_damaged,
                              .offset = part.begin,
                              .count = (part.end - part.begin + format::page_size - 1) / format::page_size});
        else if (allocated_known)
            losses.push_back({.kind = loss_kind::in_flight, .offset = part.begin});
    }
    unread_.clear();
}

}  // namespace interlock::trace
