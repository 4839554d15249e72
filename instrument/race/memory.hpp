// Memory of the race runtime itself; never the program's allocator.
#pragma once

#include "instrument/recorder/arena.hpp"

namespace interlock::race {

extern constinit recorder::arena memory;

}  // namespace interlock::race
