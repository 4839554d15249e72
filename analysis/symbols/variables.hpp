// The variables of one module by address, down to the member: what a global lock is called. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace interlock::symbols {

/// Thread-bound. Reads the whole of the module's debug information once, at construction.
class variables {
public:
    /// `module` is a Dwfl_Module*, which outlives this.
    explicit variables(void* module);
    ~variables();
    variables(const variables&) = delete;
    variables& operator=(const variables&) = delete;

    /// `accounts[0].m`, or empty if the address lies in no variable of known type.
    std::string name_at(std::uint64_t address) const;

private:
    struct table;
    std::unique_ptr<table> table_;
};

}  // namespace interlock::symbols
