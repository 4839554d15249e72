// Two looks at the threads: without stopping any, which of them wait in futex(2); then these alone, stopped.
#include "analysis/snapshot/live.hpp"

#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>

#include "analysis/snapshot/proc.hpp"
#include "analysis/snapshot/tracees.hpp"

namespace interlock::snapshot {
namespace {

constexpr int stop_ms_max = 2000;
constexpr int running_rounds_max = 20;
constexpr int running_round_ms = 5;
constexpr std::uint64_t stacks_bytes_max = std::uint64_t{256} << 20;
constexpr std::uint64_t stack_bytes_max = std::uint64_t{1} << 20;
constexpr std::uint64_t red_zone = 128;   // below the stack pointer, of the x86-64 ABI
constexpr std::uint64_t lock_reach = 64;  // no lock of glibc is larger
constexpr std::uint64_t page_bytes = 4096;

bool read_process(pid_t pid, std::uint64_t address, std::span<std::byte> into) {
    const iovec here{into.data(), into.size()};
    const iovec there{reinterpret_cast<void*>(address), into.size()};
    return ::process_vm_readv(pid, &here, 1, &there, 1, 0) == static_cast<ssize_t>(into.size());
}

/// What was copied while the threads stood still; the rest of the memory is read when it is asked for.
class copied_memory {
public:
    explicit copied_memory(pid_t pid) : pid_{pid} {}

    /// Copies the range, unless it was or cannot be read.
    void keep(std::uint64_t begin, std::uint64_t end) {
        if (find(begin, end - begin) != nullptr) return;
        std::vector<std::byte> bytes(end - begin);
        if (!read_process(pid_, begin, bytes)) return;
        pieces_.insert_or_assign(begin, std::move(bytes));
    }

    bool read(std::uint64_t address, std::span<std::byte> into) const {
        const std::byte* copied = find(address, into.size());
        if (copied == nullptr) return read_process(pid_, address, into);
        std::memcpy(into.data(), copied, into.size());
        return true;
    }

private:
    const std::byte* find(std::uint64_t address, std::size_t size) const {
        auto after = pieces_.upper_bound(address);
        // Pieces of neighbouring locks overlap: a few back is far enough.
        for (int step = 0; step < 4 && after != pieces_.begin(); ++step) {
            --after;
            const std::uint64_t offset = address - after->first;
            if (offset <= after->second.size() && size <= after->second.size() - offset)
                return after->second.data() + offset;
        }
        return nullptr;
    }

