// Neighbours of 2 bytes.
#include "tests/programs/race/overlap.hpp"

int main() { neighbours<short>(); }
