#include "instrument/recorder/modules.hpp"

#include <elf.h>

#include <atomic>
#include <cstring>

#include "instrument/recorder/process.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

constexpr std::size_t modules_max = 4096;

struct module {
    dl_phdr_info info;
    format::module_id id;
    std::uintptr_t begin;
    std::uintptr_t end;
};

struct snapshot {
    std::size_t count;
    module* modules;
};

constinit std::atomic<snapshot*> current{nullptr};
constinit spin_latch scan_latch;

snapshot* make_snapshot(std::size_t capacity) noexcept {
    auto* made = static_cast<snapshot*>(process.memory.allocate(sizeof(snapshot) + capacity * sizeof(module)));
    if (made != nullptr) made->modules = reinterpret_cast<module*>(made + 1);
    return made;
}

struct collection {
    snapshot* into;
    std::size_t capacity;
};

void set_range(module& m) noexcept {
    m.begin = ~std::uintptr_t{0};
    m.end = 0;
    for (std::size_t i = 0; i < m.info.dlpi_phnum; ++i) {
        const ElfW(Phdr)& header = m.info.dlpi_phdr[i];
        if (header.p_type != PT_LOAD) continue;
        const std::uintptr_t begin = m.info.dlpi_addr + header.p_vaddr;
        if (begin < m.begin) m.begin = begin;
        if (begin + header.p_memsz > m.end) m.end = begin + header.p_memsz;
    }
}

int count_module(dl_phdr_info*, std::size_t, void* data) noexcept {
    ++*static_cast<std::size_t*>(data);
    return 0;
}

int collect(dl_phdr_info* info, std::size_t, void* data) noexcept {
    auto& to = *static_cast<collection*>(data);
    if (to.into->count == to.capacity) return 1;
    // Program headers are copied: a reader may still look at them when the library is gone.
    const std::size_t bytes = info->dlpi_phnum * sizeof(ElfW(Phdr));
    void* headers = process.memory.allocate(bytes);
    if (headers == nullptr) return 1;
    std::memcpy(headers, info->dlpi_phdr, bytes);
    module& m = to.into->modules[to.into->count++];
    m.info = *info;
    m.info.dlpi_phdr = static_cast<const ElfW(Phdr)*>(headers);
    m.id = format::module_id::none;
    set_range(m);
    return 0;
}

bool is_same(const module& a, const module& b) noexcept {
    return a.info.dlpi_addr == b.info.dlpi_addr && a.begin == b.begin && a.end == b.end &&
           a.info.dlpi_name == b.info.dlpi_name;
}

void read_build_id(const module& m, format::module_payload& out) noexcept {
    for (std::size_t i = 0; i < m.info.dlpi_phnum; ++i) {
        const ElfW(Phdr)& header = m.info.dlpi_phdr[i];
        if (header.p_type != PT_NOTE) continue;
        std::uintptr_t at = m.info.dlpi_addr + header.p_vaddr;
        const std::uintptr_t end = at + header.p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
            const std::uintptr_t name = at + sizeof *note;
            const std::uintptr_t description = name + ((note->n_namesz + 3u) & ~3u);
            at = description + ((note->n_descsz + 3u) & ~3u);
            if (at > end) break;
            if (note->n_type != NT_GNU_BUILD_ID || note->n_namesz != 4 ||
                std::memcmp(reinterpret_cast<const void*>(name), "GNU", 4) != 0)
                continue;
            const std::size_t size = note->n_descsz < out.build_id.size() ? note->n_descsz : out.build_id.size();
            std::memcpy(out.build_id.data(), reinterpret_cast<const void*>(description), size);
            out.build_id_size = static_cast<std::uint8_t>(size);
            return;
        }
    }
}

void write_load(agent& self, module& m, std::uint16_t epoch) noexcept {
    m.id = format::module_id{process.modules.fetch_add(1, std::memory_order_relaxed) + 1};
    format::module_payload payload;
    payload.bias = m.info.dlpi_addr;
    payload.begin = m.begin;
    payload.end = m.end;
    const char* name = m.info.dlpi_name;
    if (name == nullptr || *name == '\0') {  // the executable itself
        const format::file_header& header = *process.log.header();
        payload.path = define_string(self, header.program, header.program_size);
    } else {
        payload.path = define_string(self, name, std::strlen(name));
    }
    read_build_id(m, payload);
    const auto slots = format::encode(payload);
    format::slot* at = reserve(self, 1 + slots.size());
    if (at == nullptr) return;
    for (std::size_t i = 0; i < slots.size(); ++i) commit(at[1 + i], slots[i]);
    commit(*at, format::encode(format::event_kind::module_load, 0, {}, 0, format::number(m.id), epoch));
}

}  // namespace

