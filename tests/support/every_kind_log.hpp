// A log that holds every kind of record there is, for tests that damage it.
#pragma once

#include "tests/support/log_builder.hpp"

namespace interlock::testing {

/// Two agents, one with a sealed chunk and one with an open one; 20 KiB. Without losses and contradictions.
log_image every_kind_log();

}  // namespace interlock::testing
