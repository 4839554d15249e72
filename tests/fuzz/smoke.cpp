// Runs a fuzz target without a fuzzer: the seed files named as arguments, all that a few thousand fixed mutations make of
// them, and inputs of random bytes. The same inputs every time; a crash or a failed check of the target ends the program.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr int mutations_per_seed = 2'000;
constexpr int random_inputs = 5'000;
constexpr std::size_t random_size_max = 512;

/// As a damaged file is: some bytes or bits differ, its end is missing, a piece stands twice.
bytes mutated(bytes input, std::mt19937_64& random) {
    for (std::uint64_t change = random() % 4 + 1; change != 0 && !input.empty(); --change) {
        const std::size_t at = random() % input.size();
        switch (random() % 4) {
            case 0: input[at] ^= static_cast<std::uint8_t>(1u << random() % 8); break;
            case 1: input[at] = static_cast<std::uint8_t>(random()); break;
            case 2: input.resize(at); break;
            default: {
                const bytes piece(input.begin() + static_cast<std::ptrdiff_t>(at), input.end());
                input.insert(input.begin() + static_cast<std::ptrdiff_t>(random() % input.size()), piece.begin(),
                             piece.begin() + static_cast<std::ptrdiff_t>(random() % piece.size()));
            }
        }
    }
    return input;
}

void run(const bytes& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

}  // namespace

int main(int argc, char** argv) {
    std::mt19937_64 random(20'250'701);  // NOLINT(cert-msc51-cpp): the same inputs every time, on purpose
    long inputs = 0;
    for (int argument = 1; argument < argc; ++argument) {
        std::ifstream file(argv[argument], std::ios::binary);
        const bytes seed{std::istreambuf_iterator<char>(file), {}};
        if (seed.empty()) {
            std::fprintf(stderr, "%s: no seed\n", argv[argument]);
            return 1;
        }
        run(seed);
        for (int i = 0; i < mutations_per_seed; ++i, ++inputs) run(mutated(seed, random));
    }
    for (int i = 0; i < random_inputs; ++i, ++inputs) {
        bytes input(random() % random_size_max);
        for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random());
        run(input);
    }
    std::printf("%ld inputs\n", inputs);
}
