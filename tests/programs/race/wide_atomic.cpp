// Atomics of 16 bytes, and a plain read of one half.
#include "tests/programs/race/both.hpp"

struct alignas(16) pair {
    long first;
    long second;
};
__extension__ typedef unsigned __int128 wide;
alignas(16) static wide both_halves = 0;

int main() {
    both([] { __atomic_store_n(&both_halves, wide{1} << 64 | 1, __ATOMIC_RELEASE); },
         [] {
             if (racy) {
                 look(reinterpret_cast<pair*>(&both_halves)->second);
             } else if (__atomic_load_n(&both_halves, __ATOMIC_ACQUIRE) >> 64 > 1) {
                 __builtin_trap();
             }
         });
}
