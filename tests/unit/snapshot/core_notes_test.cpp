// Notes made here, whole, cut at every byte, and lying about their sizes.
#include "analysis/snapshot/core_notes.hpp"

#include <gtest/gtest.h>

#include <elf.h>
#include <sys/procfs.h>
#include <sys/syscall.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::snapshot {
namespace {

using bytes = std::vector<std::byte>;

template <typename Value>
void append(bytes& to, const Value& value) {
    const auto* begin = reinterpret_cast<const std::byte*>(&value);
    to.insert(to.end(), begin, begin + sizeof value);
}

void append_text(bytes& to, std::string_view text) {
    for (const char c : text) to.push_back(static_cast<std::byte>(c));
}

void append_note(bytes& to, unsigned type, const bytes& content) {
    append(to, Elf64_Nhdr{5, static_cast<Elf64_Word>(content.size()), type});
    append_text(to, std::string_view("CORE\0\0\0\0", 8));
    to.insert(to.end(), content.begin(), content.end());
    while (to.size() % 4 != 0) to.push_back({});
}

bytes status_of(int id, bool waits) {
    elf_prstatus status{};
    status.pr_pid = id;
    user_regs_struct registers{};
    registers.orig_rax = waits ? SYS_futex : ~0ULL;
    registers.rdi = 0x1000;
    std::memcpy(&status.pr_reg, &registers, sizeof registers);
    bytes out;
    append(out, status);
    return out;
}

bytes files_of(std::uint64_t count, std::string_view names) {
    bytes out;
    append(out, count);
    append(out, std::uint64_t{4096});
    for (std::uint64_t i = 0; i < 2; ++i) {
        append(out, std::uint64_t{0x10000 * (i + 1)});
        append(out, std::uint64_t{0x10000 * (i + 1) + 0x2000});
        append(out, i);
    }
    append_text(out, names);
    return out;
}

constexpr std::string_view two_names("/bin/a\0/lib/b (deleted)\0", 24);

bytes whole() {
    bytes out;
    append_note(out, NT_PRSTATUS, status_of(7, true));
    append_note(out, NT_PRSTATUS, status_of(8, false));
    append_note(out, NT_FILE, files_of(2, two_names));
    return out;
}

TEST(core_notes, tell_threads_and_files) {
    core_notes read;
    read_notes(whole(), read);
    ASSERT_EQ(read.threads.size(), 2u);
    EXPECT_EQ(read.threads[0].id, 7u);
    ASSERT_TRUE(read.threads[0].registers);
    EXPECT_EQ(read.threads[0].registers->rdi, 0x1000u);
    EXPECT_FALSE(read.threads[1].registers) << "it waits for nothing";
    ASSERT_EQ(read.mappings.size(), 2u);
    EXPECT_EQ(read.mappings[0].file, "/bin/a");
    EXPECT_EQ(read.mappings[1].path, "/lib/b");
    EXPECT_EQ(read.mappings[1].file, "") << "it is gone: what has its name now is another";
    EXPECT_EQ(read.mappings[1].file_offset, 4096u);
    EXPECT_FALSE(read.damage);
}

TEST(core_notes, are_read_as_far_as_they_go) {
    const bytes all = whole();
    for (std::size_t size = 0; size < all.size(); ++size) {
        const bytes cut(all.begin(),
                        all.begin() + static_cast<std::ptrdiff_t>(size));  // of its own: an overrun is seen
        core_notes read;
        read_notes(cut, read);
        EXPECT_LE(read.threads.size(), 2u);
    }
}

TEST(core_notes, do_not_believe_a_count_of_files) {
    for (const std::uint64_t count : {std::uint64_t{3}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
        bytes lying;
        append_note(lying, NT_FILE, files_of(count, two_names));
        core_notes read;
        read_notes(lying, read);
        EXPECT_LE(read.mappings.size(), 2u);
    }
    bytes huge;
    append_note(huge, NT_FILE, files_of(~std::uint64_t{0}, two_names));
    core_notes read;
    read_notes(huge, read);
    EXPECT_TRUE(read.damage);
}

TEST(core_notes, do_not_believe_a_size) {
    bytes lying = whole();
    Elf64_Nhdr note{5, 0xffff'fff0, NT_PRSTATUS};
    std::memcpy(lying.data(), &note, sizeof note);
    core_notes read;
    read_notes(lying, read);
    EXPECT_TRUE(read.threads.empty());
    EXPECT_TRUE(read.damage);
    note = {0xffff'ffff, 0xffff'ffff, NT_PRSTATUS};
    std::memcpy(lying.data(), &note, sizeof note);
    read = {};
    read_notes(lying, read);
    EXPECT_TRUE(read.damage);
}

}  // namespace
}  // namespace interlock::snapshot
