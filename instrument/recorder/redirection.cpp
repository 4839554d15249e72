#include "instrument/recorder/redirection.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>

#include "instrument/format/layout.hpp"
#include "instrument/recorder/system_call.hpp"

namespace interlock::recorder {
namespace {

/// What the loader found in the library's dynamic section; its addresses are absolute there.
struct imports {
    const ElfW(Rela) * relocations[2] = {};
    std::size_t sizes[2] = {};  // bytes
    const ElfW(Sym) * symbols = nullptr;
    const char* names = nullptr;
};

imports imports_of(const link_map& library) noexcept {
    imports found;
    for (const ElfW(Dyn)* entry = library.l_ld; entry->d_tag != DT_NULL; ++entry) {
        const auto value = entry->d_un.d_ptr;
        switch (entry->d_tag) {
            case DT_JMPREL: found.relocations[0] = reinterpret_cast<const ElfW(Rela)*>(value); break;
            case DT_PLTRELSZ: found.sizes[0] = value; break;
            case DT_RELA: found.relocations[1] = reinterpret_cast<const ElfW(Rela)*>(value); break;
            case DT_RELASZ: found.sizes[1] = value; break;
            case DT_SYMTAB: found.symbols = reinterpret_cast<const ElfW(Sym)*>(value); break;
            case DT_STRTAB: found.names = reinterpret_cast<const char*>(value); break;
            default: break;
        }
    }
    return found;
}

/// The table may be read-only by now (RELRO). Its page stays writable: what else lies there may never have been read-only.
void store(std::uintptr_t place, void* replacement) noexcept {
    const std::uintptr_t page = place & ~std::uintptr_t{format::page_size - 1};
    const auto protect = [&](int how) {
        return system_call(SYS_mprotect, static_cast<long>(page), static_cast<long>(format::page_size), how);
    };
    if (is_error(protect(PROT_READ | PROT_WRITE))) return;
    *reinterpret_cast<void**>(place) = replacement;
}

}  // namespace

bool redirect(void* library, const char* name, void* replacement) noexcept {
    const auto& map = *static_cast<const link_map*>(library);
    const imports from = imports_of(map);
    if (from.symbols == nullptr || from.names == nullptr) return false;
    bool done = false;
    for (std::size_t table = 0; table < 2; ++table) {
        for (std::size_t i = 0; i < from.sizes[table] / sizeof(ElfW(Rela)); ++i) {
            const ElfW(Rela)& relocation = from.relocations[table][i];
            const auto type = ELF64_R_TYPE(relocation.r_info);
            if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) continue;
            const ElfW(Sym)& symbol = from.symbols[ELF64_R_SYM(relocation.r_info)];
            if (std::strcmp(from.names + symbol.st_name, name) != 0) continue;
            store(map.l_addr + relocation.r_offset, replacement);
            done = true;
        }
    }
    return done;
}

}  // namespace interlock::recorder
