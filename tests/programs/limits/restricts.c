// Programs that give up system calls (seccomp) and go on locking. Argument: how.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PASS(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void lock_both(void) {
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
}

/// Far more than a log has room for without a system call, and from places that were not seen before.
static void work(void) {
    lock_both();
    for (int i = 0; i < 50000; ++i) lock_both();
}

static void* be_strict(void* nothing) {
    lock_both();
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) return nothing;
    work();
    if (write(1, "strict\n", 7) != 7) return nothing;
    syscall(SYS_exit, 0);  // all that is left of ways to end
    return nothing;
}

/// What remains: to lock, to write, and to end.
static const struct sock_filter narrow[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    PASS(SYS_write),
    PASS(SYS_futex),
    PASS(SYS_exit_group),
    PASS(SYS_rt_sigreturn),
    PASS(SYS_newfstatat),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
};
/// What is refused: tracing, and another architecture's calls.
static const struct sock_filter wide[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int restrict_by(const struct sock_filter* filter, size_t length, int by_prctl) {
    const struct sock_fprog program = {(unsigned short)length, (struct sock_filter*)filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 3;
    const long done = by_prctl ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)
                               : syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    if (done != 0) return 3;
    work();
    return write(1, "filtered\n", 9) == 9 ? 0 : 3;
}

int main(int count, char** words) {
    const char* how = count == 2 ? words[1] : "";
    lock_both();
    if (strcmp(how, "wide") == 0) return restrict_by(wide, sizeof wide / sizeof *wide, 1);
    if (strcmp(how, "narrow") == 0) return restrict_by(narrow, sizeof narrow / sizeof *narrow, 1);
    if (strcmp(how, "narrow-by-syscall") == 0) return restrict_by(narrow, sizeof narrow / sizeof *narrow, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, be_strict, NULL);
    pthread_join(thread, NULL);
    lock_both();
    return 0;
}
