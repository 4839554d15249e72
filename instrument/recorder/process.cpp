#include "instrument/recorder/process.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "instrument/recorder/declared.hpp"
#include "instrument/recorder/exit_report.hpp"
#include "instrument/recorder/findings.hpp"
#include "instrument/recorder/forks.hpp"
#include "instrument/recorder/holds.hpp"
#include "instrument/recorder/modules.hpp"
#include "instrument/recorder/observer.hpp"
#include "instrument/recorder/open_signals.hpp"
#include "instrument/recorder/order_check.hpp"
#include "instrument/recorder/own_mappings.hpp"
#include "instrument/recorder/scopes.hpp"
#include "instrument/recorder/standard_error.hpp"
#include "instrument/recorder/test_marks.hpp"
#include "instrument/recorder/threads.hpp"
#include "instrument/recorder/writer.hpp"

extern "C" {
extern char** environ;
extern void* __libc_stack_end;  // ld.so: where the main thread's stack begins
}

namespace interlock::recorder {

constinit process_state process;

namespace {

/// Stands in for the word before start(): everybody takes the slow way.
constinit std::atomic<std::uint32_t> no_generation{0};

const char* reason_of(int error) noexcept {
    switch (error) {
        case ENOENT: return "no such folder";
        case EACCES:
        case EPERM: return "permission denied";
        case ENOSPC: return "no space left on the device";
        case EFBIG: return "the file-size limit is too low";
        case EROFS: return "read-only file system";
        case ENAMETOOLONG: return "the name is too long";
        case EEXIST: return "a thousand files of that name exist";
        case ENOMEM: return "no memory to map it";
        default: return "the system refused";
    }
}

bool make_generation() noexcept {
    void* page = map_anonymous(format::page_size);
    if (page == nullptr) return false;
    system_call(SYS_madvise, page, static_cast<long>(format::page_size), MADV_WIPEONFORK);
    process.generation = static_cast<std::atomic<std::uint32_t>*>(page);
    process.generation->store(1, std::memory_order_relaxed);
    return true;
}

void read_stack_sizes() noexcept {
    rlimit limit{};
    if (!is_error(system_call(SYS_prlimit64, 0L, RLIMIT_STACK, 0, reinterpret_cast<long>(&limit))))
        process.main_stack_size = limit.rlim_cur < (std::uint64_t{1} << 30) ? limit.rlim_cur : std::uint64_t{8} << 20;
    process.thread_stack_size = process.main_stack_size;
}

struct command_text {
    char text[1024];
    std::size_t size;
};

void read_command(command_text& out) noexcept {
    const long fd =
        system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/cmdline"), O_RDONLY | O_CLOEXEC);
    out.size = 0;
    if (is_error(fd)) return;
    const long size = system_call(SYS_read, fd, reinterpret_cast<long>(out.text), sizeof out.text);
    system_call(SYS_close, fd);
    out.size = size > 0 ? static_cast<std::size_t>(size) : 0;
}

/// What is asked of the system about this process before its log begins. Not on the stack, which may be small: a forked child
/// begins its log wherever it first does something. One thread is there then, or start_latch is held.
constinit command_text command{};
constinit char program[512]{};

const char* find_options(char** environment) noexcept {
    if (environment == nullptr) return nullptr;
    constexpr std::size_t size = sizeof "INTERLOCK_OPTIONS=" - 1;
    for (; *environment != nullptr; ++environment)
        if (std::strncmp(*environment, "INTERLOCK_OPTIONS=", size) == 0) return *environment + size;
    return nullptr;
}

agent* register_this_thread(format::agent_type type) noexcept {
    agent* self = make_agent(format::agent_id::none, format::stack_id::none, type);
    if (self == nullptr) return nullptr;
    self->busy = 1;
    if (type == format::agent_type::main_thread && __libc_stack_end != nullptr) {
        self->stack_top = reinterpret_cast<std::uintptr_t>(__libc_stack_end);
        self->stack_low = self->stack_top - process.main_stack_size;
    }
    set_this_agent(self);
    note_thread_start(*self, format::agent_id::none);
    return self;
}

}  // namespace

bool open_log(std::uint64_t parent_start_ticks) noexcept {
    process_facts facts;
    const long size = system_call(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>("/proc/self/exe"),
                                  reinterpret_cast<long>(program), sizeof program);
    read_command(command);
    facts.program = program;
    facts.program_size = is_error(size) ? 0 : static_cast<std::size_t>(size);
    facts.command = command.text;
    facts.command_size = command.size;
    facts.pid = current_process_id();
    facts.parent_pid = static_cast<int>(system_call(SYS_getppid));
    facts.parent_start_ticks = parent_start_ticks;
    if (const int error = process.log.create(process.settings, facts); error != 0) {
        say({"cannot create the log ", process.log.path(), ": ", reason_of(-error), "; nothing is recorded"});
        return false;
    }
    if (system_call(SYS_getrandom, &stash_secret, sizeof stash_secret, GRND_NONBLOCK) != sizeof stash_secret)
        stash_secret = time_stamp_counter() * 0x9E37'79B9'7F4A'7C15 ^ static_cast<std::uint64_t>(facts.pid) << 32;
    stash_secret |= 1;
    life.store((static_cast<std::uint32_t>(stash_secret >> 32) & interlock_life_mask) | 1, std::memory_order_relaxed);
    process.full.store(process.settings.level == format::log_level::full, std::memory_order_relaxed);
    begin_order_check(are_findings_wanted());
    return create_intern_tables();
}

void start(char** environment) noexcept {
    const spin_guard guard(process.start_latch);
    if (process.started.load(std::memory_order_acquire)) return;
    process.generation = &no_generation;
    process.started.store(true, std::memory_order_release);
    remember_standard_error();
    parse_options(getauxval(AT_SECURE) != 0 ? nullptr : find_options(environment != nullptr ? environment : environ),
                  process.settings);
    const options& settings = process.settings;
    if (getauxval(AT_SECURE) != 0) return;
    if (settings.help) write_to_stderr(options_help, std::strlen(options_help));
    if (settings.unknown[0] != '\0')
        say({"INTERLOCK_OPTIONS: unknown option ", settings.unknown, " (help=1 lists them); ignored"});
    if (settings.malformed[0] != '\0')
        say({"INTERLOCK_OPTIONS: cannot use ", settings.malformed, " (help=1 explains); ignored"});
    if (!settings.on) return;
    read_stack_sizes();
    note_log_folder();
    if (!make_generation() || !open_log(0)) return;
    process.recording.store(true, std::memory_order_release);
    agent* self = register_this_thread(format::agent_type::main_thread);
    if (self == nullptr) return;
    scan_modules(*self);
    if (!stashes.mutex || !stashes.shared_mutex)
        write(*self, format::event_kind::blind_spot, static_cast<std::uint8_t>(format::blind_spot::stash_self_test), {},
              0, 0);
    leave(*self);
}

void stop(format::loss_reason reason) noexcept {
    bool was_recording = true;
    if (!process.recording.compare_exchange_strong(was_recording, false, std::memory_order_acq_rel)) return;
    process.log.add_status(format::process_status::stopped);
    process.log.add_loss(reason, 1);
    process.generation->fetch_add(1, std::memory_order_relaxed);
}

void mute_for_good(agent& self) noexcept {
    self.busy = ~std::uintptr_t{0};  // above every stack pointer: never taken for an operation that was left
}

bool mend_log(std::uintptr_t address) noexcept {
    if (!process.log.replace_lost(address)) return false;
    stop(format::loss_reason::mapping_lost);
    return true;
}

void note_process_end(int status) noexcept {
    if (!process.recording.load(std::memory_order_acquire)) return;
    if (process.generation->load(std::memory_order_relaxed) == 0)
        return;  // a forked child that did nothing begins no log to end it
    if (agent* self = enter(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)))) {
        finish_ended_agents();
        write(*self, format::event_kind::process_exit, 0, {}, 0, static_cast<std::uint32_t>(status));
        process.log.set_end();
        leave(*self);
    }
}

