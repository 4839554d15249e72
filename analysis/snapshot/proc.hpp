// /proc of one process: what can be known of it without stopping it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/snapshot/image.hpp"

namespace interlock::snapshot {

/// The content of a file of /proc; empty where it cannot be read, then errno says why.
std::string read_proc(const std::string& path);

/// The value behind `key:` in a status file, without the space around it.
std::string status_field(const std::string& status, const std::string& key);

/// The number that a process or thread, whose status file this is, has for itself: in its own, innermost namespace of processes.
/// 0: not told.
std::uint64_t inner_id(const std::string& status);

/// Every thread of the process: ids and names, no registers. Empty: there is no such process.
std::vector<thread> threads_of(std::uint64_t pid);

enum class doing : std::uint8_t {
    waits_in_futex,
    waits_elsewhere,  // or has ended
    runs,
    not_permitted,  // to be told
};

/// What /proc says of the thread's system call.
doing what_does(std::uint64_t pid, std::uint64_t told_thread);

std::vector<mapping> mappings_of(std::uint64_t pid);

/// What decides whether a process may be traced.
struct permission_facts {
    bool is_own = false;       // the process is the same user's
    bool is_root = false;      // the caller is
    std::string ptrace_scope;  // kernel.yama.ptrace_scope; empty: a kernel without it
};
/// One line which of them forbids it, and how to mend that.
std::string which_forbids(const permission_facts& facts);

/// One line why the process cannot be traced.
std::string why_not_traced(std::uint64_t pid);

}  // namespace interlock::snapshot