    pid_t pid_;
    std::map<std::uint64_t, std::vector<std::byte>> pieces_;  // by address
};

/// The futex and what of a lock may lie around it.
void keep_lock(copied_memory& memory, std::uint64_t futex) {
    const std::uint64_t page = futex & ~(page_bytes - 1);
    if (page < page_bytes || page + 2 * page_bytes < page) return;
    const std::uint64_t begin = futex - lock_reach;
    const std::uint64_t end = futex + lock_reach;
    memory.keep(std::max(begin, page), std::min(end, page + page_bytes));
    if (begin < page) memory.keep(begin, end);  // the page before may not be there
    if (end > page + page_bytes) memory.keep(std::max(begin, page), end);
}

void keep_stack(copied_memory& memory, const image& of, std::uint64_t stack_pointer, std::uint64_t bytes_max) {
    const mapping* stack = mapping_at(of.mappings, stack_pointer);
    if (stack == nullptr) return;
    const std::uint64_t begin = std::max(stack->begin, stack_pointer - std::min(stack_pointer, red_zone));
    memory.keep(begin, begin + std::min(stack->end - begin, bytes_max));
}

bool is_for_this_machine(std::uint64_t pid) {
    std::array<unsigned char, EI_NIDENT + 4> begin{};
    const int file = ::open(("/proc/" + std::to_string(pid) + "/exe").c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return true;  // cannot be told
    const ssize_t size = ::pread(file, begin.data(), begin.size(), 0);
    ::close(file);
    return size == static_cast<ssize_t>(begin.size()) && begin[EI_CLASS] == ELFCLASS64 &&
           begin[EI_NIDENT + 2] == EM_X86_64;
}

bool has_ended(std::uint64_t thread) {
    const std::string state = status_field(read_proc("/proc/" + std::to_string(thread) + "/status"), "State");
    return state.starts_with("Z") || state.starts_with("X");
}

std::string namespace_of(const std::string& process) {
    std::error_code failed;
    return std::filesystem::read_symlink("/proc/" + process + "/ns/pid", failed).string();
}

/// As image::is_left of a process that runs.
bool is_left(std::uint64_t pid, pid_t through, std::uint64_t id, std::uint64_t address, bool anywhere) {
    if (anywhere) {
        // In another namespace of processes it has another number.
        if (namespace_of(std::to_string(through)) != namespace_of("self") || ::kill(static_cast<pid_t>(id), 0) == 0 ||
            errno != ESRCH)
            return false;
    } else {
        const std::vector<thread> now = threads_of(pid);
        if (std::any_of(now.begin(), now.end(),
                        [&](const thread& one) { return one.id == id && !has_ended(one.told); }))
            return false;
    }
    std::uint32_t word = 0;
    return read_process(through, address, std::as_writable_bytes(std::span(&word, 1))) && (word & FUTEX_TID_MASK) == id;
}

std::string line_of(std::uint64_t pid, const std::string& why) { return "process " + std::to_string(pid) + ": " + why; }

/// The threads that wait in futex(2), told without touching any. Those that run are asked again for a while: what was stopped a moment ago
/// may be on its way back into its wait. Nothing: not permitted.
std::optional<std::vector<thread*>> waiting_threads(image& of) {
    std::vector<thread*> out;
    std::vector<thread*> undecided;
    for (thread& one : of.threads) undecided.push_back(&one);
    for (int round = 0; !undecided.empty() && round <= running_rounds_max; ++round) {
        if (round > 0) ::poll(nullptr, 0, running_round_ms);
        std::vector<thread*> running;
        for (thread* one : undecided) {
            switch (what_does(of.pid, one->told)) {
                case doing::waits_in_futex: out.push_back(one); break;
                case doing::waits_elsewhere: break;
                case doing::runs: running.push_back(one); break;
                case doing::not_permitted: return std::nullopt;
            }
        }
        undecided = std::move(running);
    }
    return out;
}

/// Stops, copies, lets go. False: not permitted.
bool copy(image& of, const std::vector<thread*>& waiting, copied_memory& memory) {
    tracees stopped;
    for (const thread* one : waiting)
        if (stopped.seize(static_cast<pid_t>(one->told)) == EPERM) return false;
    stopped.await_stops(stop_ms_max);
    std::uint64_t taken = 0;
    for (thread* one : waiting) {
        one->registers = stopped.registers(static_cast<pid_t>(one->told));
        if (one->registers && !is_in_futex(*one->registers)) one->registers.reset();
        taken += one->registers.has_value();
    }
    const std::uint64_t share = std::min(stack_bytes_max, stacks_bytes_max / std::max<std::uint64_t>(taken, 1));
    for (const thread* one : waiting)
        if (one->registers) keep_stack(memory, of, one->registers->rsp, share);
    for (const thread* one : waiting)
        if (one->registers) keep_lock(memory, one->registers->rdi);
    return true;
}

}  // namespace

std::optional<std::string> take(std::uint64_t pid, image& into) {
    into = {};
    into.path = std::to_string(pid);
    into.pid = pid;
    if (pid == 0 || pid > INT32_MAX) return line_of(pid, "there is no such process");
    if (pid == static_cast<std::uint64_t>(::getpid())) return line_of(pid, "that is this command itself");
    const std::string status = read_proc("/proc/" + into.path + "/status");
    const std::string group = status_field(status, "Tgid");
    if (status.empty()) return line_of(pid, "there is no such process");
    if (group != into.path) return line_of(pid, "that is a thread of process " + group + ": name the process");
    into.threads = threads_of(pid);
    // main may have left by pthread_exit(): then the kernel tells of the memory through any thread that is still there.
    std::erase_if(into.threads, [](const thread& one) { return has_ended(one.told); });
    if (into.threads.empty()) return line_of(pid, "it has ended; its parent has not asked for its status yet");
    const std::uint64_t through = has_ended(pid) ? into.threads.front().told : pid;
    std::error_code failed;
    into.program = std::filesystem::read_symlink("/proc/" + std::to_string(through) + "/exe", failed).string();
    if (failed)
        return line_of(pid, failed == std::errc::no_such_file_or_directory
                                ? "it is a thread of the kernel, or has ended"
                                : why_not_traced(pid));
    if (!is_for_this_machine(through)) return line_of(pid, "it is no x86-64 program: its locks look different");
    into.mappings = mappings_of(through);
    const std::optional<std::vector<thread*>> waiting = waiting_threads(into);
    const auto memory = std::make_shared<copied_memory>(static_cast<pid_t>(through));
    if (!waiting || into.mappings.empty() || !copy(into, *waiting, *memory)) return line_of(pid, why_not_traced(pid));
    into.read = [memory](std::uint64_t address, std::span<std::byte> bytes) { return memory->read(address, bytes); };
    into.is_left = [pid, through](std::uint64_t id, std::uint64_t address, bool anywhere) {
        return is_left(pid, static_cast<pid_t>(through), id, address, anywhere);
    };
    return std::nullopt;
}

}  // namespace interlock::snapshot
