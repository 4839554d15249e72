// One line on a terminal about long work, written over as the work goes on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::cli {

/// Silent where stderr is no terminal or the logs are small. Thread-bound. The line is gone when the object is.
class progress {
public:
    explicit progress(const std::vector<std::string>& logs);
    ~progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    void tell(std::string_view what) const;
    std::uintmax_t mebibytes() const noexcept { return total_ >> 20; }

private:
    std::uintmax_t total_ = 0;
    bool shown_ = false;
};

}  // namespace interlock::cli
