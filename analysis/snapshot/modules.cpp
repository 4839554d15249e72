// The first page of a mapped file, its ELF header and build-id, is read from the image and compared with the file's own.
#include "analysis/snapshot/modules.hpp"

#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace interlock::snapshot {
namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::size_t build_id_bytes_max = 64;

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool starts_with_any(std::string_view text, std::span<const std::string_view> starts) {
    return std::any_of(starts.begin(), starts.end(), [&](std::string_view one) { return text.starts_with(one); });
}

bool is_glibc_name(std::string_view name) {
    static constexpr std::array<std::string_view, 4> starts = {"libc.so.6", "libc-2.", "libpthread.so.0",
                                                               "libpthread-2."};
    return starts_with_any(name, starts);
}

bool is_runtime_name(std::string_view name) {
    static constexpr std::array<std::string_view, 4> starts = {"ld-linux", "ld-2.", "libstdc++.so", "libc++.so"};
    return is_glibc_name(name) || starts_with_any(name, starts);
}

/// Opens a regular file, -1 for anything else: a path in a core may name a pipe or a device.
int open_regular(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status {};
    if (file < 0 || (::fstat(file, &status) == 0 && S_ISREG(status.st_mode))) return file;
    ::close(file);
    return -1;
}

struct elf_closer {
    void operator()(Elf* elf) const { elf_end(elf); }
};

/// The build-id as the image has it, if the first page is there. The page is as large as a page, whatever is in it.
std::vector<std::uint8_t> build_id_in(const image& of, std::uint64_t begin) {
    std::array<char, page_bytes> page{};
    if (!of.read(begin, std::as_writable_bytes(std::span(page)))) return {};
    const std::unique_ptr<Elf, elf_closer> elf(elf_memory(page.data(), page.size()));
    std::size_t count = 0;
    if (elf == nullptr || elf_getphdrnum(elf.get(), &count) != 0) return {};
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr one;
        if (gelf_getphdr(elf.get(), static_cast<int>(i), &one) == nullptr) return {};
        if (one.p_type != PT_NOTE || one.p_offset > page.size() || one.p_filesz > page.size() - one.p_offset) continue;
        for (std::size_t at = one.p_offset; at + sizeof(Elf64_Nhdr) <= one.p_offset + one.p_filesz;) {
            Elf64_Nhdr note;
            std::memcpy(&note, page.data() + at, sizeof note);
            const std::size_t content = at + sizeof note + ((std::size_t{note.n_namesz} + 3) & ~std::size_t{3});
            if (content > page.size() || note.n_descsz > page.size() - content) break;
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" && note.n_descsz <= build_id_bytes_max)
                return {page.data() + content, page.data() + content + note.n_descsz};
            at = content + ((std::size_t{note.n_descsz} + 3) & ~std::size_t{3});
        }
    }
    return {};
}

/// Whether the page at `begin` looks like an ELF file; true where it cannot be read.
bool may_be_elf(const image& of, std::uint64_t begin) {
    std::array<char, SELFMAG> magic{};
    return !of.read(begin, std::as_writable_bytes(std::span(magic))) || std::memcmp(magic.data(), ELFMAG, SELFMAG) == 0;
}

struct layout {
    std::uint64_t first = 0;  // address of the first segment, of its page
    std::uint64_t end = 0;
    bool is_fixed = false;  // loaded where the file says
    bool has_interpreter = false;
};

/// How the file's segments lie. Nothing: it is no program or library of this machine.
std::optional<layout> layout_of(Elf* elf) {
    GElf_Ehdr header;
    std::size_t count = 0;
    if (elf == nullptr || gelf_getehdr(elf, &header) == nullptr || elf_getphdrnum(elf, &count) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64 ||
        (header.e_type != ET_EXEC && header.e_type != ET_DYN))
        return std::nullopt;
    layout made;
    bool is_first = true;
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr one;
        if (gelf_getphdr(elf, static_cast<int>(i), &one) == nullptr) return std::nullopt;
        if (one.p_type == PT_INTERP) made.has_interpreter = true;
        if (one.p_type != PT_LOAD) continue;
        if (is_first) made.first = one.p_vaddr & ~(page_bytes - 1);
        is_first = false;
        made.end = std::max<std::uint64_t>(made.end, one.p_vaddr + one.p_memsz);
    }
    made.is_fixed = header.e_type == ET_EXEC;
    if (is_first) return std::nullopt;
    return made;
}

