// Opens a library for itself alone, runs it, and keeps it: threads of its own may still be in it.
#include <dlfcn.h>
#include <stdio.h>

int main(int count, char** words) {
    if (count != 2) return 2;
    void* const library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return 3;
    void (*run)(void) = (void (*)(void))dlsym(library, "run_plugin");
    if (run == NULL) return 4;
    run();
    printf("done\n");
    return 0;
}
