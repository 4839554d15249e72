// Neighbours of 4 bytes.
#include "tests/programs/race/overlap.hpp"

int main() { neighbours<int>(); }
