#include "instrument/recorder/imports.hpp"

#include <elf.h>

#include <cstring>

namespace interlock::recorder {
namespace {

struct symbol_names {
    const ElfW(Sym) * symbols = nullptr;
    const char* names = nullptr;
    const std::uint32_t* hash_table = nullptr;
};

/// Null where the loader has left offsets in place of addresses, as in the kernel's own library.
symbol_names names_of(const ElfW(Dyn) * entry, std::uintptr_t begin, std::uintptr_t end) noexcept {
    symbol_names found;
    for (; entry->d_tag != DT_NULL; ++entry) {
        const std::uintptr_t value = entry->d_un.d_ptr;
        if (value < begin || value >= end) continue;
        if (entry->d_tag == DT_SYMTAB) found.symbols = reinterpret_cast<const ElfW(Sym)*>(value);
        if (entry->d_tag == DT_STRTAB) found.names = reinterpret_cast<const char*>(value);
        if (entry->d_tag == DT_GNU_HASH) found.hash_table = reinterpret_cast<const std::uint32_t*>(value);
    }
    return found;
}

}  // namespace

bool imports_any(const dl_phdr_info& library, std::uintptr_t begin, std::uintptr_t end, const char* part) noexcept {
    for (std::size_t i = 0; i < library.dlpi_phnum; ++i) {
        const ElfW(Phdr)& header = library.dlpi_phdr[i];
        if (header.p_type != PT_DYNAMIC) continue;
        const symbol_names from =
            names_of(reinterpret_cast<const ElfW(Dyn)*>(library.dlpi_addr + header.p_vaddr), begin, end);
        if (from.symbols == nullptr || from.names == nullptr || from.hash_table == nullptr) return false;
        const std::uint32_t first_defined = from.hash_table[1];  // the hashed ones come last; no import is hashed
        for (std::uint32_t symbol = 1; symbol < first_defined; ++symbol)
            if (from.symbols[symbol].st_shndx == SHN_UNDEF &&
                std::strstr(from.names + from.symbols[symbol].st_name, part) != nullptr)
                return true;
    }
    return false;
}

}  // namespace interlock::recorder
