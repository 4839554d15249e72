// What Annotate* tells: an order that nothing shows, memory that is new, accesses that are not to be looked at. The racy twin leaves it out.
#include <sched.h>

#include <cstddef>

#include "tests/programs/race/both.hpp"

extern "C" {
void AnnotateHappensBefore(const char*, int, const volatile void*);
void AnnotateHappensAfter(const char*, int, const volatile void*);
void AnnotateNewMemory(const char*, int, const volatile void*, std::size_t);
void AnnotateIgnoreReadsBegin(const char*, int);
void AnnotateIgnoreReadsEnd(const char*, int);
void AnnotateIgnoreWritesBegin(const char*, int);
void AnnotateIgnoreWritesEnd(const char*, int);
}

long handed = 0;
long ignored = 0;
long pooled = 0;
static int turn = 0;

static void wait_for(int number) {
    while (__atomic_load_n(&turn, __ATOMIC_RELAXED) != number) sched_yield();
}

int main() {
    both(
        [] {
            handed = 1;
            pooled = 1;
            if (!racy) AnnotateHappensBefore(__FILE__, __LINE__, &turn);
            __atomic_store_n(&turn, 1, __ATOMIC_RELAXED);
            if (!racy) AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
            ignored = 1;
            if (!racy) AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        },
        [] {
            wait_for(1);
            if (!racy) AnnotateNewMemory(__FILE__, __LINE__, &pooled, sizeof pooled);
            pooled = 2;
            if (!racy) AnnotateHappensAfter(__FILE__, __LINE__, &turn);
            handed = 2;
            if (!racy) AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
            look(ignored);
            if (!racy) AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
        });
}
