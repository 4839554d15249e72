// Stands for LLVM's OpenMP runtime: the entry of its parallel regions, with as many arguments as the caller likes.
#include <stdarg.h>

void __kmpc_fork_call(void* place, int count, void (*body)(int*, int*, ...), ...);
void __kmpc_fork_call(void* place, int count, void (*body)(int*, int*, ...), ...) {
    int thread = 0;
    int bound = 0;
    void* given[8] = {place};
    va_list more;
    va_start(more, body);
    for (int i = 0; i < count && i < 8; ++i) given[i] = va_arg(more, void*);
    va_end(more);
    body(&thread, &bound, given[0], given[1], given[2], given[3], given[4], given[5], given[6], given[7]);
}
