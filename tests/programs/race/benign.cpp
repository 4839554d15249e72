// Races that the program declares to be meant, by address and size; what lies beside is not.
#include "tests/programs/race/both.hpp"

extern "C" {
void AnnotateBenignRace(const char*, int, const volatile void*, const char*);
void AnnotateBenignRaceSized(const char*, int, const volatile void*, std::size_t, const char*);
}

long meant = 0;
int several[4] = {};

int main() {
    AnnotateBenignRace(__FILE__, __LINE__, &meant, "a statistic");
    AnnotateBenignRaceSized(__FILE__, __LINE__, several, 3 * sizeof several[0], "three of them");
    const auto count = [] {
        ++meant;
        ++several[0];
        ++several[2];
        if (racy) ++several[3];
    };
    both(count, count);
}
