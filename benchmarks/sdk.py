"""What a log call costs a job, beside what else it could use, in one run.

    python benchmarks/sdk.py [--rounds N] [--seconds N] [--only calls|rates|import]

calls    One call at a time, the clock read around each: median, p99 and p99.9. In the median the
         clock's own cost is taken off; p99 and p99.9 are as measured. Rounds are interleaved; the
         median over the rounds is shown, for the tails too; `best` is the quietest round's median,
         where other programs share the machine. `paced` is a job that pauses for half
         a millisecond after every 50 calls, so that a background thread gets its turn.
rates    A producer works for so long at a fixed rate, with and without logging: how much longer the
         same work takes it, how much its memory grows, and how many entries are in the outbox
         afterwards against those that were said. The work is a loop that takes half of the time
         between two entries.
import   A fresh interpreter each time: until `import tasktrail` is done, and until the names are.

Everything is written to files of a fresh directory. Nothing is synced but where `durable` says so.
"""

import argparse
import gc
import json
import logging
import logging.handlers
import os
import queue
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from loguru import logger as loguru

import tasktrail

MESSAGE = "cloning the repository"
CALLS = 20_000
FEW_CALLS = 300  # where each waits for a disk
PAUSE_EVERY, PAUSE_SECONDS = 50, 0.0005

Call = Callable[[], object]


