"""The work of berth-bench's first rows on huey: SQLite in WAL mode, synced at every commit.

    python3 -m venv .build/huey && .build/huey/bin/pip install huey==3.5.4
    .build/huey/bin/python Benchmarks/huey/bench.py [--runs 20000] [--rounds 3] [--processes 2]

huey keeps no history and gives a task to a process at most once; nothing else it offers is closer to what a drain of
pending runs is here. Its consumer imports this file for the tasks below.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from huey import SqliteHuey

HOME = os.environ.get("HUEY_BENCH_HOME", tempfile.gettempdir())
COUNTER = os.path.join(HOME, "counter")
CLOCK = os.path.join(HOME, "clock")
huey = SqliteHuey("bench", filename=os.path.join(HOME, "huey.db"), fsync=True, journal_mode="wal")


@huey.task()
def count(params):
    """One byte more in a file for each run: its size is the count."""
    if not hasattr(count, "file"):
        count.file = os.open(COUNTER, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(count.file, b".")


@huey.task()
def clock(params):
    """Its first instruction."""
    now = time.monotonic_ns()
    with open(CLOCK + ".part", "w") as file:
        file.write(str(now))
    os.rename(CLOCK + ".part", CLOCK)


def counted():
    try:
        return os.stat(COUNTER).st_size
    except FileNotFoundError:
        return 0


def wait(until):
    deadline = time.monotonic() + 120
    while not until():
        if time.monotonic() > deadline:
            sys.exit("huey does not get on")
        time.sleep(0.0005)


def cpu(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def consumer(options):
    words = [sys.executable, "-m", "huey.bin.huey_consumer", "bench.huey", "-k", "process", "-w",
             str(options.processes), "-d", "0.001", "-m", "0.01", "-q"]
    here = os.path.dirname(os.path.abspath(__file__))
    return subprocess.Popen(words, cwd=here, stderr=subprocess.DEVNULL,
                            env={**os.environ, "HUEY_BENCH_HOME": HOME, "PYTHONPATH": here})


def end(process):
    process.send_signal(2)
    process.wait(60)


def enqueue(runs, callers):
    """Runs per second, each call returning when its run is on disk."""
    def call():
        for _ in range(runs // callers):
            count({"x": "y" * 90})

    threads = [threading.Thread(target=call) for _ in range(callers)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return runs // callers * callers / (time.monotonic() - start)


def drain(options, pending):
    """From the first run to the last; and what the consumer used, from its start to its end."""
    before = cpu(resource.RUSAGE_CHILDREN)
    process = consumer(options)
    wait(lambda: counted() > 0)
    first, start = counted(), time.monotonic()
    wait(lambda: counted() >= pending)
    seconds = time.monotonic() - start
    end(process)
    used = cpu(resource.RUSAGE_CHILDREN) - before
    if counted() != pending:
        sys.exit(f"{counted()} of {pending} runs were counted")
    return (pending - first) / seconds, used / pending * 1000


def latency(options):
    """Microseconds from the call to the first instruction of the task, on a host that is idle."""
    process = consumer(options)
    readings = []
    for number in range(220):
        start = time.monotonic_ns()
        clock({})
        wait(lambda: os.path.exists(CLOCK))
        with open(CLOCK) as file:
            readings.append((int(file.read()) - start) / 1000)
        os.unlink(CLOCK)
    end(process)
    return sorted(readings[20:])


def row(what, values, digits=0):
    print(f"| {what} | {statistics.median(values):.{digits}f} | {min(values):.{digits}f}–{max(values):.{digits}f} |")


def measure(options):
    one, many, drained, used = [], [], [], []
    for _ in range(options.rounds):
        huey.storage.flush_queue()
        if os.path.exists(COUNTER):
            os.unlink(COUNTER)
        one.append(enqueue(options.runs // 2, 1))
        many.append(enqueue(options.runs // 2, 64))
        rate, seconds = drain(options, huey.storage.queue_size())
        drained.append(rate)
        used.append(seconds)
    delays = latency(options)
    print("| huey, SQLite, FULL | Median | Spread |\n| --- | --- | --- |")
    row(f"drain, {options.processes} processes, runs/s", drained)
    row("CPU seconds per 1,000 runs drained", used, 4)
    row("enqueue, one caller, runs/s", one)
    row("enqueue, 64 threads, runs/s", many)
    print(f"| enqueue → first instruction, p50 µs | {delays[len(delays) // 2]:.0f} | |")
    print(f"| enqueue → first instruction, p99 µs | {delays[int(len(delays) * 0.99)]:.0f} | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    measure(parser.parse_args())


if __name__ == "__main__":
    if "HUEY_BENCH_HOME" in os.environ:
        # As the consumer imports it, so that both call the tasks by the same names.
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import bench
        bench.main()
    else:
        with tempfile.TemporaryDirectory(dir=".") as home:
            os.environ["HUEY_BENCH_HOME"] = os.path.abspath(home)
            sys.exit(subprocess.call([sys.executable] + sys.argv))
