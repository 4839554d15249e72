// Note kinds and layouts: elf.h, sys/procfs.h, and for NT_FILE the kernel's fs/binfmt_elf.c: count, page size, count times (begin, end,
// offset in pages), then as many names.
#include "analysis/snapshot/core_notes.hpp"

#include <elf.h>
#include <sys/procfs.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace interlock::snapshot {
namespace {

static_assert(sizeof(elf_gregset_t) == sizeof(user_regs_struct));

constexpr std::size_t note_alignment = 4;

template <typename Value>
std::optional<Value> value_at(std::span<const std::byte> bytes, std::size_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(Value)) return std::nullopt;
    Value value{};
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

std::string text_of(const char* text, std::size_t size_max) { return {text, ::strnlen(text, size_max)}; }

void read_status(std::span<const std::byte> bytes, core_notes& into) {
    const auto status = value_at<elf_prstatus>(bytes, 0);
    if (!status || status->pr_pid <= 0) return;
    thread one;
    one.id = one.told = static_cast<std::uint64_t>(status->pr_pid);
    user_regs_struct registers{};
    std::memcpy(&registers, &status->pr_reg, sizeof registers);
    if (is_in_futex(registers)) one.registers = registers;
    into.threads.push_back(std::move(one));
}

void read_process(std::span<const std::byte> bytes, core_notes& into) {
    const auto process = value_at<elf_prpsinfo>(bytes, 0);
    if (!process) return;
    into.pid = process->pr_pid > 0 ? static_cast<std::uint64_t>(process->pr_pid) : 0;
    into.name = text_of(process->pr_fname, sizeof process->pr_fname);
}

void read_auxiliary(std::span<const std::byte> bytes, core_notes& into) {
    for (std::size_t at = 0; const auto one = value_at<Elf64_auxv_t>(bytes, at); at += sizeof *one)
        if (one->a_type == AT_ENTRY) into.entry = one->a_un.a_val;
}

void read_files(std::span<const std::byte> bytes, core_notes& into) {
    struct range {
        std::uint64_t begin, end, offset_pages;
    };
    const auto count = value_at<std::uint64_t>(bytes, 0);
    const auto page_bytes = value_at<std::uint64_t>(bytes, sizeof(std::uint64_t));
    constexpr std::size_t ranges_at = 2 * sizeof(std::uint64_t);
    if (!count || !page_bytes || *count > (bytes.size() - ranges_at) / sizeof(range)) {
        into.damage = "the list of mapped files is cut short";
        return;
    }
    std::size_t name_at = ranges_at + *count * sizeof(range);
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto where = value_at<range>(bytes, ranges_at + i * sizeof(range));
        if (!where || name_at >= bytes.size()) break;
        mapping one{where->begin, where->end, where->offset_pages * *page_bytes, {}, {}};
        one.path = text_of(reinterpret_cast<const char*>(bytes.data() + name_at), bytes.size() - name_at);
        name_at += one.path.size() + 1;
        constexpr std::string_view gone = " (deleted)";
        if (one.path.ends_with(gone))
            one.path.resize(one.path.size() - gone.size());
        else
            one.file = one.path;
        if (one.begin < one.end) into.mappings.push_back(std::move(one));
    }
}

std::size_t aligned(std::size_t size) { return (size + note_alignment - 1) & ~(note_alignment - 1); }

}  // namespace

void read_notes(std::span<const std::byte> bytes, core_notes& into) {
    std::size_t at = 0;
    while (const auto note = value_at<Elf64_Nhdr>(bytes, at)) {
        const std::size_t name_at = at + sizeof *note;
        const std::size_t content_at = name_at + aligned(note->n_namesz);
        if (content_at > bytes.size() || bytes.size() - content_at < note->n_descsz) {
            into.damage = "a note is cut short";
            return;
        }
        const std::string name = text_of(reinterpret_cast<const char*>(bytes.data() + name_at), note->n_namesz);
        const std::span<const std::byte> content = bytes.subspan(content_at, note->n_descsz);
        if (name == "CORE") {
            switch (note->n_type) {
                case NT_PRSTATUS: read_status(content, into); break;
                case NT_PRPSINFO: read_process(content, into); break;
                case NT_AUXV: read_auxiliary(content, into); break;
                case NT_FILE: read_files(content, into); break;
                default: break;  // reason: signals and other registers say nothing of locks
            }
        }
        at = content_at + aligned(note->n_descsz);
    }
}

}  // namespace interlock::snapshot
