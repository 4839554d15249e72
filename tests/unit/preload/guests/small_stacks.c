// Signal stacks of 1 KiB beyond what the kernel's own frame takes, threads of the least stack size, fibers of 8 KiB, each between
// inaccessible pages. A fiber's stack is filled with a pattern, which tells afterwards how deep it was used.
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static sem_t posted;
static ucontext_t here, fiber;

static void nests(void) {
    pthread_mutex_lock(&first);
    pthread_mutex_lock(&second);
    pthread_mutex_unlock(&second);
    pthread_mutex_unlock(&first);
}
static void posts_and_nests(int number) {
    (void)number;
    sem_post(&posted);
    nests();
}
static void* nests_in_thread(void* nothing) {
    nests();
    return nothing;
}
static void* guarded(size_t size) {
    size = (size + 4095) / 4096 * 4096;
    char* block = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(block + 4096, size, PROT_READ | PROT_WRITE);
    return block + 4096;
}

int main(void) {
    struct sigaction action;
    const size_t least_signal = getauxval(AT_MINSIGSTKSZ) + 1024;  // registers alone take 2 to 12 KiB, by processor
    stack_t stack = {.ss_sp = guarded(least_signal), .ss_size = least_signal};
    pthread_attr_t least;
    pthread_t thread[20];
    sem_init(&posted, 0, 0);
    sigaltstack(&stack, NULL);
    memset(&action, 0, sizeof action);
    action.sa_handler = posts_and_nests;
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    pthread_attr_init(&least);
    pthread_attr_setstacksize(&least, PTHREAD_STACK_MIN);
    for (int i = 0; i < 20; ++i) pthread_create(&thread[i], &least, nests_in_thread, NULL);
    for (int i = 0; i < 20; ++i) pthread_join(thread[i], NULL);
    getcontext(&fiber);
    char* const low = guarded(8192);
    memset(low, 0x5a, 8192);
    fiber.uc_stack.ss_sp = low;
    fiber.uc_stack.ss_size = 8192;
    fiber.uc_link = &here;
    makecontext(&fiber, nests, 0);
    swapcontext(&here, &fiber);
    size_t untouched = 0;
    while (untouched < 8192 && low[untouched] == 0x5a) ++untouched;
    printf("half is left: %d\n", untouched >= 4096);
    puts("done");
    return 0;
}
