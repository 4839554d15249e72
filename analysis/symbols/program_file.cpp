// Reads the first line or the program headers.
#include "analysis/symbols/program_file.hpp"

#include <array>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace interlock::symbols {
namespace {

std::string interpreter_of(std::string_view head) {
    head.remove_prefix(2);
    head = head.substr(0, head.find('\n'));
    const std::size_t begin = head.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    head.remove_prefix(begin);
    return std::string(head.substr(0, head.find_first_of(" \t\r")));
}

program_kind kind_of_elf(int fd) {
    elf_version(EV_CURRENT);
    const std::unique_ptr<Elf, int (*)(Elf*)> elf(elf_begin(fd, ELF_C_READ, nullptr), elf_end);
    GElf_Ehdr header;
    if (!elf || elf_kind(elf.get()) != ELF_K_ELF || gelf_getehdr(elf.get(), &header) == nullptr)
        return program_kind::other;
    if (header.e_machine != EM_X86_64 || gelf_getclass(elf.get()) != ELFCLASS64) return program_kind::other_machine;
    std::size_t count = 0;
    if (elf_getphdrnum(elf.get(), &count) != 0) return program_kind::other;
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr segment;
        if (gelf_getphdr(elf.get(), static_cast<int>(i), &segment) != nullptr && segment.p_type == PT_INTERP)
            return program_kind::dynamic_executable;
    }
    return program_kind::static_executable;
}

bool changes_who_runs(const struct stat& status, const std::string& path) {
    if ((status.st_mode & S_ISUID) != 0 && status.st_uid != ::geteuid()) return true;
    if ((status.st_mode & S_ISGID) != 0 && status.st_gid != ::getegid()) return true;
    return ::geteuid() != 0 && ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
}

}  // namespace

program_file inspect_program(const std::string& path) {
    program_file out;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) out.secure = changes_who_runs(status, path);
    if (fd < 0) return out;
    std::array<char, 256> head{};
    const ssize_t size = S_ISREG(status.st_mode) ? ::pread(fd, head.data(), head.size(), 0) : -1;
    const std::string_view text(head.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    if (text.starts_with("#!")) {
        out.kind = program_kind::script;
        out.interpreter = interpreter_of(text);
        out.secure = false;  // the kernel ignores a script's setuid bit
    } else if (text.starts_with(ELFMAG)) {
        out.kind = kind_of_elf(fd);
    }
    ::close(fd);
    return out;
}

}  // namespace interlock::symbols
