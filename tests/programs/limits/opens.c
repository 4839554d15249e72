// Opens a library that locks, in the way its argument says: `plain`, `run-path` (by its name alone), `deep`, `space`, `none`.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int count, char** words) {
    void* library = NULL;
    if (count != 3) return 2;
    const char* how = words[2];
    if (strcmp(how, "plain") == 0) library = dlopen(words[1], RTLD_NOW);
    if (strcmp(how, "run-path") == 0) library = dlopen(strrchr(words[1], '/') + 1, RTLD_NOW);
    if (strcmp(how, "deep") == 0) library = dlopen(words[1], RTLD_NOW | RTLD_DEEPBIND);
    if (strcmp(how, "space") == 0) library = dlmopen(LM_ID_NEWLM, words[1], RTLD_NOW);
    if (strcmp(how, "none") == 0) return dlopen(NULL, RTLD_NOW) != NULL ? 0 : 3;
    if (library == NULL) return puts(dlerror()), 4;
    void (*nest)(int) = (void (*)(int))dlsym(library, "nest");
    if (nest == NULL) return 5;
    nest(100);
    return 0;
}
