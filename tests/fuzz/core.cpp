// The reader of core dumps, on any bytes: the input as a file, or as edits of a core of three threads that wait, one of them for itself,
// with their stacks, locks and a list of mapped files. Nothing is asked but that it ends, stays within memory, and says why where it fails.
#include <elf.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/snapshot/core.hpp"
#include "analysis/stuck.hpp"

namespace {

namespace snapshot = interlock::snapshot;
using bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t memory_begin = 0x7000'0000;
constexpr std::uint64_t memory_bytes = 4096;

void must(bool holds) {
    if (!holds) std::abort();
}

template <typename Value>
void append(bytes& to, const Value& value) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(&value);
    to.insert(to.end(), begin, begin + sizeof value);
}

void append_note(bytes& to, unsigned type, const bytes& content) {
    append(to, Elf64_Nhdr{5, static_cast<Elf64_Word>(content.size()), type});
    to.insert(to.end(), {'C', 'O', 'R', 'E', 0, 0, 0, 0});
    to.insert(to.end(), content.begin(), content.end());
    to.resize((to.size() + 3) / 4 * 4);
}

bytes status_of(int id) {
    elf_prstatus status{};
    status.pr_pid = id;
    user_regs_struct registers{};
    registers.orig_rax = SYS_futex;
    registers.rdi = memory_begin + 64 * static_cast<unsigned>(id);
    registers.rdx = 2;
    registers.rsp = memory_begin + 1024;
    registers.rip = 0x40'0010;
    std::memcpy(&status.pr_reg, &registers, sizeof registers);
    bytes out;
    append(out, status);
    return out;
}

/// `with_code`: a program to unwind and name by; costs more than all the rest.
bytes files(bool with_code) {
    bytes out;
    for (const std::uint64_t word :
         {std::uint64_t{2}, std::uint64_t{4096}, std::uint64_t{0x40'0000}, std::uint64_t{0x40'2000}, std::uint64_t{0},
          memory_begin, memory_begin + memory_bytes, std::uint64_t{1}})
        append(out, word);
    const std::string_view names = with_code ? std::string_view("/proc/self/exe\0/dev/zero\0", 25)
                                             : std::string_view("/none/self/exe\0/dev/zero\0", 25);
    out.insert(out.end(), names.begin(), names.end());
    return out;
}

bytes make_core(bool with_code) {
    bytes notes;
    elf_prpsinfo process{};
    process.pr_pid = 1;
    std::memcpy(process.pr_fname, "fuzz", 5);
    bytes content;
    append(content, process);
    for (int id = 1; id <= 3; ++id) append_note(notes, NT_PRSTATUS, status_of(id));
    append_note(notes, NT_PRPSINFO, content);
    append_note(notes, NT_FILE, files(with_code));
    content.clear();
    append(content, Elf64_auxv_t{AT_ENTRY, {0x40'0000}});
    append_note(notes, NT_AUXV, content);
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_CORE;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_phoff = header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    const std::uint64_t notes_at = sizeof header + 2 * sizeof(Elf64_Phdr);
    bytes out;
    append(out, header);
    append(out, Elf64_Phdr{PT_NOTE, PF_R, notes_at, 0, 0, notes.size(), 0, 4});
    append(out, Elf64_Phdr{PT_LOAD, PF_R | PF_W, notes_at + notes.size(), memory_begin, 0, memory_bytes, memory_bytes,
                           4096});
    out.insert(out.end(), notes.begin(), notes.end());
    for (std::uint64_t i = 0; i < memory_bytes / 4; ++i) append(out, static_cast<std::uint32_t>(i % 4));
    return out;
}

/// Each four bytes of the input change one of the core: two tell where, one how, one to what.
bytes edited(bool with_code, const std::uint8_t* data, std::size_t size) {
    bytes core = make_core(with_code);
    for (std::size_t at = 0; at + 4 <= size; at += 4) {
        const std::size_t place = (static_cast<std::size_t>(data[at]) << 8 | data[at + 1]) % core.size();
        if (data[at + 2] % 8 == 0)
            core.resize(std::max<std::size_t>(place, 1));
        else if (data[at + 2] % 2 == 0)
            core[place] = data[at + 3];
        else
            core[place] ^= static_cast<std::uint8_t>(1u << data[at + 3] % 8);
    }
    return core;
}

void read(const bytes& core) {
    const int file = ::memfd_create("core", MFD_CLOEXEC);
    must(file >= 0 && ::write(file, core.data(), core.size()) == static_cast<ssize_t>(core.size()));
    const std::string path = "/proc/self/fd/" + std::to_string(file);
    snapshot::image seen;
    const auto failed = snapshot::open_core(path, seen);
    if (failed) {
        must(failed->starts_with(path + ": offset ") && failed->find('\n') == std::string::npos);
    } else {
        must(!seen.threads.empty());
        const auto data = interlock::analysis::examine(seen);
        must(data.logs.size() == 1 && data.waits.size() <= seen.threads.size());
    }
    ::close(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    if (data[0] % 8 == 0)
        read({data + 1, data + size});
    else
        read(edited(data[0] >= 240, data + 1, std::min<std::size_t>(size - 1, data[0] % 8 * 4)));
    return 0;
}
