#include "instrument/recorder/modules.hpp"

#include <elf.h>

#include <atomic>
#include <climits>
#include <cstring>
#include <span>
#include <string_view>

#include "instrument/recorder/imports.hpp"
#include "instrument/recorder/mapped_path.hpp"
#include "instrument/recorder/process.hpp"
#include "instrument/recorder/system_call.hpp"
#include "instrument/recorder/writer.hpp"

namespace interlock::recorder {
namespace {

constexpr std::size_t modules_max = 4096;

struct module {
    dl_phdr_info info;
    format::module_id id;
    std::uintptr_t begin;
    std::uintptr_t end;
    std::uint64_t name_hash;          // the loader's name is gone with the library, and its memory may hold another's
    format::module_payload identity;  // its build id alone: read while the library is there
    bool waits_for_futures;           // and these too
    bool cancels_threads;
};

struct snapshot {
    std::size_t count;
    module* modules;
};

constinit std::atomic<snapshot*> current{nullptr};
constinit spin_latch scan_latch;
constinit bool futures_told = false;  // under scan_latch
constinit bool cancelling_told = false;

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

std::uint64_t hash_of(const char* name) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (; name != nullptr && *name != '\0'; ++name)
        hash = (hash ^ static_cast<unsigned char>(*name)) * 0x0000'0100'0000'01b3;
    return hash;
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
    m.identity = {};
    m.waits_for_futures = m.cancels_threads = false;
    m.name_hash = hash_of(info->dlpi_name);
    set_range(m);
    return 0;
}

bool is_same(const module& a, const module& b) noexcept {
    return a.info.dlpi_addr == b.info.dlpi_addr && a.begin == b.begin && a.end == b.end && a.name_hash == b.name_hash;
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

/// What the loader was asked for is told as it was asked, also relative to the directory of that time ("./plugin.so"). The kernel's
/// own objects, which are no files, have names without a slash.
std::string_view name_of(const module& m, std::span<char> room) noexcept {
    const std::string_view name = m.info.dlpi_name == nullptr ? "" : m.info.dlpi_name;
    if (name.starts_with('/') || name.find('/') == std::string_view::npos) return name;
    const std::size_t size = find_mapped_path(m.begin, room);
    return size == 0 ? name : std::string_view(room.data(), size);
}

/// Copies the name and the build id into memory of ours, and looks for waits for futures. A forked child writes its modules anew, perhaps when the library is
/// closed again. To be called while the library is loaded, under scan_latch; without memory it has neither.
void keep_identity(module& m) noexcept {
    static constinit char path[PATH_MAX];
    const std::string_view name = name_of(m, path);
    auto* copy = static_cast<char*>(process.memory.allocate(name.size() + 1));
    if (copy != nullptr) {
        std::memcpy(copy, name.data(), name.size());
        copy[name.size()] = '\0';
    }
    m.info.dlpi_name = copy == nullptr ? "?" : copy;
    read_build_id(m, m.identity);
    m.waits_for_futures = imports_any(m.info, m.begin, m.end, "__atomic_futex_unsigned_base");
    m.cancels_threads = imports_any(m.info, m.begin, m.end, "pthread_cancel");
}

void write_load(agent& self, module& m, std::uint16_t epoch) noexcept {
    m.id = format::module_id{process.modules.fetch_add(1, std::memory_order_relaxed) + 1};
    format::module_payload payload = m.identity;
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
    const auto slots = format::encode(payload);
    format::slot* at = reserve(self, 1 + slots.size());
    if (at == nullptr) return;
    for (std::size_t i = 0; i < slots.size(); ++i) commit(at[1 + i], slots[i]);
    commit(*at, format::encode(format::event_kind::module_load, 0, {}, 0, format::number(m.id), epoch));
}

void tell_once(bool& told, bool is_so, agent& self, const module& m, format::blind_spot what) noexcept {
    if (told || !is_so) return;
    told = true;
    const char* name = m.info.dlpi_name;
    format::string_id text{};
    if (name != nullptr && *name != '\0') text = define_string(self, name, std::strlen(name));
    write(self, format::event_kind::blind_spot, static_cast<std::uint8_t>(what), {}, format::number(text), 0);
}

/// What std::future does it does in the program's own code, but for the waits, which libstdc++ makes. Whom a pthread_cancel will end, or take out
/// of a wait, nobody knows before it is called.
void tell_of_imports(agent& self, const module& m) noexcept {
    tell_once(futures_told, m.waits_for_futures, self, m, format::blind_spot::unseen_future);
    tell_once(cancelling_told, m.cancels_threads, self, m, format::blind_spot::cancellation);
}

void write_new(agent& self, module& m, std::uint16_t epoch) noexcept {
    keep_identity(m);
    write_load(self, m, epoch);
    tell_of_imports(self, m);
}

/// `now` is the module `known`, found again.
void take_over(const module& known, module& now) noexcept {
    now.id = known.id;
    now.info.dlpi_name = known.info.dlpi_name;
    now.identity = known.identity;
    now.waits_for_futures = known.waits_for_futures;
    now.cancels_threads = known.cancels_threads;
}

/// `first`: of those that go now; from here on addresses are of the next epoch.
void write_unload(agent& self, const module& m, bool first) noexcept {
    if (first) {
        const auto epoch = static_cast<std::uint16_t>(process.load_epoch.fetch_add(1, std::memory_order_relaxed) + 1);
        site_epoch.store(std::uint64_t{epoch} << 48, std::memory_order_relaxed);
    }
    write(self, format::event_kind::module_unload, 0, {}, format::number(m.id),
          process.load_epoch.load(std::memory_order_relaxed));
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
            if (still) take_over(before->modules[i], found.into->modules[j]);
        }
        if (still) continue;
        write_unload(self, before->modules[i], !gone);
        gone = true;
    }
    const std::uint16_t epoch = process.load_epoch.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < found.into->count; ++i)
        if (found.into->modules[i].id == format::module_id::none) write_new(self, found.into->modules[i], epoch);
    current.store(found.into,
                  std::memory_order_release);  // pairs with the acquire in iterate_modules; the old one stays readable
    if (gone) forget_unwind_cache();
}

