// Programs that stand still and are well: each waits for something that comes from outside, from the kernel, another process, a signal, or is
// stopped. None is ever told of.
//
// idles: accept
// idles: accept-with-idle-pool
// idles: poll
// idles: select
// idles: epoll
// idles: read-from-pipe
// idles: receive
// idles: eventfd
// idles: timerfd
// idles: inotify
// idles: file-lock
// idles: pause
// idles: pause-with-waiters
// idles: sigwait
// idles: waits-for-child
// idles: timer-posts
// idles: timer-thread-posts
// idles: timer-thread-notifies
// idles: asynchronous-read-notifies
// idles: signal-handler-posts
// idles: handler-by-system-call-posts
// idles: handler-by-bare-system-call-posts
// idles: shared-semaphore
// idles: named-semaphore
// idles: shared-condition
// idles: semaphore-of-another-process
// idles: condition-of-another-process
// idles: barrier-of-another-process
// idles: shared-futex
// idles: shared-mutex-of-a-sleeping-process
// idles: robust-mutex-of-a-dead-process
// idles: stopped-by-signal
// idles: stopped-by-debugger
// idles: exec
// idles: sleeper-in-child

#include <aio.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include <cerrno>
#include <cstdint>

#include "tests/programs/blocked.h"
#include "tests/programs/stuck/idle.hpp"
#include "tests/programs/stuck/shared_mutex.h"

namespace {

sem_t posted;

int listening() {
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(server, 4) != 0) abort();
    return server;
}
int pipe_end() {
    static int ends[2];
    if (pipe(ends) != 0) abort();
    return ends[0];
}

