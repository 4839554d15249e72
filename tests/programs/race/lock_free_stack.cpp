// A Treiber stack: a node's content is published by the push.
#include <atomic>

#include "tests/programs/race/both.hpp"

struct node {
    int value;
    node* next;
};
static std::atomic<node*> top{nullptr};

int main() {
    both(
        [] {
            for (int i = 0; i < 20; ++i) {
                auto* fresh = new node{i, top.load(std::memory_order_relaxed)};
                while (!top.compare_exchange_weak(fresh->next, fresh,
                                                  racy ? std::memory_order_relaxed : std::memory_order_release,
                                                  std::memory_order_relaxed)) {
                }
            }
        },
        [] {
            for (int taken = 0; taken < 20;) {
                node* all = top.exchange(nullptr, std::memory_order_acquire);
                for (; all != nullptr; ++taken) {
                    if (all->value < 0) __builtin_trap();
                    node* next = all->next;
                    delete all;
                    all = next;
                }
                std::this_thread::yield();
            }
        });
}
