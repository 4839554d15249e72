// A library opened by a path relative to a directory that the program then leaves: its functions and locks have names all the same.
//
// expect: inverts
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle single-thread edges=2 locks=a,b functions=nest
// expect: agrees
//   acquisitions 4
//   dependencies 2
//   clean

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

int main(int count, char** words) {
    if (count != 2 || chdir(FOLDER) != 0) return 2;
    void* library = dlopen("./" PLUGIN, RTLD_NOW);
    if (library == NULL || chdir("/") != 0) return 3;
    void (*nest)(int) = NULL;
    *(void**)&nest = dlsym(library, "nest");
    if (nest == NULL) return 4;
    nest(0);
    nest(strcmp(words[1], "inverts") == 0);
    return 0;
}
