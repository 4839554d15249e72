// SIGBUS as a program handles it: what sigaction and its kin answer, faults in a mapping of its own, signals that are sent.
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf out;
static char* mapped;
static volatile sig_atomic_t calls, code, right_address;

static void tell(const char* what) {
    struct sigaction now;
    memset(&now, 0xff, sizeof now);
    printf("%s: %d", what, sigaction(SIGBUS, NULL, &now));
    printf(" default %d ignored %d", now.sa_handler == SIG_DFL, now.sa_handler == SIG_IGN);
    printf(" flags %x restorer %d", (unsigned)now.sa_flags, now.sa_restorer != NULL);
    printf(" masks %d %d\n", sigismember(&now.sa_mask, SIGUSR1), sigismember(&now.sa_mask, SIGBUS));
}

static void jumps(int number, siginfo_t* info, void* context) {
    ++calls;
    code = info->si_code;
    right_address = info->si_addr == mapped && context != NULL && number == SIGBUS;
    siglongjmp(out, 1);
}
static void counts(int number) {
    calls += number == SIGBUS;
    errno = 5;
}

static void fault(void) {
    if (sigsetjmp(out, 1) == 0) *(volatile char*)mapped = 1;
    printf("fault: calls %d code %d address %d\n", (int)calls, (int)code, (int)right_address);
}

/// What a child that runs `what` ends with.
static void child(const char* name, void (*what)(void)) {
    int status = 0;
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        what();
        _exit(7);
    }
    waitpid(pid, &status, 0);
    printf("%s: signal %d status %d\n", name, WTERMSIG(status), WEXITSTATUS(status));
}
static void touch(void) { *(volatile char*)mapped = 1; }
static void send(void) { kill(getpid(), SIGBUS); }
static void raise_it(void) { raise(SIGBUS); }

int main(void) {
    struct sigaction action, old;
    stack_t stack = {.ss_sp = malloc(16384), .ss_size = 16384};
    FILE* file = tmpfile();
    if (file == NULL || ftruncate(fileno(file), 4096) != 0) return 2;
    mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    if (mapped == MAP_FAILED || ftruncate(fileno(file), 0) != 0) return 3;
    tell("at first");
    child("a fault by default", touch);
    child("sent by default", send);
    child("raised by default", raise_it);

    memset(&action, 0, sizeof action);
    sigaddset(&action.sa_mask, SIGUSR1);
    action.sa_sigaction = jumps;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaltstack(&stack, NULL);
    sigaction(SIGBUS, &action, &old);
    printf("was default: %d\n", old.sa_handler == SIG_DFL && old.sa_flags == 0);
    tell("with information");
    fault();
    fault();

    action.sa_handler = counts;
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGBUS, &action, &old);
    printf("was ours: %d\n", old.sa_sigaction == jumps);
    tell("for once");
    calls = 0;
    errno = 0;
    raise(SIGBUS);
    printf("called %d errno %d\n", (int)calls, errno);
    tell("used up");
    child("sent when used up", send);

    printf("signal: %d", signal(SIGBUS, counts) == SIG_DFL);
    printf(" %d", signal(SIGBUS, SIG_IGN) == counts);
    tell(" ignored");
    raise(SIGBUS);
    child("a fault when ignored", touch);
    printf("sigset: %d", sigset(SIGBUS, counts) == SIG_IGN);
    printf(" %d", sysv_signal(SIGBUS, counts) == counts);
    tell(" old style");
    raise(SIGBUS);
    printf("called %d\n", (int)calls);
    tell("used up again");
    signal(SIGBUS, counts);
    child("a handler that repairs nothing", (void (*)(void))raise_it);
    printf("signal: %d\n", signal(SIGBUS, SIG_DFL) == counts);
    tell("default by choice");
    return 0;
}