std::vector<std::uint8_t> build_id_of(Elf* elf) {
    const void* bits = nullptr;
    const ssize_t size = dwelf_elf_gnu_build_id(elf, &bits);
    const auto* bytes = static_cast<const std::uint8_t*>(bits);
    return size <= 0 ? std::vector<std::uint8_t>() : std::vector<std::uint8_t>(bytes, bytes + size);
}

}  // namespace

struct modules::session {
    session() : dwfl(dwfl_begin(&callbacks)) {}
    ~session() {
        if (dwfl != nullptr) dwfl_end(dwfl);
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    static constexpr Dwfl_Callbacks callbacks = {dwfl_build_id_find_elf, dwfl_standard_find_debuginfo,
                                                 dwfl_offline_section_address, nullptr};
    Dwfl* dwfl;
};

modules::modules(const image& of) : session_(std::make_unique<session>()) {
    elf_version(EV_CURRENT);
    for (std::size_t i = 0; i < of.mappings.size(); ++i) {
        const mapping& one = of.mappings[i];
        if (!one.path.empty() && one.file_offset == 0 && may_be_elf(of, one.begin)) add(of, i);
    }
    std::sort(all_.begin(), all_.end(), [](const module& a, const module& b) { return a.begin < b.begin; });
    if (session_->dwfl != nullptr) dwfl_report_end(session_->dwfl, nullptr, nullptr);
}

modules::~modules() = default;

void modules::add(const image& of, std::size_t first) {
    const mapping& head = of.mappings[first];
    module made;
    made.path = head.file.empty() ? head.path : head.file;
    made.begin = head.begin;
    made.end = head.end;
    for (std::size_t i = first + 1; i < of.mappings.size() && of.mappings[i].path == head.path; ++i)
        made.end = of.mappings[i].end;
    if (!all_.empty() && all_.back().path == made.path && made.begin < all_.back().end) return;  // mapped page by page
    made.build_id = build_id_in(of, head.begin);
    made.is_glibc = is_glibc_name(base_name(head.path));
    made.is_runtime = is_runtime_name(base_name(head.path));
    const int file = head.file.empty() ? -1 : open_regular(head.file);
    const std::unique_ptr<Elf, elf_closer> elf(file < 0 ? nullptr : elf_begin(file, ELF_C_READ, nullptr));
    const std::optional<layout> known = layout_of(elf.get());
    const std::vector<std::uint8_t> own_id = known ? build_id_of(elf.get()) : std::vector<std::uint8_t>();
    if (!known) {
        // Data files are mapped too: only what is known to be code is missed.
        if (!made.build_id.empty())
            problems_.push_back(head.path + ": the file is not there: no symbols of it, and stacks end in it");
    } else if (!made.build_id.empty() && made.build_id != own_id) {
        problems_.push_back(head.path +
                            ": the file was changed since it was loaded: no symbols of it, and stacks end in it");
    } else {
        made.bias = known->is_fixed ? 0 : head.begin - known->first;
        made.end = std::max(made.end, known->end + made.bias);
        made.is_glibc = made.is_glibc || (head.path == of.program && !known->has_interpreter);
        if (made.build_id.empty()) made.build_id = own_id;
        made.is_usable =
            session_->dwfl != nullptr &&
            dwfl_report_elf(session_->dwfl, made.path.c_str(), made.path.c_str(), -1, made.bias, true) != nullptr;
    }
    if (file >= 0) ::close(file);
    all_.push_back(std::move(made));
}

const module* modules::at(std::uint64_t address) const noexcept {
    const auto after = std::upper_bound(all_.begin(), all_.end(), address,
                                        [](std::uint64_t where, const module& one) { return where < one.begin; });
    if (after == all_.begin()) return nullptr;
    const module& found = *std::prev(after);
    return address < found.end ? &found : nullptr;
}

void* modules::handle() const noexcept { return session_->dwfl; }

}  // namespace interlock::snapshot
