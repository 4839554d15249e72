// A process at one moment: its threads' registers, its memory, the files that are mapped in it. What live.hpp takes of a running
// process and core.hpp of a core dump; everything behind this header is the same for both.
#pragma once

#include <sys/user.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace interlock::snapshot {

/// A part of a file, or of none, in the address space.
struct mapping {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t file_offset = 0;
    std::string path;  // as the process knows it; empty: no file
    std::string file;  // where it can be opened from here; empty: nowhere
};

struct thread {
    std::uint64_t id = 0;    // as the process itself knows it: what glibc writes into a lock
    std::uint64_t told = 0;  // as users here know it; another number in a container
    std::string name;        // empty: it has none of its own
    /// In the system call that it waits in. Nothing: it does not wait in futex(2), its registers were not asked for.
    std::optional<user_regs_struct> registers;
};

/// Fills `into` with the bytes at `address`, all of them or none: then it returns false.
using memory_reader = std::function<bool(std::uint64_t address, std::span<std::byte> into)>;

struct image {
    std::string path;     // of the core; of a process, its id
    std::string program;  // file of the program
    std::uint64_t pid = 0;
    std::vector<mapping> mappings;  // by begin, disjoint
    std::vector<thread> threads;    // by id, each once
    memory_reader read;
    /// Whether no thread of this number is there, in this process or, where `anywhere`, in any, and the word at `address`, read after
    /// that was seen, still has its number. Empty: of a core, whose threads and words stay what they are.
    std::function<bool(std::uint64_t id, std::uint64_t address, bool anywhere)> is_left;
    bool complete = true;                  // false: a part of a core is missing
    std::vector<std::string> blind_spots;  // one line each
};

/// Whether `registers` are those of a thread that waits in futex(2).
bool is_in_futex(const user_regs_struct& registers) noexcept;

/// A value of plain data, or nothing where it cannot be read.
template <typename Value>
std::optional<Value> read_value(const memory_reader& read, std::uint64_t address) {
    Value value{};
    if (!read || !read(address, std::as_writable_bytes(std::span(&value, 1)))) return std::nullopt;
    return value;
}

/// The mapping that `address` lies in, or nullptr. Precondition: sorted by begin, disjoint.
const mapping* mapping_at(std::span<const mapping> all, std::uint64_t address) noexcept;

}  // namespace interlock::snapshot
