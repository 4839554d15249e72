#!/usr/bin/python3
# Two locks of Python in opposite orders, and a sleep between. Nobody prepared it; threading.Lock is a semaphore below.
#
# hangs:
#   finding deadlock observed edges=2 locks=?,? threads=?,? no=none behind=main
import threading
import time


def take(first, second):
    with first:
        time.sleep(0.1)
        with second:
            pass


one, other = threading.Lock(), threading.Lock()
threads = [threading.Thread(target=take, args=pair, daemon=True) for pair in ((one, other), (other, one))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