void scan_modules(agent& self) noexcept {
    const phdr_iterator real = process.iterate_phdr;
    if (real == nullptr) return;
    const spin_guard guard(scan_latch);
    std::size_t count = 0;
    real(count_module, &count);
    collection found{nullptr, (count < modules_max ? count : modules_max) + 8};
    found.into = make_snapshot(found.capacity);
    if (found.into == nullptr) return;
    real(collect, &found);

    const snapshot* before = current.load(std::memory_order_relaxed);
    const std::size_t before_count = before == nullptr ? 0 : before->count;
    bool gone = false;
    for (std::size_t i = 0; i < before_count; ++i) {
        bool still = false;
        for (std::size_t j = 0; j < found.into->count && !still; ++j) {
            still = is_same(before->modules[i], found.into->modules[j]);
            if (still) found.into->modules[j].id = before->modules[i].id;
        }
        if (still) continue;
        if (!gone) {
            const auto epoch =
                static_cast<std::uint16_t>(process.load_epoch.fetch_add(1, std::memory_order_relaxed) + 1);
            site_epoch.store(std::uint64_t{epoch} << 48, std::memory_order_relaxed);
        }
        gone = true;
        write(self, format::event_kind::module_unload, 0, {}, format::number(before->modules[i].id),
              process.load_epoch.load(std::memory_order_relaxed));
    }
    const std::uint16_t epoch = process.load_epoch.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < found.into->count; ++i)
        if (found.into->modules[i].id == format::module_id::none) write_load(self, found.into->modules[i], epoch);
    current.store(found.into,
                  std::memory_order_release);  // pairs with the acquire in iterate_modules; the old one stays readable
    if (gone) forget_unwind_cache();
}

int iterate_modules(phdr_callback callback, void* data) noexcept {
    const snapshot* modules = current.load(std::memory_order_acquire);
    if (modules == nullptr) return 0;
    for (std::size_t i = 0; i < modules->count; ++i) {
        dl_phdr_info info = modules->modules[i].info;
        if (const int result = callback(&info, sizeof info, data)) return result;
    }
    return 0;
}

bool learn_module(agent& self, std::uintptr_t address) noexcept {
    const snapshot* before = current.load(std::memory_order_acquire);
    if (before == nullptr) return false;
    for (std::size_t i = 0; i < before->count; ++i)
        if (address >= before->modules[i].begin && address < before->modules[i].end) return false;
    dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) return false;

    const spin_guard guard(scan_latch);
    before = current.load(std::memory_order_relaxed);
    const std::size_t capacity = before->count + 1;
    snapshot* after = make_snapshot(capacity);
    if (after == nullptr || before->count >= modules_max) return false;
    std::memcpy(after->modules, before->modules, before->count * sizeof(module));
    after->count = before->count;
    collection to{after, capacity};
    dl_phdr_info info{};
    const auto* header = static_cast<const ElfW(Ehdr)*>(found.dlfo_map_start);
    info.dlpi_addr = found.dlfo_link_map->l_addr;
    info.dlpi_name = found.dlfo_link_map->l_name;
    info.dlpi_phdr =
        reinterpret_cast<const ElfW(Phdr)*>(static_cast<const std::byte*>(found.dlfo_map_start) + header->e_phoff);
    info.dlpi_phnum = header->e_phnum;
    info.dlpi_adds = before->count + 1;
    if (std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || collect(&info, sizeof info, &to) != 0) return false;
    write_load(self, after->modules[after->count - 1], process.load_epoch.load(std::memory_order_relaxed));
    for (std::size_t i = 0; i < after->count; ++i)
        ++after->modules[i].info.dlpi_adds;  // libunwind's own cache must notice
    current.store(after, std::memory_order_release);
    forget_unwind_cache();
    return true;
}

std::size_t unwind_known(agent& self, const call_point& from, frame (&out)[stack_frames_max]) noexcept {
    learn_module(self, from.site);
    for (;;) {
        const std::size_t count = unwind(from, out);
        if (count == stack_frames_max || !learn_module(self, out[count - 1].address)) return count;
    }
}

void rewrite_modules(agent& self) noexcept {
    scan_latch.reset();
    snapshot* modules = current.load(std::memory_order_relaxed);
    for (std::size_t i = 0; modules != nullptr && i < modules->count; ++i) write_load(self, modules->modules[i], 0);
}

}  // namespace interlock::recorder
