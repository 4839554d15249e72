// Stacks of an image's threads, by the call frame information of their modules, read when the threads go on already.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "analysis/snapshot/image.hpp"
#include "analysis/snapshot/modules.hpp"

namespace interlock::snapshot {

struct frame {
    std::uint64_t address = 0;        // of code: where it goes on
    bool is_return_address = true;    // it belongs to the instruction before
    std::uint64_t stack_pointer = 0;  // in this frame; the next one's is this one's canonical frame address
};

/// Thread-bound. `of` and `files` outlive it.
class unwinder {
public:
    unwinder(const image& of, const modules& files);
    ~unwinder();
    unwinder(const unwinder&) = delete;
    unwinder& operator=(const unwinder&) = delete;

    /// Innermost first, at most 256; as far as they can be told. Empty: the thread has no registers. Cost: linear in the frames.
    std::vector<frame> frames(const thread& which) const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace interlock::snapshot
