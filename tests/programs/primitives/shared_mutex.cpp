// Shared mutexes of ours: an inversion of readers and writers, the same where one side only reads, and an upgrade.
//
// expect: inverted
//   acquisitions 4
//   dependencies 2
//   finding lock-order-cycle potential edges=2 locks=a,b modes=SE,SE
// expect: both_read
//   acquisitions 4
//   dependencies 2
//   harmless mutual-exclusion 1
//   clean
// expect: upgrade_inverted
//   acquisitions 5
//   dependencies 3
//   finding lock-order-cycle potential edges=2 locks=a,c modes=SE,EE functions=read_then_c,c_then_upgrade
// expect: upgrade_in_order
//   acquisitions 5
//   dependencies 3
//   clean
// expect: upgrade
//   acquisitions 3
//   dependencies 0
//   clean
// expect: two_upgrade
//   acquisitions 3
//   dependencies at-least 0
//   finding self-deadlock observed edges=1 locks=a modes=SE functions=upgrade_both no=none says=exclusively
// expect: two_upgrade_in_turn
//   acquisitions 4
//   dependencies 0
//   clean
// expect: one_tries_to_upgrade
//   acquisitions 3
//   dependencies 0
//   clean
// expect: writes_instead
//   acquisitions 2
//   dependencies 0
//   clean

#include <interlock/mutex.hpp>
#include <interlock/shared_mutex.hpp>

#include <cstdlib>
#include <string_view>
#include <system_error>
#include <thread>

#include "tests/programs/blocked.h"
#include "tests/programs/hand_over.h"

namespace {

constinit interlock::fair_shared_mutex a{"a"};
constinit interlock::shared_mutex b{"b"};

interlock::mutex c{"c"};
int upgrader;

void read_then_upgrade() {
    a.lock_shared();
    a.upgrade();
    a.unlock();
}

/// Two readers are in and both want to write: the first waits, the second is told so.
void upgrade_both(bool tries) {
    a.lock_shared();
    std::thread first([] {
        a.lock_shared();
        say_thread(&upgrader);
        a.upgrade();
        a.unlock();
    });
    await_blocked(&upgrader);
    if (tries) {
        if (a.try_upgrade()) std::abort();
    } else {
        try {
            a.upgrade();
        } catch (const std::system_error&) {
        }
    }
    a.unlock_shared();
    first.join();
}

template <typename Function>
void in_turn(Function function) {
    std::thread one([&] {
        function();
        give_turn(1);
    });
    std::thread other([&] {
        await_turn(1);
        function();
    });
    one.join();
    other.join();
}

void c_then_upgrade() {
    const std::lock_guard outer(c);
    a.lock_shared();
    a.upgrade();
    a.unlock();
}
void read_then_c() {
    const std::shared_lock reads(a);
    const std::lock_guard inner(c);
}
void c_then_read() {
    const std::lock_guard outer(c);
    const std::shared_lock reads(a);
}

}  // namespace

int main(int count, char** words) {
    const std::string_view how = count == 2 ? words[1] : "";
    if (how == "inverted" || how == "both_read") {
        std::thread one([] {
            {
                const std::shared_lock reads(a);
                const std::lock_guard writes(b);
            }
            give_turn(1);
        });
        std::thread other([&] {
            await_turn(1);
            const std::shared_lock reads(b);
            if (how == "inverted") const std::lock_guard writes(a);
            if (how == "both_read") const std::shared_lock reads_too(a);
        });
        one.join();
        other.join();
    }
    if (how == "upgrade_inverted" || how == "upgrade_in_order") {
        std::thread one([] {
            c_then_upgrade();
            give_turn(1);
        });
        std::thread other([&] {
            await_turn(1);
            (how == "upgrade_inverted" ? read_then_c : c_then_read)();
        });
        one.join();
        other.join();
    }
    if (how == "two_upgrade") upgrade_both(false);
    if (how == "one_tries_to_upgrade") upgrade_both(true);
    if (how == "two_upgrade_in_turn") in_turn(read_then_upgrade);
    if (how == "writes_instead") in_turn([] { const std::lock_guard writes(a); });
    if (how == "upgrade") {
        a.lock_shared();
        a.upgrade();
        a.downgrade();
        a.unlock_shared();
    }
    return 0;
}