bool is_in_library(std::uintptr_t address, const char* name) noexcept {
    const snapshot* modules = current.load(std::memory_order_acquire);
    for (std::size_t i = 0; modules != nullptr && i < modules->count; ++i) {
        const module& m = modules->modules[i];
        if (address < m.begin || address >= m.end) continue;
        const char* path = m.info.dlpi_name == nullptr ? "" : m.info.dlpi_name;
        const char* slash = std::strrchr(path, '/');
        return std::strncmp(slash == nullptr ? path : slash + 1, name, std::strlen(name)) == 0;
    }
    return false;
}

bool is_private_memory(const agent& self, std::uintptr_t address) noexcept {
    if (address >= self.stack_low && address < self.stack_top) return true;
    const snapshot* modules = current.load(std::memory_order_acquire);
    std::uintptr_t program_end = 0;
    for (std::size_t i = 0; modules != nullptr && i < modules->count; ++i) {
        const module& m = modules->modules[i];
        if (address >= m.begin && address < m.end) return true;
        if (m.info.dlpi_name == nullptr || *m.info.dlpi_name == '\0') program_end = m.end;
    }
    // The heap lies at a random distance behind the program, nothing else between them.
    const auto end = static_cast<std::uintptr_t>(system_call(SYS_brk, 0L));
    return program_end != 0 && address >= program_end && address < end;
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

namespace {

const module* module_at(const snapshot& modules, std::uintptr_t address) noexcept {
    for (std::size_t i = 0; i < modules.count; ++i)
        if (address >= modules.modules[i].begin && address < modules.modules[i].end) return &modules.modules[i];
    return nullptr;
}

bool is_what_was_found(const module* known, const dl_find_object& found) noexcept {
    return known != nullptr && known->info.dlpi_addr == found.dlfo_link_map->l_addr &&
           known->name_hash == hash_of(found.dlfo_link_map->l_name);
}

dl_phdr_info info_of(const dl_find_object& found, std::size_t adds) noexcept {
    const auto* begin = static_cast<const std::byte*>(found.dlfo_map_start);
    const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(begin);
    dl_phdr_info info{};
    info.dlpi_addr = found.dlfo_link_map->l_addr;
    info.dlpi_name = found.dlfo_link_map->l_name;
    info.dlpi_phdr = reinterpret_cast<const ElfW(Phdr)*>(begin + header->e_phoff);
    info.dlpi_phnum = header->e_phnum;
    info.dlpi_adds = adds;
    return info;
}

/// Copies what does not lie where `added` lies: that is gone, though no scan has seen it go.
void keep_beside(agent& self, const snapshot& before, const module& added, snapshot& after) noexcept {
    bool gone = false;
    for (std::size_t i = 0; i < before.count; ++i) {
        const module& old = before.modules[i];
        if (old.begin < added.end && added.begin < old.end) {
            write_unload(self, old, !gone);
            gone = true;
        } else {
            after.modules[after.count++] = old;
        }
    }
}

}  // namespace

bool learn_module(agent& self, std::uintptr_t address) noexcept {
    const snapshot* before = current.load(std::memory_order_acquire);
    if (before == nullptr) return false;
    dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) return false;
    if (is_what_was_found(module_at(*before, address), found)) return false;

    const spin_guard guard(scan_latch);
    before = current.load(std::memory_order_relaxed);
    if (is_what_was_found(module_at(*before, address), found)) return false;
    if (before->count >= modules_max || std::memcmp(found.dlfo_map_start, ELFMAG, SELFMAG) != 0) return false;
    snapshot* added = make_snapshot(1);
    snapshot* after = make_snapshot(before->count + 1);
    if (added == nullptr || after == nullptr) return false;
    after->count = 0;
    collection to{added, 1};
    dl_phdr_info info = info_of(found, before->count + 1);
    if (collect(&info, sizeof info, &to) != 0) return false;
    keep_beside(self, *before, added->modules[0], *after);
    module& fresh = after->modules[after->count++] = added->modules[0];
    write_new(self, fresh, process.load_epoch.load(std::memory_order_relaxed));
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
    futures_told = cancelling_told = false;
    for (std::size_t i = 0; modules != nullptr && i < modules->count; ++i) {
        write_load(self, modules->modules[i], 0);
        tell_of_imports(self, modules->modules[i]);
    }
}

}  // namespace interlock::recorder
