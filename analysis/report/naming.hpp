// What locks, threads, functions and places are called in a report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "analysis/findings/finding.hpp"
#include "analysis/report/options.hpp"

namespace interlock::report {

/// The user's name, else type and number: `accounts[0].m`, `mutex 2`. Two locks of one name in `where` get their numbers added.
/// Raw: not yet made printable. An id that `where` does not list is `lock N`.
std::string lock_name(const findings::finding& where, std::uint64_t id);
/// The same for threads: `alice`, `thread 2`.
std::string thread_name(const findings::finding& where, std::uint64_t id);

/// A finding with the locks and threads of `what`, and of who is stuck behind it and what they hold: so one name is not given to two.
findings::finding all_named(const findings::finding& what);

/// `, held by alice`: whoever is told to hold the lock, by names of `named`, which is all_named(what); empty where nobody is.
std::string held_by(const findings::finding& what, const findings::finding& named, std::uint64_t lock);

const findings::lock* find_lock(const findings::finding& where, std::uint64_t id) noexcept;
const findings::thread* find_thread(const findings::finding& where, std::uint64_t id) noexcept;

/// `text` with each mention (findings/mention.hpp) replaced by the name it stands for.
std::string with_names(std::string_view text, const findings::finding& where);

/// A source path without the prefix that is to be cut, else relative to the working directory if it lies below.
std::string shown_path(const std::string& path, const options& how);
/// `bank.cpp:30`; by module and offset where the line is unknown: `libbank.so+0x1040`.
std::string place(const findings::frame& where, const options& how);
/// `bank.cpp:30 in transfer`
std::string place_and_function(const findings::frame& where, const options& how);
/// `lock-order-inversion` and the like: what the title and the summary line call a kind.
std::string_view title(findings::kind what) noexcept;

}  // namespace interlock::report
