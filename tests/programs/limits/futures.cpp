// A future that is ready when it is asked: nothing of it is a call that could be seen.
#include <future>

int main() {
    std::promise<int> promise;
    promise.set_value(1);
    return promise.get_future().get() - 1;
}
