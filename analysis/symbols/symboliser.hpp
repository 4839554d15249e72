// Code and data addresses of a module to what the user wrote: function, file, line, inlined frames; variable and member.
// Sits between analysis, which knows modules and offsets, and findings, which carry frames. Leaves to others what a user frame
// is (findings) and how it is printed (report).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::symbols {

/// A module this symboliser was told of. `none` is a module nobody knows.
enum class module_ref : std::uint32_t { none = 0 };

/// An address within a module: `offset` is the address in the file (run-time address minus bias).
struct code_address {
    module_ref module = module_ref::none;
    std::uint64_t offset = 0;
    /// A return address belongs to the instruction before it.
    bool is_return_address = true;
};

/// The fields of findings::frame, field by field, and one more.
struct frame {
    std::string function;  // demangled with parameters; empty: unknown
    std::string file;      // absolute where the compiler said so; empty: unknown
    std::uint32_t line = 0;
    std::string module;
    std::uint64_t offset = 0;
    bool inlined = false;        // its code stands inside the frame that follows
    std::uint64_t inlining = 0;  // of those: which of the function's inlined bodies in its module it is
};

/// A local variable that holds a lock for as long as it lives: a std::lock_guard, scoped_lock, unique_lock or shared_lock.
struct local_guard {
    std::int64_t frame_offset = 0;  // from the canonical frame address
    std::uint64_t size = 0;
    bool may_be_empty =
        false;               // a pointer to the lock, then a byte that says whether it holds it; else references alone
    std::uint32_t line = 0;  // where it is declared
    std::size_t depth = 0;   // of frames(): the frame of the function that it is a variable of
};

/// Thread-bound. Costs: a module is opened at its first question (milliseconds to a second, by the size of its debug
/// information); an address is looked up once, then remembered. Separate debug files are found by build-id and
/// .gnu_debuglink; nothing is fetched from a debuginfod server unless the user set DEBUGINFOD_URLS.
class symboliser {
public:
    symboliser();
    ~symboliser();
    symboliser(const symboliser&) = delete;
    symboliser& operator=(const symboliser&) = delete;

    /// The same module for the same path and build-id. An empty `build_id` takes the file as it is; a file on disk with
    /// another build-id gives no symbols, and problems() says so. Nothing is opened yet.
    module_ref module(std::string_view path, std::span<const std::uint8_t> build_id);

    /// The frames at an address, innermost inlined one first; never empty: at worst one frame of module and offset alone.
    /// The reference is good until the symboliser dies.
    const std::vector<frame>& frames(code_address where);

    /// The frames of a whole stack, innermost first.
    std::vector<frame> expand(std::span<const code_address> addresses);

    /// The guards in scope at an address, those of its innermost frame first.
    std::vector<local_guard> guards(code_address where);

    /// What compiled the code at an address, in its own words (DW_AT_producer); empty without debug information.
    std::string compiler(code_address where);

    /// What a data address is called: `accounts[0].m` with debug information, `accounts+80` without, empty if it lies in no
    /// variable.
    std::string data_name(module_ref ref, std::uint64_t offset);

    /// One line for each module that was asked for and has no symbols, with the reason; in order of module.
    std::vector<std::string> problems() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace interlock::symbols
