// The calls through which threads hand data to each other by the kernel. Descriptors that lead to the same thing are of one *group*, whose
// word carries the clock: both ends of a pipe or socket pair, copies, all sockets (which of them a connection joins is not known), all
// files. Coarser than the truth, never finer: a race may be taken for ordered, what is ordered never for a race.
//
// Calls may be cancelled, which unwinds through them: nothing here may be noexcept that calls the real function.
#undef _FILE_OFFSET_BITS  // with it, <unistd.h> makes one name of pread and pread64

#include "instrument/race/descriptors.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>

#include "instrument/race/access.hpp"
#include "instrument/race/runtime.hpp"
#include "instrument/race/synchronisation.hpp"
#include "instrument/recorder/system_call.hpp"

#define INTERLOCK_HOOK extern "C" __attribute__((visibility("default")))
#define INTERLOCK_SITE reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace interlock::race {
namespace {

constexpr std::uint32_t groups_max = 1u << 16;
constexpr std::uint32_t files = 0;
constexpr std::uint32_t sockets = 1;
constexpr std::uint32_t standard = 2;  // input, output, errors: one each
constexpr std::uint32_t first_free = 5;

alignas(8) constinit std::uint64_t words[descriptors_max] = {};
alignas(8) constinit std::uint64_t clocks[groups_max] = {};
constinit std::atomic<std::uint16_t> groups[descriptors_max] = {};
constinit std::atomic<std::uint32_t> groups_made{0};

/// Whether its opening was seen. Of those that it was not (fopen, timerfd_create ...), the number's use by one thread and its closing
/// by another may be of two different files.
enum class state : std::uint8_t { unknown, open, closed };
constinit std::atomic<state> states[descriptors_max] = {};

/// 0: nothing was opened yet.
constinit int process_of_table = 0;

bool is_followed(int file) noexcept { return file >= 0 && static_cast<std::uint32_t>(file) < descriptors_max; }

/// After 65,534 of them, numbers come again: two that have nothing to do with each other are then one.
std::uint32_t fresh_group() noexcept {
    return first_free + groups_made.fetch_add(1, std::memory_order_relaxed) % (groups_max - first_free);
}
std::uint32_t group_of(int file) noexcept {
    if (!is_followed(file)) return files;
    const std::uint32_t group = groups[file].load(std::memory_order_relaxed);
    return group == files && file < 3 ? standard + static_cast<std::uint32_t>(file) : group;
}
std::uintptr_t clock_of_group(std::uint32_t group) noexcept { return reinterpret_cast<std::uintptr_t>(&clocks[group]); }

bool is_watched() noexcept { return front.self != nullptr && front.self->ignored_order == 0; }

void release_group(std::uint32_t group) noexcept {
    if (is_watched()) release_at(*front.self, clock_of_group(group));
}
void acquire_group(std::uint32_t group) noexcept {
    if (is_watched()) acquire_at(*front.self, clock_of_group(group));
}

state state_of(int file) noexcept {
    return is_followed(file) ? states[file].load(std::memory_order_relaxed) : state::unknown;
}

void access_word(int file, access_mode mode, std::uintptr_t site) noexcept {
    if (front.is_recording() && is_call_of_ours(site))
        access_range(word_of_descriptor(file), sizeof words[0], mode, site);
}

/// One use of a descriptor, which comes before what it hands over. What was closed is told only if it still is: else it was opened again
/// unseen.
template <typename Call>
auto use(int file, std::uintptr_t site, Call call) {
    const state before = state_of(file);
    if (before == state::open) access_word(file, access_mode::read, site);
    const auto result = call();
    if (before != state::closed) return result;
    if (result < 0 && errno == EBADF)
        access_word(file, access_mode::read, site);
    else if (result >= 0)
        states[file].store(state::unknown, std::memory_order_relaxed);
    return result;
}

/// Its memory is its parent's, its descriptors are its own.
bool is_child_of_vfork() noexcept {
    return process_of_table != 0 && recorder::current_process_id() != process_of_table;
}

/// A new descriptor, of that group.
void opened(int file, std::uint32_t group, std::uintptr_t site) noexcept {
    if (!is_followed(file) || is_child_of_vfork()) return;
    groups[file].store(static_cast<std::uint16_t>(group), std::memory_order_relaxed);
    states[file].store(state::open, std::memory_order_relaxed);
    forget_range(word_of_descriptor(file), sizeof words[0]);
    access_word(file, access_mode::write, site);
}
void closing(int file, std::uintptr_t site) noexcept {
    if (!is_followed(file) || is_child_of_vfork()) return;
    if (state_of(file) == state::open) access_word(file, access_mode::write, site);
    states[file].store(state_of(file) == state::open ? state::closed : state::unknown, std::memory_order_relaxed);
    groups[file].store(files, std::memory_order_relaxed);
}
/// dup2() opens and closes no number: programs put one descriptor in the place of another so, to have no race. But it is a use.
void replaced(int file, std::uint32_t group, std::uintptr_t site) noexcept {
    if (!is_followed(file) || is_child_of_vfork()) return;
    if (state_of(file) == state::open)
        access_word(file, access_mode::read, site);
    else
        states[file].store(state::unknown, std::memory_order_relaxed);
    groups[file].store(static_cast<std::uint16_t>(group), std::memory_order_relaxed);
}
void opened_both(const int* pair, std::uintptr_t site) noexcept {
    const std::uint32_t group = fresh_group();
    opened(pair[0], group, site);
    opened(pair[1], group, site);
}
void buffer(const void* at, std::size_t size, access_mode mode, std::uintptr_t site) noexcept {
    if (size != 0 && front.is_recording() && is_call_of_ours(site))
        access_range(reinterpret_cast<std::uintptr_t>(at), size, mode, site);
}
void buffers(const iovec* each, std::size_t count, std::size_t size, access_mode mode, std::uintptr_t site) noexcept {
    for (std::size_t i = 0; i < count && size != 0; ++i) {
        const std::size_t part = each[i].iov_len < size ? each[i].iov_len : size;
        buffer(each[i].iov_base, part, mode, site);
        size -= part;
    }
}
std::size_t size_of(const iovec* each, std::size_t count) noexcept {
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) size += each[i].iov_len;
    return size;
}

