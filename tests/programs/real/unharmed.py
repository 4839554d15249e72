#!/usr/bin/python3
"""Programs that people run every day, under load, alone and under `interlock record` and `interlock run`: the same results.
Loopback only, bounded load. TAP.

Each scenario is a function that runs a command line in front of its program ([] alone) and returns everything that a user
would see of it; the comparison is done here, once. A recorded run must also have seen the program's locks.
"""
import argparse
import hashlib
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
import report_json  # noqa: E402  (found beside the folder of programs)

SECONDS_MAX = 120
CLIENTS = 4
KEYS = 500


def some_bytes(count):
    """Neither constant nor random: something that compresses a little."""
    source = random.Random(7)
    return b"".join(source.choice((b"lock ", b"wait ", b"hold ", b"\x00", bytes([source.randrange(256)])))
                    for _ in range(count // 3))


def without_ours(stderr):
    """A program's messages, those of interlock itself apart."""
    return b"".join(line for line in stderr.splitlines(keepends=True) if not line.startswith(b"interlock: "))


def pbzip2(front, folder):
    """Compresses and expands again, with four threads and small blocks."""
    plain, packed = folder / "plain", folder / "plain.bz2"
    plain.write_bytes(some_bytes(3_000_000))
    shrink = subprocess.run([*front("shrink"), "pbzip2", "-p4", "-b1", "-1", "-k", "-f", plain], capture_output=True, check=False,
                            timeout=SECONDS_MAX)
    digest = hashlib.sha256(packed.read_bytes()).hexdigest() if packed.exists() else "nothing"
    plain.unlink()
    grow = subprocess.run([*front("grow"), "pbzip2", "-p4", "-d", "-f", packed], capture_output=True, check=False,
                          timeout=SECONDS_MAX)
    back = plain.exists() and plain.read_bytes() == some_bytes(3_000_000)
    return [shrink.returncode, shrink.stdout, without_ours(shrink.stderr), digest, grow.returncode, grow.stdout,
            without_ours(grow.stderr), back]


def python(front, folder):
    done = subprocess.run([*front("python"), sys.executable, HERE / "threads.py"], capture_output=True, check=False,
                          timeout=SECONDS_MAX, cwd=folder)
    return [done.returncode, done.stdout, without_ours(done.stderr)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port, process):
    """A connection once the server listens. Bounded by the server's own life and a deadline."""
    end = time.monotonic() + SECONDS_MAX
    while process.poll() is None and time.monotonic() < end:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX)
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise RuntimeError(f"the server does not listen (status {process.poll()})")


def ask(stream, *lines, answers=1):
    stream.write(b"".join(line + b"\r\n" for line in lines))
    stream.flush()
    return [stream.readline() for _ in range(answers)]


def memcached_client(port, process, number, told):
    with connect(port, process) as connection, connection.makefile("rwb") as stream:
        mine = []
        for key in range(KEYS):
            name = b"client%d-%d" % (number, key)
            mine += ask(stream, b"set %s 0 0 %d" % (name, len(name)), name)
            mine += ask(stream, b"get " + name, answers=3)
            mine += ask(stream, b"incr shared 1")
        told[number] = [line for line in mine if not line.strip().isdigit()]


def redis_client(port, process, number, told):
    with connect(port, process) as connection, connection.makefile("rwb") as stream:
        mine = []
        for key in range(0, KEYS, 10):
            lines = [b"SET client%d-%d value%d\r\nINCR shared" % (number, key + i, key + i) for i in range(10)]
            mine += ask(stream, *lines, answers=20)
            mine += ask(stream, *(b"GET client%d-%d" % (number, key + i) for i in range(10)), answers=20)
        told[number] = [line for line in mine if not line.startswith(b":")]


def load(client, port, process):
    """What each of the clients was told, all of them at once."""
    told = {}
    clients = [threading.Thread(target=client, args=(port, process, number, told)) for number in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return [told.get(number) for number in range(CLIENTS)]


def serve(command, folder, client, before, after, stop):
    """Runs a server on a port of its own under load, and ends it by its own command."""
    port = free_port()
    messages = folder / "messages"
    with messages.open("wb") as said:
        process = subprocess.Popen([*command, str(port)], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
    try:
        with connect(port, process) as connection, connection.makefile("rwb") as stream:
            first = ask(stream, *before)
            told = load(client, port, process)
            last = ask(stream, after[0], answers=after[1])
            stream.write(stop + b"\r\n")
            stream.flush()
            status = process.wait(timeout=SECONDS_MAX)
            return [first, told, last, status, without_ours(messages.read_bytes())]
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def memcached(front, folder):
    return serve([*front("memcached"), "memcached", "-A", "-u", "nobody", "-t", "4", "-U", "0", "-l", "127.0.0.1", "-p"], folder,
                 memcached_client, (b"set shared 0 0 1", b"0"), (b"get shared", 3), b"shutdown")


def redis(front, folder):
    return serve([*front("redis"), "redis-server", "--io-threads", "2", "--io-threads-do-reads", "yes", "--save", "",
                  "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder), "--port"], folder,
                 redis_client, (b"SET shared 0",), (b"GET shared", 2), b"SHUTDOWN NOSAVE")


SCENARIOS = {"pbzip2": pbzip2, "memcached": memcached, "redis-server": redis, "python": python}


def front_of(interlock, way, folder):
    """What stands in front of a program's command line."""
    def front(name):
        if way == "alone":
            return []
        if way == "record":
            return [interlock, "record", "-o", folder / f"{name}.ilk", "--"]
        return [interlock, "run", "--fail-on", "never", "--format", "json", "--report", folder / f"{name}.json", "--"]
    return front


def recorder_dead(folder):
    """Whether a recorded run did not see the program's locks."""
    reports = [report_json.read(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    seen = [sum(log.get("acquisitions", 0) for log in report["logs"]) for report in reports]
    return not reports or 0 in seen


def differences(scenario, interlock):
    results = {}
    for way in ("alone", "record", "run"):
        with tempfile.TemporaryDirectory(prefix="interlock-real.") as folder:
            folder = pathlib.Path(folder)
            folder.chmod(0o777)
            results[way] = scenario(front_of(interlock, way, folder), folder)
            if way == "run" and recorder_dead(folder):
                yield "run: the report knows of no acquisition"
    for way in ("record", "run"):
        for mine, alone in zip(results[way], results["alone"]):
            if mine != alone:
                yield f"{way}: {str(mine)[:300]}, alone {str(alone)[:300]}"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--interlock", type=lambda given: pathlib.Path(given).resolve(), required=True)
    options.add_argument("--only")
    called = options.parse_args()
    chosen = {name: what for name, what in SCENARIOS.items() if called.only in (None, name)}
    print(f"1..{len(chosen)}", flush=True)
    bad = 0
    for number, (name, scenario) in enumerate(chosen.items(), 1):
        try:
            missing = name != "python" and shutil.which(name) is None
            found = [f"{name} is not installed"] if missing else list(differences(scenario, called.interlock.absolute()))
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as reason:
            found = [str(reason)]
        bad += bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - {name} gives the same results recorded")
        for line in found:
            print(f"# {line}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