void in_accept() { accept(listening(), nullptr, nullptr); }
void with_idle_pool() {
    for (int i = 0; i < 4; ++i) start(wait_for_ready, "worker", nullptr);
    in_accept();
}
void in_poll() {
    pollfd what{pipe_end(), POLLIN, 0};
    poll(&what, 1, -1);
}
void in_select() {
    fd_set set;
    const int end = pipe_end();
    FD_ZERO(&set);
    FD_SET(end, &set);
    select(end + 1, &set, nullptr, nullptr, nullptr);
}
void in_epoll() {
    const int set = epoll_create1(0);
    epoll_event event{};
    epoll_wait(set, &event, 1, -1);
}
void in_read() {
    char byte = 0;
    if (read(pipe_end(), &byte, 1) < 0) abort();
}
void in_receive() {
    int ends[2];
    char byte = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) abort();
    recv(ends[0], &byte, 1, 0);
}
void in_eventfd() {
    eventfd_t value = 0;
    eventfd_read(eventfd(0, 0), &value);
}
void in_timerfd() {
    const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    const itimerspec when{{0, 0}, {1000, 0}};
    timerfd_settime(timer, 0, &when, nullptr);
    std::uint64_t count = 0;
    if (read(timer, &count, sizeof count) < 0) abort();
}
void in_inotify() {
    char event[4096];
    const int watch = inotify_init();
    inotify_add_watch(watch, "/proc/self", IN_DELETE_SELF);
    if (read(watch, event, sizeof event) < 0) abort();
}
void in_file_lock() {
    char name[] = "idle-XXXXXX";
    const int one = mkstemp(name);
    const int other = open(name, O_RDWR);
    unlink(name);
    flock(one, LOCK_EX);
    flock(other, LOCK_EX);
}
void with_waiters() {
    for (int i = 0; i < 3; ++i) start(wait_for_ready, "worker", nullptr);
    for (;;) pause();
}
void in_sigwait() {
    sigset_t set;
    int got = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    start(wait_for_ready, "worker", nullptr);
    sigwait(&set, &got);
}
void wait_for_child() {
    if (start_child() == 0) sleep_for_long();
    wait(nullptr);
}
void post(int) { sem_post(&posted); }
void arm(int seconds, sigevent& how) {
    timer_t timer{};
    const itimerspec when{{0, 0}, {seconds, 0}};
    if (timer_create(CLOCK_MONOTONIC, &how, &timer) != 0 || timer_settime(timer, 0, &when, nullptr) != 0) abort();
}
void await_timer() {
    signal(SIGUSR1, post);
    sigevent how{};
    how.sigev_notify = SIGEV_SIGNAL;
    how.sigev_signo = SIGUSR1;
    arm(1000, how);
    while (sem_wait(&posted) != 0) {
    }
}
void await_timer_thread() {
    sigevent how{};
    how.sigev_notify = SIGEV_THREAD;
    how.sigev_notify_function = [](sigval) { sem_post(&posted); };
    arm(1000, how);
    sem_wait(&posted);
}
void notify(sigval) {
    pthread_mutex_lock(&a);
    pthread_cond_broadcast(&ready);
    pthread_mutex_unlock(&a);
}
void wait_until_notified() {
    pthread_mutex_lock(&a);
    for (;;) pthread_cond_wait(&ready, &a);
}
void await_notifying_timer() {
    sigevent how{};
    how.sigev_notify = SIGEV_THREAD;
    how.sigev_notify_function = notify;
    arm(1000, how);
    wait_until_notified();
}
/// By a thread that glibc starts unseen.
void await_asynchronous_read() {
    static aiocb request{};
    static char byte;
    int ends[2];
    if (pipe(ends) != 0) abort();
    request.aio_fildes = ends[0];
    request.aio_buf = &byte;
    request.aio_nbytes = 1;
    request.aio_sigevent.sigev_notify = SIGEV_THREAD;
    request.aio_sigevent.sigev_notify_function = notify;
    if (aio_read(&request) != 0) abort();
    wait_until_notified();
}
void await_handler() {
    signal(SIGUSR1, post);
    sem_wait(&posted);
}
/// As the kernel takes it; without a restorer, for the signal never comes.
struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)();
    unsigned long mask;
};
void await_handler_by_system_call() {
    kernel_action action{post, 0, nullptr, 0};
    if (syscall(SYS_rt_sigaction, SIGUSR1, &action, nullptr, sizeof action.mask) != 0) abort();
    sem_wait(&posted);
}
void await_handler_by_bare_system_call() {
    kernel_action action{post, 0, nullptr, 0};
    register unsigned long size asm("r10") = sizeof action.mask;
    long result = SYS_rt_sigaction;
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(SIGUSR1), "S"(&action), "d"(nullptr), "r"(size)
                 : "rcx", "r11", "memory");
    if (result != 0) abort();
    sem_wait(&posted);
}
void* shared_memory() {
    void* const made = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) abort();
    if (start_child() == 0) sleep_for_long();
    return made;
}
void await_other_process() {
    auto* const semaphore = static_cast<sem_t*>(shared_memory());
    sem_init(semaphore, 1, 0);
    sem_wait(semaphore);
}
void await_named() {
    char name[64];
    snprintf(name, sizeof name, "/interlock-idle-%d", getpid());
    sem_t* const semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
    sem_unlink(name);
    sem_wait(semaphore);
}
void await_shared_condition() {
    struct both {
        pthread_mutex_t mutex;
        pthread_cond_t condition;
    };
    auto* const made = static_cast<both*>(shared_memory());
    pthread_mutexattr_t of_mutex;
    pthread_condattr_t of_condition;
    pthread_mutexattr_init(&of_mutex);
    pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED);
    pthread_condattr_init(&of_condition);
    pthread_condattr_setpshared(&of_condition, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&made->mutex, &of_mutex);
    pthread_cond_init(&made->condition, &of_condition);
    pthread_mutex_lock(&made->mutex);
    for (;;) pthread_cond_wait(&made->condition, &made->mutex);
}
/// What a process that nobody records has initialised in a file, so that this one never sees it done.
struct prepared {
    sem_t semaphore;
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    pthread_barrier_t barrier;
};
prepared* map_prepared(int file) {
    void* const memory = mmap(nullptr, sizeof(prepared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) abort();
    return static_cast<prepared*>(memory);
}
int prepare(int file) {
    prepared* const made = map_prepared(file);
    pthread_mutexattr_t of_mutex;
    pthread_condattr_t of_condition;
    pthread_barrierattr_t of_barrier;
    pthread_mutexattr_init(&of_mutex);
    pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED);
    pthread_condattr_init(&of_condition);
    pthread_condattr_setpshared(&of_condition, PTHREAD_PROCESS_SHARED);
    pthread_barrierattr_init(&of_barrier);
    pthread_barrierattr_setpshared(&of_barrier, PTHREAD_PROCESS_SHARED);
    return sem_init(&made->semaphore, 1, 0) | pthread_mutex_init(&made->mutex, &of_mutex) |
           pthread_cond_init(&made->condition, &of_condition) | pthread_barrier_init(&made->barrier, &of_barrier, 2);
}
prepared* have_prepared() {
    const int file = memfd_create("prepared", 0);
    if (file < 0 || ftruncate(file, sizeof(prepared)) != 0) abort();
    const pid_t child = start_child();
    if (child == 0) {
        char number[16];
        char* const none[] = {nullptr};  // an environment in which nothing is preloaded
        snprintf(number, sizeof number, "%d", file);
        execle("/proc/self/exe", "prepare", "prepare", number, nullptr, none);
        _exit(1);
    }
    int status = 1;
    if (waitpid(child, &status, 0) != child || status != 0) abort();
    return map_prepared(file);
}
void await_prepared_semaphore() { sem_wait(&have_prepared()->semaphore); }
void await_prepared_condition() {
    prepared* const made = have_prepared();
    pthread_mutex_lock(&made->mutex);
    for (;;) pthread_cond_wait(&made->condition, &made->mutex);
}
void await_prepared_barrier() { pthread_barrier_wait(&have_prepared()->barrier); }
void await_sleeping_process() {
    pthread_mutex_t* const mutex = make_shared_mutex(PTHREAD_MUTEX_STALLED);
    if (start_child() == 0) {
        pthread_mutex_lock(mutex);
        say_held(mutex);
        sleep_for_long();
    }
    await_held(mutex);
    pthread_mutex_lock(mutex);
}
void inherit_from_dead() {
    pthread_mutex_t* const mutex = make_shared_mutex(PTHREAD_MUTEX_ROBUST);
    const pid_t child = start_child();
    if (child == 0) {
        pthread_mutex_lock(mutex);
        raise(SIGKILL);
    }
    waitpid(child, nullptr, 0);
    if (pthread_mutex_lock(mutex) != EOWNERDEAD || pthread_mutex_consistent(mutex) != 0) abort();
    start_thread<sleep_for_long>("sleeper");
    sleep_for_long();
}
void await_shared_futex() { syscall(SYS_futex, shared_memory(), FUTEX_WAIT, 0, nullptr, nullptr, 0); }

