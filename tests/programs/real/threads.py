"""The Python program of the real-programs test: threads, locks, a queue, conditions and a pool, with one possible output."""
import concurrent.futures
import queue
import threading

COUNT = 200


def main():
    jobs, lock, sums = queue.Queue(maxsize=8), threading.Lock(), {"all": 0}
    ready = threading.Condition()
    started = []

    def work():
        with ready:
            started.append(threading.get_ident())
            ready.notify_all()
        while (item := jobs.get()) is not None:
            with lock:
                sums["all"] += item
            jobs.task_done()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    with ready:
        ready.wait_for(lambda: len(started) == len(workers))
    for item in range(COUNT):
        jobs.put(item)
    jobs.join()
    for _ in workers:
        jobs.put(None)
    for worker in workers:
        worker.join()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        squares = sum(pool.map(lambda item: item * item, range(COUNT)))
    print(sums["all"], squares, len(started))


main()
