"""Two threads, two locks, opposite orders: hangs, and prints "ready" once both threads are about to."""
import sys
import threading

first, second = threading.Lock(), threading.Lock()
held = threading.Barrier(3)


def hold_and_want(own, other):
    own.acquire()
    held.wait()
    other.acquire()


threading.Thread(target=hold_and_want, args=(first, second), daemon=True).start()
threading.Thread(target=hold_and_want, args=(second, first), daemon=True).start()
held.wait()
print("ready", flush=True)
sys.stdin.read()
