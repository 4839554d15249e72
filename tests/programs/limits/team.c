// A parallel region as clang compiles it, with more arguments than there are registers for.
#include <stdarg.h>
#include <stdio.h>

void __kmpc_fork_call(void* place, int count, void (*body)(int*, int*, ...), ...);

static void body(int* thread, int* bound, ...) {
    va_list given;
    va_start(given, bound);
    printf("%d", *thread + *bound);
    for (int i = 0; i < 8; ++i) printf(" %d", *va_arg(given, int*));
    printf("\n");
    va_end(given);
}

int main(void) {
    int n[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (int i = 0; i < 2; ++i)
        __kmpc_fork_call(NULL, 8, body, (void*)&n[0], (void*)&n[1], (void*)&n[2], (void*)&n[3], (void*)&n[4],
                         (void*)&n[5], (void*)&n[6], (void*)&n[7]);
    return 0;
}
