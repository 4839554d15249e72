// Neighbours of 1 byte.
#include "tests/programs/race/overlap.hpp"

int main() { neighbours<char>(); }
