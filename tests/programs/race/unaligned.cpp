// A value across two aligned words: its last byte is in the second.
#include <cstring>

#include "tests/programs/race/both.hpp"

alignas(16) static unsigned char bytes[16];

struct __attribute__((packed)) shifted {
    char before[6];
    int value;
};

int main() {
    auto* at = reinterpret_cast<shifted*>(bytes);
    both([=] { at->value = 1; }, [] { bytes[racy ? 9 : 10] = 2; });
}
