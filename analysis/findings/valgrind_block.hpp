// One block of a Valgrind suppression file, as far as Helgrind and DRD report what is a finding here:
//
//     {
//        a name
//        Helgrind:LockOrder
//        fun:pthread_mutex_lock
//        fun:_Z8transferR7accountS0_l
//        ...
//        obj:*/libold.so*
//     }
//
// The lines of a block are the innermost frames of a stack, `...` any number of them. Findings begin at the user's frame, so
// lines that name functions of the libraries are left out at both ends of a block too. A block of nothing else hides nothing: it is
// about errors inside of the libraries, of which there are no findings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::findings {

class valgrind_block {
public:
    /// `lines` are those between the braces, trimmed, without comments. Failure: why it is no block, in `wrong`, with `wrong_line` the
    /// index of the line. A block of another tool, or of an error that is none here, covers nothing and is foreign().
    static std::optional<valgrind_block> read(const std::vector<std::string_view>& lines, std::string& wrong,
                                              std::size_t& wrong_line);

    bool covers(const finding& what) const;
    bool is_foreign() const noexcept { return kinds_.empty(); }
    const std::string& name() const noexcept { return name_; }

private:
    enum class part : std::uint8_t { function, object, source, any_frames };
    struct line {
        part what = part::any_frames;
        std::string pattern;  // of a function: as demanglers write it
        std::string
            lambda;  // of a function inside of a lambda: its plain name, since compilers number and write lambdas differently
    };
    bool fits(const line& one, const frame& at) const;
    bool fits(const stack& frames) const;
    static bool is_library(const line& one);
    static line function_line(const std::string& pattern);

    std::string name_;
    std::vector<kind> kinds_;
    std::vector<line> lines_;
};

}  // namespace interlock::findings
