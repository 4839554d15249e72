// Why an input cannot be used, as data. Whoever prints makes one line of it.
#pragma once

#include <cstdint>
#include <string>

namespace interlock::trace {

struct problem {
    std::string path;
    std::uint64_t offset = 0;  // in the file, bytes
    std::string reason;        // no trailing full stop
};

}  // namespace interlock::trace
