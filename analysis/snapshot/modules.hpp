// The ELF files of an image where they lie in it: to unwind by their call frame information, and to say which file an address
// belongs to. A file that is no longer the one that the process has mapped is not used.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/snapshot/image.hpp"

namespace interlock::snapshot {

struct module {
    std::string path;  // where it was opened, or would be
    std::vector<std::uint8_t> build_id;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;    // behind its last segment, zeroed memory included
    std::uint64_t bias = 0;   // run-time address minus address in the file
    bool is_usable = false;   // the file is there and is the one
    bool is_glibc = false;    // libc, or a program that has it linked in: its locks can be read
    bool is_runtime = false;  // of the C or C++ library or the loader
};

/// Thread-bound. `of` outlives it. Construction opens each file once.
class modules {
public:
    explicit modules(const image& of);
    ~modules();
    modules(const modules&) = delete;
    modules& operator=(const modules&) = delete;

    std::span<const module> all() const noexcept { return all_; }

    /// The module that `address` lies in, or nullptr.
    const module* at(std::uint64_t address) const noexcept;

    /// One line for each file that cannot be used.
    const std::vector<std::string>& problems() const noexcept { return problems_; }

    /// A Dwfl* with every usable module reported.
    void* handle() const noexcept;

private:
    struct session;
    void add(const image& of, std::size_t first);
    std::vector<module> all_;  // by begin
    std::vector<std::string> problems_;
    std::unique_ptr<session> session_;
};

}  // namespace interlock::snapshot
