// The order in which a program's locks are to be acquired, as its authors declare it in a file that is checked in (lock-order.toml):
//
//     inside = ["tree node"]        # locks of this class nest in an order of their own
//     complete = false              # true: a lock that is not named here may not nest with any other
//
//     [ranks]                       # a request needs a rank above that of every ranked lock held
//     "accounts[].m" = 10
//     journal = 20
//
//     [[allow]]                     # besides: for locks without a rank, or of one rank
//     held = "journal"
//     wanted = "cache"
//
// A lock is named by the class that it was given, its name, or its variable without array indices.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interlock::findings {

/// Thread-bound.
class declared_order {
public:
    /// The content of the file `path`. Failure: one line with file, line and reason; also where the file contradicts itself.
    [[nodiscard]] std::optional<std::string> read(std::string_view path, std::string_view text);

    /// Why `wanted` must not be asked for while `held` is held, or nothing. Names as in lock_kind::name; empty: it has none.
    std::optional<std::string> objection(const std::string& held, const std::string& wanted) const;

    /// The names that none of `seen` is, as one line with the places in the file; empty: there are none. Such a name may be misspelt.
    std::string unmet(const std::set<std::string>& seen) const;

    void set_rank(const std::string& name, std::int64_t rank) { ranks_[name] = {rank, 0}; }
    void set_inside(const std::string& name) { inside_.try_emplace(name, 0); }

    /// A file that says the same, with `remarks` as its first comments.
    std::string text(const std::vector<std::string>& remarks) const;

private:
    struct place_in_order {
        std::int64_t value = 0;
        std::uint32_t line = 0;  // 0: not from a file
    };
    struct reader;

    bool is_named(const std::string& name) const;
    /// Whether the declarations lead from one to the other.
    bool leads(const std::string& from, const std::string& to) const;
    std::string place_of(const std::string& name) const;

    std::string path_;
    std::map<std::string, place_in_order> ranks_;
    std::map<std::pair<std::string, std::string>, std::uint32_t> allowed_;  // (held, wanted) to its line
    std::map<std::string, std::uint32_t> inside_;                           // to its line
    bool complete_ = false;
};

}  // namespace interlock::findings
