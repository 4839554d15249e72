// The lock path of std::mutex: alone, with libinterlock preloaded, under Helgrind, or built with -fsanitize=thread.
#include <mutex>

#include "tests/bench/lock_path.hpp"

int main(int argc, char** argv) { return interlock::bench::lock_path<std::mutex>::run(argc, argv); }