/// Data comes out: what was known to who put it in is known here.
template <typename Call, typename Accessed>
auto receive(int file, std::uintptr_t site, Call call, Accessed accessed) {
    const auto result = use(file, site, call);
    if (result >= 0) acquire_group(group_of(file));
    if (result > 0) accessed(static_cast<std::size_t>(result));
    return result;
}
/// Data goes in.
template <typename Call>
auto hand_over(int file, std::uintptr_t site, Call call) {
    return use(file, site, [&] {
        release_group(group_of(file));
        return call();
    });
}

template <typename Function>
Function following(const char* name, Function& kept) noexcept {
    Function found = __atomic_load_n(&kept, __ATOMIC_RELAXED);
    if (found == nullptr) {
        found = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
        __atomic_store_n(&kept, found, __ATOMIC_RELAXED);
    }
    return found;
}

}  // namespace

void adopt_descriptors() noexcept { process_of_table = recorder::current_process_id(); }

std::uintptr_t word_of_descriptor(int file) noexcept { return reinterpret_cast<std::uintptr_t>(&words[file]); }
int descriptor_at(std::uintptr_t address) noexcept {
    const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(&words[0]);
    return offset < sizeof words ? static_cast<int>(offset / sizeof words[0]) : -1;
}

}  // namespace interlock::race

using namespace interlock::race;  // NOLINT(google-build-using-namespace): the hooks below are all of them calls into it

