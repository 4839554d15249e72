// Neighbours of 8 bytes.
#include "tests/programs/race/overlap.hpp"

int main() { neighbours<long long>(); }