class Dut:
    """One way to log: what is called, and how often in a round."""

    def __init__(self, name: str, call: Call, *, calls: int = CALLS, paced: bool = False) -> None:
        self.name, self.call, self.calls, self.paced = name, call, calls, paced
        self.rounds: list[tuple[float, float, float]] = []

    def run(self) -> None:
        """One round."""
        took = [0] * self.calls
        call, clock, paced = self.call, time.perf_counter_ns, self.paced
        gc.collect()
        for n in range(self.calls):
            begin = clock()
            call()
            took[n] = clock() - begin
            if paced and n % PAUSE_EVERY == 0:
                time.sleep(PAUSE_SECONDS)
        took.sort()
        self.rounds.append((took[len(took) // 2], at(took, 0.99), at(took, 0.999)))

    def figures(self) -> tuple[float, ...]:
        """Median, p99 and p99.9: of each the middle of the rounds."""
        return tuple(statistics.median(column) for column in zip(*self.rounds, strict=True))


def at(values: list[int], share: float) -> float:
    """The value below which that share of the sorted values is."""
    return values[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def everyone(folder: Path) -> Iterator[list[Dut]]:
    """All ways to log, ready."""
    clients: list[tasktrail.Client] = []

    def ours(name: str, **mode: Any) -> tasktrail.TaskLogger:  # noqa: ANN401 - as connect takes it
        client = tasktrail.connect(folder / name, level="info", **mode)
        clients.append(client)
        return client.task("bench").logger

    buffered, through = ours("buffered", buffered=True), ours("through")
    durable = ours("durable", durable=True)
    stdlib, queued = file_logger(folder / "file.log"), queue_logger(folder / "queue.log")
    structured = struct_logger(folder / "struct.log")
    loguru.remove()
    loguru.add(folder / "loguru.log", level="INFO", format="{time} {level} {message}")
    yield [
        Dut("(nothing)", lambda: None),
        Dut("tasktrail buffered", lambda: buffered.info(MESSAGE)),
        Dut("tasktrail buffered, paced", lambda: buffered.info(MESSAGE), paced=True),
        Dut("tasktrail buffered, 2 fields", lambda: buffered.info(MESSAGE, repo="acme", n=3)),
        Dut("tasktrail write-through", lambda: through.info(MESSAGE)),
        Dut("tasktrail write-through, paced", lambda: through.info(MESSAGE), paced=True),
        Dut("tasktrail write-through, 2 fields", lambda: through.info(MESSAGE, repo="acme", n=3)),
        Dut("tasktrail durable", lambda: durable.info(MESSAGE), calls=FEW_CALLS),
        Dut("tasktrail disabled level", lambda: through.debug(MESSAGE)),
        Dut("logging FileHandler", lambda: stdlib.info(MESSAGE)),
        Dut("logging QueueHandler", lambda: queued.info(MESSAGE)),
        Dut("logging disabled level", lambda: stdlib.debug(MESSAGE)),
        Dut("structlog, JSON to a file", lambda: structured.info(MESSAGE)),
        Dut("loguru, to a file", lambda: loguru.info(MESSAGE)),
    ]
    for client in clients:
        client.close()
    loguru.remove()


def file_logger(path: Path) -> logging.Logger:
    """The standard library, to a file."""
    one = logging.Logger("bench.file", logging.INFO)  # noqa: LOG001 - of no tree
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    one.addHandler(handler)
    return one


def queue_logger(path: Path) -> logging.Logger:
    """The standard library, to a queue whose thread writes a file."""
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    one = logging.Logger("bench.queue", logging.INFO)  # noqa: LOG001 - of no tree
    one.addHandler(logging.handlers.QueueHandler(records))
    written = logging.FileHandler(path)
    logging.handlers.QueueListener(records, written).start()
    return one


def struct_logger(path: Path) -> Any:  # noqa: ANN401 - structlog's logger
    """structlog as its documentation makes it fast: bytes of JSON to a file."""
    return structlog.wrap_logger(
        structlog.WriteLogger(path.open("w")),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()


def show_calls(folder: Path, rounds: int) -> None:
    """The table of calls."""
    with everyone(folder) as ways:
        for _ in range(rounds):
            for way in ways:
                way.run()
        clock = ways[0].figures()[0]
        print(f"\n{'one call':36}{'best':>9}{'median':>12}{'p99':>12}{'p99.9':>12}   (ns)")
        for way in ways:
            median, *tails = way.figures()
            shown = median if way is ways[0] else median - clock
            best = min(median for median, *_ in way.rounds) - min(one[0] for one in ways[0].rounds)
            figures = "".join(f"{tail:12,.0f}" for tail in tails)
            print(f"{way.name:36}{best:9,.0f}{shown:12,.0f}{figures}")


def work_of(rate: int) -> range:
    """What a job has to add up before each entry, to be busy for half of its time."""
    took = []
    for _ in range(20):
        begin = time.perf_counter()
        sum(range(100_000))
        took.append(time.perf_counter() - begin)
    return range(int(100_000 / min(took) / rate / 2))


def produce(
    rate: int, seconds: float, work: range, say: Callable[[int], object]
) -> tuple[float, float, int]:
    """The time in its own work and calls, by clock and by processor, and how many were said.

    Ten times a millisecond's share, then a pause until the next one is due.
    """
    batch = max(1, rate // 100)
    busy, said, cpu = 0.0, 0, time.process_time()
    start = due = time.perf_counter()
    while due < start + seconds:
        begin = time.perf_counter()
        for _ in range(batch):
            sum(work)
            say(said)
            said += 1
        busy += time.perf_counter() - begin
        due += batch / rate
        time.sleep(max(0.0, due - time.perf_counter()))
    return busy, time.process_time() - cpu, said


def show_rates(folder: Path, seconds: float | None) -> None:
    """The table of rates."""
    print(f"\n{'rate':34}{'slower':>9}{'cpu':>9}{'memory':>10}{'said':>10}{'lacking':>9}")
    for rate, long in ((1_000, 60.0), (50_000, 10.0)):
        for mode in ({"buffered": True}, {}):
            show_rate(folder, rate, seconds or long, mode)


def show_rate(folder: Path, rate: int, seconds: float, mode: dict[str, bool]) -> None:
    """One row: with and without logging, in turns."""
    root = folder / f"rate-{rate}-{'-'.join(mode)}"
    client = tasktrail.connect(root, **mode)  # type: ignore[arg-type]
    logger = client.task("bench").logger
    plain, logged = [0.0, 0.0], [0.0, 0.0]
    said, peak = 0, []
    turns, work = 4, work_of(rate)
    for _ in range(turns):
        part = produce(rate, seconds / turns, work, lambda _: None)
        plain = [plain[0] + part[0], plain[1] + part[1]]
        part = produce(rate, seconds / turns, work, lambda _: logger.info(MESSAGE))
        logged, said = [logged[0] + part[0], logged[1] + part[1]], said + part[2]
        peak.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    client.close()
    kept = sum(path.read_bytes().count(b"\n") for path in (root / "outbox").glob("*.jsonl"))
    name = f"{rate:,}/s for {seconds:.0f} s, {'-'.join(mode) or 'write-through'}"
    print(
        f"{name:34}{100 * (logged[0] / plain[0] - 1):8.1f}%{100 * (logged[1] / plain[1] - 1):8.1f}%"
        f"{(peak[-1] - peak[0]) / 1024:7.1f} MB{said:10,}{said - kept:9,}"
    )


def show_import(rounds: int) -> None:
    """How long a fresh interpreter needs, without its own start."""
    programs = {
        "import tasktrail": "import tasktrail",
        "and every public name of a job": "import tasktrail; tasktrail.connect",
        "import msgspec": "import msgspec",
        "import logging": "import logging",
    }
    print(f"\n{'fresh interpreter':36}{'median':>12}   (ms)")
    for name, program in programs.items():
        timed = f"import time; t = time.perf_counter()\n{program}\nprint(time.perf_counter() - t)"
        took = [
            float(
                subprocess.run(
                    [sys.executable, "-c", timed], capture_output=True, check=True
                ).stdout
            )
            for _ in range(rounds * 3)
        ]
        print(f"{name:36}{1000 * statistics.median(took):12.1f}")


def main() -> None:
    """The tables that were asked for."""
    parser = argparse.ArgumentParser(description="what a log call costs a job")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, help="of each rate, instead of 60 and 10")
    parser.add_argument("--only", choices=["calls", "rates", "import"])
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tasktrail-bench-"))
    print(json.dumps({"python": sys.version.split()[0], "load": os.getloadavg()[0]}))
    if chosen.only in {None, "calls"}:
        show_calls(folder, chosen.rounds)
    if chosen.only in {None, "rates"}:
        show_rates(folder, chosen.seconds)
    if chosen.only in {None, "import"}:
        show_import(chosen.rounds)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
    os._exit(0)  # the queue's thread would be waited for