agent* enter_slowly(std::uintptr_t stack_pointer) noexcept {
    if (!process.started.load(std::memory_order_acquire)) start(nullptr);
    agent* self = this_agent;
    if (self != nullptr && !self->is_idle()) {
        // Nested: the recorder's own call, or a signal handler in the middle of an operation. An operation that was left by
        // siglongjmp lies below us on the same stack, and is over.
        const bool abandoned = stack_pointer > self->busy && self->busy >= self->stack_low &&
                               stack_pointer < self->stack_top && self->stack_top != 0;
        if (!abandoned) {
            if (is_inside_operation(*self)) process.log.add_loss(format::loss_reason::nested_signal, 1);
            return nullptr;
        }
        self->busy = interlock_agent_idle;
    }
    const std::uint32_t generation = process.generation->load(std::memory_order_relaxed);
    if (generation == 0 && process.generation != &no_generation) {
        if (!start_in_child()) return nullptr;
        self = this_agent;
        if (self == nullptr) return nullptr;
        mark_busy(*self, stack_pointer);
        return self;
    }
    if (!process.recording.load(std::memory_order_acquire)) return nullptr;
    if (self == nullptr) {
        self = register_this_thread(format::agent_type::thread);
        if (self == nullptr) return nullptr;
    }
    mark_busy(*self, stack_pointer);
    if (self->generation != generation) {
        self->generation = generation;
        const bool full = process.full.load(std::memory_order_relaxed);
        if (self->full != full) {
            self->full = full;
            write(*self, format::event_kind::level_change, static_cast<std::uint8_t>(format::log_level::order), {}, 0,
                  0);
        }
        self->attend();  // an observer may have come
        tell_test(*self);
        drop_released_holds(*self);
        if (self->scope_count == 0) tell_open_signals(*self);
    }
    if (self->scope_count != 0) visit_scopes(*self, stack_pointer);
    return self;
}

}  // namespace interlock::recorder
