// The first that this module does in view of the runtime is a call: whose code it is, is known from the beginning.
#include <pthread.h>
#include <cstring>

#ifdef RACY
constexpr bool racy = true;
#else
constexpr bool racy = false;
#endif

char block[4096] = {};

static void* set(void*) {
    std::memset(block, 2, sizeof block);
    return nullptr;
}

int main() {
    pthread_t other;
    pthread_create(&other, nullptr, set, nullptr);
    if (!racy) pthread_join(other, nullptr);
    std::memset(block, 1, sizeof block);
    if (racy) pthread_join(other, nullptr);
}
