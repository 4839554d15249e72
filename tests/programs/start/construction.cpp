// An inversion while the program is built up: static constructors lock one way before main, threads the other way later. No
// thread but main can have been there: ordered.
//
// expect: inverted
//   acquisitions 6
//   dependencies 3
//   finding lock-order-cycle ordered edges=2 locks=registry,table functions=service,work
// expect: agreed
//   acquisitions 6
//   dependencies 3
//   clean

#include <mutex>
#include <string_view>
#include <thread>

namespace {

std::mutex registry;
std::mutex table;

struct service {
    service() {
        const std::lock_guard held(registry);
        const std::lock_guard wanted(table);
    }
};

const service early;

void work(std::mutex& first, std::mutex& second) {
    const std::lock_guard held(first);
    const std::lock_guard wanted(second);
}

}  // namespace

int main(int count, char** words) {
    const bool agreed = count == 2 && std::string_view(words[1]) == "agreed";
    std::thread one([agreed] { agreed ? work(registry, table) : work(table, registry); });
    std::thread other([agreed] { agreed ? work(registry, table) : work(table, registry); });
    one.join();
    other.join();
    return 0;
}