// NOLINTBEGIN(bugprone-macro-parentheses): the parameters bring their own
#define INTERLOCK_NEXT(name)                        \
    static decltype(&name) kept_function = nullptr; \
    const auto next = following(#name, kept_function)

#define INTERLOCK_RECEIVE(name, parameters, arguments)                                                  \
    INTERLOCK_HOOK ssize_t name parameters {                                                            \
        static ssize_t(*kept_function) parameters = nullptr;                                            \
        const auto next = following(#name, kept_function);                                              \
        const auto site = INTERLOCK_SITE;                                                               \
        return receive(                                                                                 \
            file, site, [&] { return next arguments; },                                                 \
            [&](std::size_t got) { buffer(into, got < size ? got : size, access_mode::write, site); }); \
    }
#define INTERLOCK_HAND_OVER(name, parameters, arguments)              \
    INTERLOCK_HOOK ssize_t name parameters {                          \
        static ssize_t(*kept_function) parameters = nullptr;          \
        const auto next = following(#name, kept_function);            \
        const auto site = INTERLOCK_SITE;                             \
        buffer(from, size, access_mode::read, site);                  \
        return hand_over(file, site, [&] { return next arguments; }); \
    }
// NOLINTEND(bugprone-macro-parentheses)

INTERLOCK_RECEIVE(read, (int file, void* into, std::size_t size), (file, into, size))
INTERLOCK_RECEIVE(__read_chk, (int file, void* into, std::size_t size, std::size_t room), (file, into, size, room))
INTERLOCK_RECEIVE(pread, (int file, void* into, std::size_t size, off_t at), (file, into, size, at))
INTERLOCK_RECEIVE(pread64, (int file, void* into, std::size_t size, off64_t at), (file, into, size, at))
INTERLOCK_RECEIVE(__pread_chk, (int file, void* into, std::size_t size, off_t at, std::size_t room),
                  (file, into, size, at, room))
INTERLOCK_RECEIVE(__pread64_chk, (int file, void* into, std::size_t size, off64_t at, std::size_t room),
                  (file, into, size, at, room))
INTERLOCK_RECEIVE(recv, (int file, void* into, std::size_t size, int flags), (file, into, size, flags))
INTERLOCK_RECEIVE(__recv_chk, (int file, void* into, std::size_t size, std::size_t room, int flags),
                  (file, into, size, room, flags))
INTERLOCK_RECEIVE(recvfrom,
                  (int file, void* into, std::size_t size, int flags, sockaddr* address, socklen_t* address_size),
                  (file, into, size, flags, address, address_size))
INTERLOCK_RECEIVE(__recvfrom_chk,
                  (int file, void* into, std::size_t size, std::size_t room, int flags, sockaddr* address,
                   socklen_t* address_size),
                  (file, into, size, room, flags, address, address_size))
INTERLOCK_HAND_OVER(write, (int file, const void* from, std::size_t size), (file, from, size))
INTERLOCK_HAND_OVER(pwrite, (int file, const void* from, std::size_t size, off_t at), (file, from, size, at))
INTERLOCK_HAND_OVER(pwrite64, (int file, const void* from, std::size_t size, off64_t at), (file, from, size, at))
INTERLOCK_HAND_OVER(send, (int file, const void* from, std::size_t size, int flags), (file, from, size, flags))
INTERLOCK_HAND_OVER(sendto,
                    (int file, const void* from, std::size_t size, int flags, const sockaddr* address,
                     socklen_t address_size),
                    (file, from, size, flags, address, address_size))

INTERLOCK_HOOK ssize_t readv(int file, const iovec* each, int count) {
    INTERLOCK_NEXT(readv);
    const auto site = INTERLOCK_SITE;
    return receive(
        file, site, [&] { return next(file, each, count); },
        [&](std::size_t got) { buffers(each, static_cast<std::size_t>(count), got, access_mode::write, site); });
}
INTERLOCK_HOOK ssize_t recvmsg(int file, msghdr* message, int flags) {
    INTERLOCK_NEXT(recvmsg);
    const auto site = INTERLOCK_SITE;
    return receive(
        file, site, [&] { return next(file, message, flags); },
        [&](std::size_t got) { buffers(message->msg_iov, message->msg_iovlen, got, access_mode::write, site); });
}
INTERLOCK_HOOK ssize_t writev(int file, const iovec* each, int count) {
    INTERLOCK_NEXT(writev);
    const auto parts = static_cast<std::size_t>(count > 0 ? count : 0);
    buffers(each, parts, size_of(each, parts), access_mode::read, INTERLOCK_SITE);
    return hand_over(file, INTERLOCK_SITE, [&] { return next(file, each, count); });
}
INTERLOCK_HOOK ssize_t sendmsg(int file, const msghdr* message, int flags) {
    INTERLOCK_NEXT(sendmsg);
    buffers(message->msg_iov, message->msg_iovlen, size_of(message->msg_iov, message->msg_iovlen), access_mode::read,
            INTERLOCK_SITE);
    return hand_over(file, INTERLOCK_SITE, [&] { return next(file, message, flags); });
}

// Where descriptors come from, and where they go.
INTERLOCK_HOOK int pipe(int* pair) noexcept {
    static int (*kept)(int*) = nullptr;
    const int result = following("pipe", kept)(pair);
    if (result == 0) opened_both(pair, INTERLOCK_SITE);
    return result;
}
INTERLOCK_HOOK int pipe2(int* pair, int flags) noexcept {
    static int (*kept)(int*, int) = nullptr;
    const int result = following("pipe2", kept)(pair, flags);
    if (result == 0) opened_both(pair, INTERLOCK_SITE);
    return result;
}
INTERLOCK_HOOK int socketpair(int domain, int type, int protocol, int* pair) noexcept {
    static int (*kept)(int, int, int, int*) = nullptr;
    const int result = following("socketpair", kept)(domain, type, protocol, pair);
    if (result == 0) opened_both(pair, INTERLOCK_SITE);
    return result;
}
INTERLOCK_HOOK int socket(int domain, int type, int protocol) noexcept {
    INTERLOCK_NEXT(socket);
    const int file = next(domain, type, protocol);
    opened(file, sockets, INTERLOCK_SITE);
    return file;
}
INTERLOCK_HOOK int accept(int file, sockaddr* address, socklen_t* size) {
    static int (*kept)(int, sockaddr*, socklen_t*) = nullptr;
    const int made = following("accept", kept)(file, address, size);
    if (made >= 0) acquire_group(sockets);  // pairs with connect()
    opened(made, sockets, INTERLOCK_SITE);
    return made;
}
INTERLOCK_HOOK int accept4(int file, sockaddr* address, socklen_t* size, int flags) {
    static int (*kept)(int, sockaddr*, socklen_t*, int) = nullptr;
    const int made = following("accept4", kept)(file, address, size, flags);
    if (made >= 0) acquire_group(sockets);  // pairs with connect()
    opened(made, sockets, INTERLOCK_SITE);
    return made;
}
INTERLOCK_HOOK int connect(int file, const sockaddr* address, socklen_t size) {
    static int (*kept)(int, const sockaddr*, socklen_t) = nullptr;
    const auto next = following("connect", kept);
    return hand_over(file, INTERLOCK_SITE, [&] { return next(file, address, size); });
}
INTERLOCK_HOOK int eventfd(unsigned value, int flags) noexcept {
    INTERLOCK_NEXT(eventfd);
    const int file = next(value, flags);
    opened(file, fresh_group(), INTERLOCK_SITE);
    return file;
}
INTERLOCK_HOOK int epoll_create(int size) noexcept {
    INTERLOCK_NEXT(epoll_create);
    const int file = next(size);
    opened(file, fresh_group(), INTERLOCK_SITE);
    return file;
}
INTERLOCK_HOOK int epoll_create1(int flags) noexcept {
    INTERLOCK_NEXT(epoll_create1);
    const int file = next(flags);
    opened(file, fresh_group(), INTERLOCK_SITE);
    return file;
}
/// What is registered is handed to whoever waits.
INTERLOCK_HOOK int epoll_ctl(int poll, int operation, int file, epoll_event* event) noexcept {
    INTERLOCK_NEXT(epoll_ctl);
    return hand_over(poll, INTERLOCK_SITE, [&] { return next(poll, operation, file, event); });
}
INTERLOCK_HOOK int epoll_wait(int poll, epoll_event* events, int room, int timeout) {
    INTERLOCK_NEXT(epoll_wait);
    return receive(
        poll, INTERLOCK_SITE, [&] { return next(poll, events, room, timeout); }, [](std::size_t) {});
}
INTERLOCK_HOOK int epoll_pwait(int poll, epoll_event* events, int room, int timeout, const sigset_t* mask) {
    INTERLOCK_NEXT(epoll_pwait);
    return receive(
        poll, INTERLOCK_SITE, [&] { return next(poll, events, room, timeout, mask); }, [](std::size_t) {});
}

INTERLOCK_HOOK int dup(int file) noexcept {
    INTERLOCK_NEXT(dup);
    const int copy = use(file, INTERLOCK_SITE, [&] { return next(file); });
    opened(copy, group_of(file), INTERLOCK_SITE);
    return copy;
}
INTERLOCK_HOOK int dup2(int file, int copy) noexcept {
    INTERLOCK_NEXT(dup2);
    const int result = use(file, INTERLOCK_SITE, [&] { return next(file, copy); });
    if (result >= 0 && file != copy) replaced(copy, group_of(file), INTERLOCK_SITE);
    return result;
}
INTERLOCK_HOOK int dup3(int file, int copy, int flags) noexcept {
    INTERLOCK_NEXT(dup3);
    const int result = use(file, INTERLOCK_SITE, [&] { return next(file, copy, flags); });
    if (result >= 0) replaced(copy, group_of(file), INTERLOCK_SITE);
    return result;
}
INTERLOCK_HOOK int close(int file) {
    INTERLOCK_NEXT(close);
    closing(file, INTERLOCK_SITE);
    return next(file);
}

namespace {

/// fcntl() takes one word more, or none, which then is not looked at.
int control(const char* name, int file, int command, long word, std::uintptr_t site) {
    using function = int (*)(int, int, ...);
    static function kept[2] = {};
    const int result = following(name, kept[name[5] == '6'])(file, command, word);
    if (result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) opened(result, group_of(file), site);
    return result;
}

long word_after(std::va_list& arguments) { return va_arg(arguments, long); }

}  // namespace

#define INTERLOCK_CONTROL(name)                                     \
    INTERLOCK_HOOK int name(int file, int command, ...) {           \
        std::va_list arguments;                                     \
        va_start(arguments, command);                               \
        const long word = word_after(arguments);                    \
        va_end(arguments);                                          \
        return control(#name, file, command, word, INTERLOCK_SITE); \
    }
INTERLOCK_CONTROL(fcntl)
INTERLOCK_CONTROL(fcntl64)

// Opening takes a mode where it may make a file.
#define INTERLOCK_OPEN(name, parameters, arguments, last)  \
    INTERLOCK_HOOK int name parameters {                   \
        using function = int(*) parameters;                \
        static function kept = nullptr;                    \
        std::va_list more;                                 \
        va_start(more, last);                              \
        const long mode = word_after(more);                \
        va_end(more);                                      \
        const int file = following(#name, kept) arguments; \
        opened(file, files, INTERLOCK_SITE);               \
        return file;                                       \
    }
INTERLOCK_OPEN(open, (const char* path, int flags, ...), (path, flags, mode), flags)
INTERLOCK_OPEN(open64, (const char* path, int flags, ...), (path, flags, mode), flags)
INTERLOCK_OPEN(openat, (int folder, const char* path, int flags, ...), (folder, path, flags, mode), flags)
INTERLOCK_OPEN(openat64, (int folder, const char* path, int flags, ...), (folder, path, flags, mode), flags)
#define INTERLOCK_OPEN_PLAINLY(name, parameters, arguments) \
    INTERLOCK_HOOK int name parameters {                    \
        static int(*kept) parameters = nullptr;             \
        const int file = following(#name, kept) arguments;  \
        opened(file, files, INTERLOCK_SITE);                \
        return file;                                        \
    }
INTERLOCK_OPEN_PLAINLY(__open_2, (const char* path, int flags), (path, flags))
INTERLOCK_OPEN_PLAINLY(__open64_2, (const char* path, int flags), (path, flags))
INTERLOCK_OPEN_PLAINLY(__openat_2, (int folder, const char* path, int flags), (folder, path, flags))
INTERLOCK_OPEN_PLAINLY(__openat64_2, (int folder, const char* path, int flags), (folder, path, flags))
INTERLOCK_OPEN_PLAINLY(creat, (const char* path, mode_t mode), (path, mode))
INTERLOCK_OPEN_PLAINLY(creat64, (const char* path, mode_t mode), (path, mode))
