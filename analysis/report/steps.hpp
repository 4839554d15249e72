// What happens in a finding, one step after the other, as every format tells it: each side of a cycle holds, then wants; each
// side of a race reads or writes; each thread of a stall waits; anything else has one place. Last, what stuck threads hold besides.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"

namespace interlock::report {

struct step {
    std::size_t side = 0;                 // which side of the finding it belongs to, from 0
    std::string who;                      // raw: not yet printable. Empty: no thread is known
    std::string does;                     // `holds`, `wants`, `writes`; empty where the message alone says what happens
    std::string what;                     // the lock and its mode, or the size of an access
    std::string while_holding;            // the locks held at an access: `a, b`
    const findings::stack* at = nullptr;  // of the finding; may be empty
    bool is_request = false;              // the second step of a side of a cycle
    bool is_besides = false;              // what a stuck thread holds besides; a side of its own
    std::string test;                     // of a request: in which test it was made, by whose thread; empty: none
    bool approximate = false;             // the stack was pieced together
};

/// Valid while the finding is. Precondition: arranged. Never empty.
std::vector<step> steps_of(const findings::finding& what);

/// The stack that the finding is told by, where one alone can be told: of its first request, its later access, its place.
const findings::stack& main_stack(const findings::finding& what) noexcept;

}  // namespace interlock::report
