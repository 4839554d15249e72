// An event loop with posted, delayed and I/O-ready work.
//
//      event_loop            each handler does little
//      event_loop blocking   one keeps the loop longer than the bound of 20 ms: all others wait meanwhile
//
// expect:
//   stdout posted
//   stdout read 5 bytes
//   stdout delayed
//   acquisitions 0
//   dependencies 0
//   clean
// expect: blocking
//   stdout posted
//   stdout read 5 bytes
//   stdout delayed
//   acquisitions 0
//   dependencies 0
//   finding handler-overrun observed locks=loop functions=main

#include <interlock/event_loop.hpp>

#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <thread>

int main(int count, char** words) {
    using namespace std::chrono_literals;
    const bool blocking = count == 2 && std::string_view(words[1]) == "blocking";
    interlock::event_loop loop{"loop", blocking ? 20ms : std::chrono::milliseconds(1h)};
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return 1;
    loop.watch(ends[0], EPOLLIN, [&](std::uint32_t) {
        std::array<char, 16> bytes{};
        std::printf("read %zd bytes\n", read(ends[0], bytes.data(), bytes.size()));
        loop.unwatch(ends[0]);
        loop.post_after(1ms, [&] {
            std::puts("delayed");
            loop.stop();
        });
    });
    loop.post([&] {
        std::puts("posted");
        if (blocking) std::this_thread::sleep_for(30ms);
        if (write(ends[1], "hello", 5) != 5) loop.stop();
    });
    loop.run();
    close(ends[0]);
    close(ends[1]);
}
