// A line or a few of the recorder's own to standard error: put together on the stack, written by one write(2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "instrument/recorder/standard_error.hpp"

namespace interlock::recorder {

/// What does not fit is cut off. Thread-bound, async-signal-safe.
class message {
public:
    message& operator<<(const char* part) noexcept { return put(part, std::strlen(part)); }

    message& put(const char* part, std::size_t size) noexcept {
        const std::size_t room = sizeof text_ - 1 - size_;
        const std::size_t count = size < room ? size : room;
        std::memcpy(text_ + size_, part, count);
        size_ += count;
        text_[size_] = '\0';
        return *this;
    }

    message& put_number(std::uint64_t value) noexcept { return put_digits(value, 10); }
    message& put_hex(std::uint64_t value) noexcept { return (*this << "0x").put_digits(value, 16); }

    /// Ends with a zero character.
    const char* text() const noexcept { return text_; }
    void print() const noexcept { write_to_stderr(text_, size_); }

private:
    message& put_digits(std::uint64_t value, unsigned base) noexcept {
        char digits[20];
        std::size_t at = sizeof digits;
        for (; at == sizeof digits || value != 0; value /= base) digits[--at] = "0123456789abcdef"[value % base];
        return put(digits + at, sizeof digits - at);
    }

    char text_[3000] = {};
    std::size_t size_ = 0;
};

}  // namespace interlock::recorder
