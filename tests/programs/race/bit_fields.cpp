// Bit-fields of one word are one memory location; a field of width 0 parts them.
#include "tests/programs/race/both.hpp"

struct together {
    int a : 4;
    int b : 4;
};
struct apart {
    int a : 4;
    int : 0;
    int b : 4;
};
together one;
apart two;

int main() {
    if (racy)
        both([] { one.a = 1; }, [] { one.b = 1; });
    else
        both([] { two.a = 1; }, [] { two.b = 1; });
}