/// A worker that is stopped in its wait is notified there, and the main thread joins it: all threads are blocked, each of them waits for
/// another, and nothing but the stop, which is for others to end, keeps them from going on.
struct stage {
    int worker;   // its kernel thread id
    int stopped;  // by the debugger
    int joining;  // the main thread, from now on
};
stage* shared_stage() {
    void* const memory = mmap(nullptr, sizeof(stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) abort();
    return static_cast<stage*>(memory);
}
void* wait_once(void* argument) {
    pthread_mutex_lock(&a);
    say_thread(&static_cast<stage*>(argument)->worker);
    pthread_cond_wait(&ready, &a);
    pthread_mutex_unlock(&a);
    return nullptr;
}
int number_at(const int& place) { return __atomic_load_n(&place, __ATOMIC_ACQUIRE); }
/// In a child. What it may not do ends the whole test.
void require(bool done, pid_t parent) {
    if (done) return;
    kill(parent, SIGKILL);
    _exit(1);
}
/// Stops the worker before it is notified. `by_signal`: then the whole process by SIGSTOP, and lets go of the worker, who stays stopped.
void debug(pid_t parent, stage& at, bool by_signal) {
    await_blocked_in(parent, &at.worker);
    const pid_t worker = number_at(at.worker);
    require(ptrace(PTRACE_SEIZE, worker, nullptr, nullptr) == 0, parent);
    require(ptrace(PTRACE_INTERRUPT, worker, nullptr, nullptr) == 0, parent);
    require(waitpid(worker, nullptr, __WALL) == worker, parent);
    __atomic_store_n(&at.stopped, 1, __ATOMIC_RELEASE);
    await_blocked_in(parent, &at.joining);
    if (by_signal) {
        require(kill(parent, SIGSTOP) == 0, parent);
        require(ptrace(PTRACE_DETACH, worker, nullptr, nullptr) == 0, parent);
    }
    sleep_for_long();
}
void be_stopped(bool by_signal) {
    stage& at = *shared_stage();
    const pthread_t worker = start(wait_once, "worker", &at);
    const pid_t parent = getpid();
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    if (start_child() == 0) debug(parent, at, by_signal);
    while (number_at(at.stopped) == 0) sched_yield();
    pthread_mutex_lock(&a);
    pthread_cond_signal(&ready);
    pthread_mutex_unlock(&a);
    say_thread(&at.joining);
    pthread_join(worker, nullptr);
}
void be_stopped_by_signal() { be_stopped(true); }
void be_traced() { be_stopped(false); }
void execute() {
    start(wait_for_ready, "worker", nullptr);
    execlp("sleep", "sleep", "1000", nullptr);
}
void sleeper_in_child() {
    if (start_child() == 0) {
        start(wait_for_ready, "worker", nullptr);
        sleep_for_long();
    }
    wait(nullptr);
}

constexpr one_case cases[] = {
    {"accept", in_accept},
    {"accept-with-idle-pool", with_idle_pool},
    {"poll", in_poll},
    {"select", in_select},
    {"epoll", in_epoll},
    {"read-from-pipe", in_read},
    {"receive", in_receive},
    {"eventfd", in_eventfd},
    {"timerfd", in_timerfd},
    {"inotify", in_inotify},
    {"file-lock", in_file_lock},
    {"pause", [] { pause(); }},
    {"pause-with-waiters", with_waiters},
    {"sigwait", in_sigwait},
    {"waits-for-child", wait_for_child},
    {"timer-posts", await_timer},
    {"timer-thread-posts", await_timer_thread},
    {"timer-thread-notifies", await_notifying_timer},
    {"asynchronous-read-notifies", await_asynchronous_read},
    {"signal-handler-posts", await_handler},
    {"handler-by-system-call-posts", await_handler_by_system_call},
    {"handler-by-bare-system-call-posts", await_handler_by_bare_system_call},
    {"shared-semaphore", await_other_process},
    {"named-semaphore", await_named},
    {"shared-condition", await_shared_condition},
    {"semaphore-of-another-process", await_prepared_semaphore},
    {"condition-of-another-process", await_prepared_condition},
    {"barrier-of-another-process", await_prepared_barrier},
    {"shared-futex", await_shared_futex},
    {"shared-mutex-of-a-sleeping-process", await_sleeping_process},
    {"robust-mutex-of-a-dead-process", inherit_from_dead},
    {"stopped-by-signal", be_stopped_by_signal},
    {"stopped-by-debugger", be_traced},
    {"exec", execute},
    {"sleeper-in-child", sleeper_in_child},
};

}  // namespace

int main(int count, char** words) {
    if (count == 3 && strcmp(words[1], "prepare") == 0) return prepare(atoi(words[2]));
    sem_init(&posted, 0, 0);
    return run_case(count, words, cases);
}
