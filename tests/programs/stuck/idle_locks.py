#!/usr/bin/python3
"""Python's locks are semaphores below, and its events, futures, queues and conditions wait for a lock that they have taken
themselves, until somebody else gives it back."""
# idles: event
# idles: event-of-a-handler
# idles: future
# idles: queue
# idles: lock-as-signal
import concurrent.futures
import ctypes
import queue
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
LONG = 600
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def later(what):
    """A thread that does it, long after all is over."""
    def run():
        time.sleep(LONG)
        what()
    threading.Thread(target=run, daemon=True).start()


def event():
    happened = threading.Event()
    later(happened.set)
    happened.wait()


def event_of_a_handler():
    happened = threading.Event()
    signal.signal(signal.SIGALRM, lambda *_: happened.set())
    signal.alarm(LONG)
    happened.wait()


def future():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, LONG).result()


def queue_():
    jobs = queue.Queue()
    later(lambda: jobs.put(1))
    jobs.get()


def lock_as_signal():
    ready = threading.Lock()
    ready.acquire()
    later(ready.release)
    ready.acquire()


CASES = {"event": event, "event-of-a-handler": event_of_a_handler, "future": future, "queue": queue_, "lock-as-signal": lock_as_signal}
CASES[sys.argv[1]]()
