// Classes around locks, and what uses them: halves of inversions, one a call. `wrapped WORD...` does what each word says, each in a thread.
#include <pthread.h>

#include <memory>
#include <string_view>
#include <thread>

namespace {

/// What others wrap their locks in. It is all that locks here.
struct mutex {
    pthread_mutex_t m;
    mutex() { pthread_mutex_init(&m, nullptr); }
    ~mutex() { pthread_mutex_destroy(&m); }
    mutex(const mutex&) = delete;
    mutex& operator=(const mutex&) = delete;
    void lock() { pthread_mutex_lock(&m); }
    void unlock() { pthread_mutex_unlock(&m); }
};

struct guard {
    mutex& m;
    explicit guard(mutex& what) : m(what) { m.lock(); }
    ~guard() { m.unlock(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
};

struct account {
    [[gnu::noinline]] account() {}  // not defaulted: its frame is where the lock's kind is told by
    mutex m;
    int value = 0;
};
struct journal {
    [[gnu::noinline]] journal() {}
    mutex m;
    int value = 0;
};

mutex global;

void account_inside() {
    const auto one = std::make_unique<account>();
    // clang-format off
    guard held(global); guard wanted(one->m);  // in one line, so that nothing but the inlined call tells them apart
    // clang-format on
    ++one->value;
}

void journal_outside() {
    const auto one = std::make_unique<journal>();
    guard held(one->m);
    guard wanted(global);
    ++one->value;
}

void pay(account& a, journal& j) {
    // clang-format off
    a.m.lock(); j.m.lock();
    // clang-format on
    ++j.value;
    j.m.unlock();
    a.m.unlock();
}

void audit(account& a, journal& j) {
    j.m.lock();
    a.m.lock();
    ++a.value;
    a.m.unlock();
    j.m.unlock();
}

template <void work(account&, journal&)>
void with_both() {
    const auto a = std::make_unique<account>();
    const auto j = std::make_unique<journal>();
    work(*a, *j);
}

/// Not in C alone what makes and locks its objects by functions; each user makes its own.
struct table {
    pthread_mutex_t m;
    int rows = 0;
};
struct record {
    pthread_mutex_t m;
    int lines = 0;
};
[[gnu::noinline]] std::unique_ptr<table> table_new() {
    auto made = std::make_unique<table>();
    pthread_mutex_init(&made->m, nullptr);
    return made;
}
[[gnu::noinline]] std::unique_ptr<record> record_new() {
    auto made = std::make_unique<record>();
    pthread_mutex_init(&made->m, nullptr);
    return made;
}
[[gnu::noinline]] void table_lock(table& one) {
    pthread_mutex_lock(&one.m);
    ++one.rows;  // no tail call, whose frame would be gone
}
[[gnu::noinline]] void table_unlock(table& one) { pthread_mutex_unlock(&one.m); }
[[gnu::noinline]] void record_write(record& one) {
    pthread_mutex_lock(&one.m);
    ++one.lines;
    pthread_mutex_unlock(&one.m);
}
[[gnu::noinline]] void table_inside_out() {
    const auto one = table_new();
    const auto log = record_new();
    pthread_mutex_lock(&one->m);
    record_write(*log);
    pthread_mutex_unlock(&one->m);
}
[[gnu::noinline]] void record_inside_out() {
    const auto one = table_new();
    const auto log = record_new();
    pthread_mutex_lock(&log->m);
    pthread_mutex_lock(&one->m);
    ++one->rows;
    pthread_mutex_unlock(&one->m);
    pthread_mutex_unlock(&log->m);
}
[[gnu::noinline]] void table_by_its_functions() {
    const auto one = table_new();
    const auto log = record_new();
    table_lock(*one);
    record_write(*log);
    table_unlock(*one);
}

/// Can be locked from outside, and is no wrapper all the same: what it is made for is its own.
template <int>
class monitor {
public:
    [[gnu::noinline]] monitor() {
        pthread_mutex_init(&m_, nullptr);
        uses_ = 0;  // no tail call, whose frame would be gone
    }
    ~monitor() { pthread_mutex_destroy(&m_); }
    monitor(const monitor&) = delete;
    monitor& operator=(const monitor&) = delete;
    [[gnu::noinline]] void lock() {
        pthread_mutex_lock(&m_);
        ++uses_;
    }
    [[gnu::noinline]] void unlock() { pthread_mutex_unlock(&m_); }

private:
    pthread_mutex_t m_;
    int uses_ = -1;
};
using rows = monitor<0>;
using keys = monitor<1>;

[[gnu::noinline]] void insert() {
    rows first;
    keys second;
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
}
[[gnu::noinline]] void rebuild() {
    rows first;
    keys second;
    second.lock();
    first.lock();
    first.unlock();
    second.unlock();
}

mutex a;
mutex b;
mutex c;
mutex d;

void a_then_b() {
    guard held(a);
    guard wanted(b);
}
void b_then_a() {
    guard held(b);
    guard wanted(a);
}
void c_then_d() {
    guard held(c);
    guard wanted(d);
}
void d_then_c() {
    guard held(d);
    guard wanted(c);
}

struct word {
    std::string_view name;
    void (*work)();
};
constexpr word words[] = {
    {"account-inside", account_inside},
    {"journal-outside", journal_outside},
    {"pay", with_both<pay>},
    {"audit", with_both<audit>},
    {"ab", a_then_b},
    {"ba", b_then_a},
    {"cd", c_then_d},
    {"dc", d_then_c},
    {"table-record", table_inside_out},
    {"record-table", record_inside_out},
    {"table-by-functions", table_by_its_functions},
    {"insert", insert},
    {"rebuild", rebuild},
};

}  // namespace

int main(int count, char** arguments) {
    for (int i = 1; i < count; ++i)
        for (const word& one : words)
            if (one.name == arguments[i]) std::thread(one.work).join();
}
