// What tests ask of the log about locks that they name: who holds what now, and in which order two were requested so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "analysis/analyser.hpp"
#include "analysis/report/options.hpp"

namespace interlock::gtest {

/// A lock of the program, by where it lies.
struct named_lock {
    std::uint64_t address = 0;
    std::size_t size = 0;
    std::string text;  // as the test names it
};

/// What the agent holds, one a line; empty: nothing. Precondition: one log.
std::string held_by(analysis::analyser& log, std::uint32_t agent, const report::options& looks);

/// Why `first` does not come before `second`; empty: it does. Precondition: one log, read as far as it goes.
std::string order_problem(analysis::analyser& log, const named_lock& first, const named_lock& second,
                          const report::options& looks);

}  // namespace interlock::gtest
