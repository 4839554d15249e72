// Headers by libelf; memory by its segments.
#include "analysis/snapshot/core.hpp"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "analysis/snapshot/core_notes.hpp"

namespace interlock::snapshot {
namespace {

constexpr std::uint64_t notes_bytes_max = std::uint64_t{1} << 30;

struct segment {
    std::uint64_t address = 0;
    std::uint64_t size = 0;  // that the file has
    std::uint64_t offset = 0;
};

/// The file, open, and which part of it is which part of the memory.
struct core_file {
    core_file() = default;
    ~core_file() {
        if (elf != nullptr) elf_end(elf);
        if (file >= 0) ::close(file);
    }
    core_file(const core_file&) = delete;
    core_file& operator=(const core_file&) = delete;

    bool read_at(std::uint64_t offset, std::span<std::byte> into) const {
        return offset <= size && into.size() <= size - offset &&
               ::pread(file, into.data(), into.size(), static_cast<off_t>(offset)) == static_cast<ssize_t>(into.size());
    }

    bool read(std::uint64_t address, std::span<std::byte> into) const {
        const auto after = std::upper_bound(segments.begin(), segments.end(), address,
                                            [](std::uint64_t at, const segment& one) { return at < one.address; });
        if (after == segments.begin()) return false;
        const segment& found = *std::prev(after);
        const std::uint64_t inside = address - found.address;
        return inside <= found.size && into.size() <= found.size - inside && read_at(found.offset + inside, into);
    }

    int file = -1;
    Elf* elf = nullptr;
    std::uint64_t size = 0;
    std::vector<segment> segments;  // by address
};

using failure = std::optional<std::string>;

std::string line_of(const std::string& path, std::uint64_t offset, const std::string& why) {
    return path + ": offset " + std::to_string(offset) + ": " + why;
}

std::string machine_name(unsigned machine) {
    switch (machine) {
        case EM_386: return "32-bit x86";
        case EM_AARCH64: return "AArch64";
        case EM_ARM: return "ARM";
        case EM_PPC64: return "PowerPC";
        case EM_RISCV: return "RISC-V";
        case EM_S390: return "S/390";
        default: return "machine " + std::to_string(machine);
    }
}

failure open_file(const std::string& path, core_file& into) {
    into.file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status {};
    if (into.file < 0 || ::fstat(into.file, &status) != 0) return line_of(path, 0, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return line_of(path, 0, "this is no regular file");
    into.size = static_cast<std::uint64_t>(status.st_size);
    elf_version(EV_CURRENT);
    into.elf = elf_begin(into.file, ELF_C_READ, nullptr);
    if (into.elf == nullptr || elf_kind(into.elf) != ELF_K_ELF) return line_of(path, 0, "this is no core dump");
    GElf_Ehdr header;
    if (gelf_getehdr(into.elf, &header) == nullptr) return line_of(path, 0, "its ELF header is damaged");
    if (header.e_type != ET_CORE) return line_of(path, EI_NIDENT, "this is an ELF file, but no core dump");
    if (header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64)
        return line_of(path, EI_NIDENT + 2,
                       "this is a core dump of " + machine_name(header.e_machine) + ", not of x86-64");
    if (header.e_ident[EI_CLASS] != ELFCLASS64)
        return line_of(path, EI_CLASS, "this is a core dump of a 32-bit program: its locks look different");
    return std::nullopt;
}

/// The segments, and the notes of those that are notes.
failure read_segments(const std::string& path, core_file& core, core_notes& notes, bool& complete) {
    std::size_t count = 0;
    GElf_Ehdr header;
    if (elf_getphdrnum(core.elf, &count) != 0 || gelf_getehdr(core.elf, &header) == nullptr)
        return line_of(path, offsetof(Elf64_Ehdr, e_phnum), "its program headers are damaged");
    std::uint64_t notes_bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr one;
        if (gelf_getphdr(core.elf, static_cast<int>(i), &one) == nullptr)
            return line_of(path, header.e_phoff, "its program headers are cut short");
        const std::uint64_t there =
            one.p_offset > core.size ? 0 : std::min<std::uint64_t>(one.p_filesz, core.size - one.p_offset);
        complete = complete && there == one.p_filesz;
        if (one.p_type == PT_LOAD && there > 0) core.segments.push_back({one.p_vaddr, there, one.p_offset});
        if (one.p_type != PT_NOTE) continue;
        notes_bytes += there;
        if (notes_bytes > std::min(core.size, notes_bytes_max))
            return line_of(path, one.p_offset, "its notes are larger than they can be");
        std::vector<std::byte> bytes(there);
        if (!core.read_at(one.p_offset, bytes)) return line_of(path, one.p_offset, "its notes cannot be read");
        read_notes(bytes, notes);
    }
    std::sort(core.segments.begin(), core.segments.end(),
              [](const segment& a, const segment& b) { return a.address < b.address; });
    return std::nullopt;
}

/// Sorted, and whatever overlaps left out: only damage does.
template <typename Thing, typename Before, typename Fits>
void tidy(std::vector<Thing>& all, Before before, Fits fits) {
    std::stable_sort(all.begin(), all.end(), before);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (kept > 0 && !fits(all[kept - 1], all[i])) continue;
        if (kept != i) all[kept] = std::move(all[i]);
        ++kept;
    }
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(kept), all.end());
}

}  // namespace

std::optional<std::string> open_core(const std::string& path, image& into) {
    into = {};
    into.path = path;
    const auto core = std::make_shared<core_file>();
    core_notes notes;
    if (failure failed = open_file(path, *core)) return failed;
    if (failure failed = read_segments(path, *core, notes, into.complete)) return failed;
    if (notes.threads.empty())
        return line_of(path, 0, "it has no notes of threads" + (notes.damage ? ": " + *notes.damage : std::string()));
    if (!into.complete) into.blind_spots.emplace_back("the core is cut short: some memory is missing");
    if (notes.damage) {
        into.complete = false;
        into.blind_spots.push_back(*notes.damage);
    }
    into.pid = notes.pid;
    into.threads = std::move(notes.threads);
    into.mappings = std::move(notes.mappings);
    tidy(
        into.threads, [](const thread& a, const thread& b) { return a.id < b.id; },
        [](const thread& a, const thread& b) { return a.id < b.id; });
    tidy(
        into.mappings, [](const mapping& a, const mapping& b) { return a.begin < b.begin; },
        [](const mapping& a, const mapping& b) { return a.end <= b.begin; });
    const mapping* entry = mapping_at(into.mappings, notes.entry);
    into.program = entry != nullptr ? entry->path : notes.name;
    for (thread& one : into.threads)
        if (one.id == into.pid) one.name = "main";
    into.read = [core](std::uint64_t address, std::span<std::byte> bytes) { return core->read(address, bytes); };
    return std::nullopt;
}

}  // namespace interlock::snapshot
