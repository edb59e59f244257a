"""What a log call costs a job, beside what else it could use, in one run.

    python benchmarks/sdk.py [--only calls|rates|import] [--quick] [--rounds N] [--seconds N]

calls    One call at a time, the clock read before and after it; right before it a call of nothing
         is timed in the same way, and its median is taken off: what is left is what the call adds.
         Rounds are short and take turns. `median` is that of all calls of all rounds, `best` that
         of the quietest round: on a machine that others use, processors are half as fast for
         moments, and only a round that fell between them tells what the code costs. p99 and p99.9
         are of all calls, as measured, clock included. Python's collector runs as in any job.
         `paced` is a job that pauses for half a millisecond after every 50 calls, so that a
         background thread gets its turn; `in a stage` one that names what it is at.
rates    A producer at a fixed rate, with and without logging, in turns of at most half a second (of
         three at the low rate): how much longer the same work takes it than in the silent turn
         beside it, at the middle of the turns and in all of them, how much more of the processor,
         how much its memory grows between the first turns and the last, and how many entries stand
         in the trail at last, recorded by the installed command, against those that were said.
         `half busy`: its own work takes half of the time between two entries, then it sleeps until
         the next are due; how much longer it is busy. `all busy`: its own work takes all of that
         time; how much later it is done.
import   A fresh interpreter each time: until `import tasktrail` is done, and until the names are.

Everything is written to files of a fresh directory. Nothing is synced but where `durable` says so.
All takes eight minutes, with --quick one.
"""

import argparse
import gc
import json
import logging
import logging.handlers
import math
import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from loguru import logger as loguru

import tasktrail

MESSAGE = "cloning the repository"
ROUNDS = 40
QUICK_ROUNDS = 8
CALLS = 2_000
FEW_CALLS = 30  # where each waits for a disk
PAUSE_EVERY, PAUSE_SECONDS = 50, 0.0005

SLOW_RATE = 1_000  # up to here another logger tells nothing
TURNS = 20

Call = Callable[[], object]


class Part(NamedTuple):
    """The time in a producer's work and calls, by clock and by processor, and how many it said."""

    busy: float
    cpu: float
    said: int


Produce = Callable[[int, float, range, Call], Part]


def nothing() -> None:
    """What is timed beside every call."""


class Dut:
    """One way to log: what is called, and how often in a round."""

    def __init__(
        self,
        name: str,
        call: Call,
        *,
        calls: int = CALLS,
        paced: bool = False,
        stage_of: tasktrail.TaskContext | None = None,
    ) -> None:
        self.name, self.call, self.calls, self.paced = name, call, calls, paced
        self._stage_of = stage_of
        self.best = math.inf
        self.idle, self.took = array("q"), array("q")  # of all rounds; no object for each

    def run(self) -> None:
        """One round."""
        with nullcontext() if self._stage_of is None else self._stage_of.stage("clone"):
            self._run()

    def _run(self) -> None:
        idle, took = (array("q", bytes(8 * self.calls)) for _ in range(2))
        call, clock, paced = self.call, time.perf_counter_ns, self.paced
        gc.collect()
        for n in range(self.calls):
            begin = clock()
            nothing()
            between = clock()
            call()
            took[n] = clock() - between
            idle[n] = between - begin
            if paced and n % PAUSE_EVERY == 0:
                time.sleep(PAUSE_SECONDS)
        self.best = min(self.best, statistics.median(took) - statistics.median(idle))
        self.idle += idle
        self.took += took

    def figures(self) -> tuple[float, ...]:
        """The quietest round's median, that of all calls, p99 and p99.9."""
        took = sorted(self.took)
        median = statistics.median(took) - statistics.median(self.idle)
        return self.best, median, at(took, 0.99), at(took, 0.999)


def at(values: list[int], share: float) -> float:
    """The value below which that share of the sorted values is."""
    return values[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def everyone(folder: Path) -> Iterator[list[Dut]]:
    """All ways to log, ready."""
    clients: list[tasktrail.Client] = []

    def task(name: str, **mode: Any) -> tasktrail.TaskContext:  # noqa: ANN401 - as connect takes it
        client = tasktrail.connect(folder / name, level="info", **mode)
        clients.append(client)
        return client.task("bench")

    buffered_task = task("buffered", buffered=True)
    buffered, through = buffered_task.logger, task("through").logger
    durable = task("durable", durable=True).logger
    idle = Idle()
    stdlib, queued = file_logger(folder / "file.log"), queue_logger(folder / "queue.log")
    structured = struct_logger(folder / "struct.log")
    loguru.remove()
    loguru.add(folder / "loguru.log", level="INFO", format="{time} {level} {message}")
    yield [
        Dut("(nothing more)", lambda: None),
        Dut("(a method that does nothing)", lambda: idle.info(MESSAGE)),
        Dut("tasktrail buffered", lambda: buffered.info(MESSAGE)),
        Dut("tasktrail buffered, paced", lambda: buffered.info(MESSAGE), paced=True),
        Dut(
            "tasktrail buffered, in a stage", lambda: buffered.info(MESSAGE), stage_of=buffered_task
        ),
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


class Idle:
    """What Python takes for a call such as ours."""

    def info(self, message: object = "", /, *args: object, **fields: object) -> None:
        """Nothing."""


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
        print(f"\n{'one call':36}{'best':>9}{'median':>12}{'p99':>12}{'p99.9':>12}   (ns)")
        for way in ways:
            best, *others = way.figures()
            print(f"{way.name:36}{best:9,.0f}" + "".join(f"{one:12,.0f}" for one in others))


def work_of(rate: int) -> range:
    """What a job has to add up before each entry, to be busy for half of its time.

    Weighed at its own size, for a long sum takes longer for each number, and for a second, so that
    a moment at which the processor is all ours is among it.
    """
    wanted, count = 0.5 / rate, 10_000
    for repeat in (100, 100, max(100, int(0.1 / wanted))):
        took = min(timeit.repeat(partial(sum, range(count)), number=10, repeat=repeat)) / 10
        count = int(count * wanted / took)
    return range(count)


def half_busy(rate: int, seconds: float, work: range, say: Call) -> Part:
    """Works and speaks for a hundredth of a second, then pauses until more is due."""
    batch = max(1, rate // 100)
    busy, said, cpu = 0.0, 0, time.process_time()
    start = due = time.perf_counter()
    while due < start + seconds:
        begin = time.perf_counter()
        for _ in range(batch):
            sum(work)
            say()
            said += 1
        busy += time.perf_counter() - begin
        due += batch / rate
        time.sleep(max(0.0, due - time.perf_counter()))
    return Part(busy, time.process_time() - cpu, said)


def all_busy(rate: int, seconds: float, work: range, say: Call) -> Part:
    """Works all the time between two entries."""
    count, cpu, begin = int(rate * seconds), time.process_time(), time.perf_counter()
    for _ in range(count):
        sum(work)
        sum(work)
        say()
    return Part(time.perf_counter() - begin, time.process_time() - cpu, count)


def show_rates(folder: Path, seconds: float | None) -> None:
    """The table of rates."""
    names = f"{'slower':>9}{'in all':>9}{'cpu':>9}{'memory':>10}{'said':>10}{'lacking':>9}"
    print(f"\n{'rate':30}{'':24}{names}", flush=True)
    for rate, long, shape in (
        (1_000, 60.0, half_busy),
        (50_000, 10.0, half_busy),
        (50_000, 10.0, all_busy),
    ):
        show_rate(folder / f"{rate}-{shape.__name__}", rate, seconds or long, shape)


def show_rate(folder: Path, rate: int, seconds: float, produce: Produce) -> None:
    """The rows of one rate: each way in turns with the others, and with none."""
    folder.mkdir()
    ours = {
        "tasktrail buffered": tasktrail.connect(folder / "buffered", buffered=True),
        "tasktrail write-through": tasktrail.connect(folder / "through"),
    }
    calls: dict[str, Call] = {"(nothing)": lambda: None}
    for name, client in ours.items():
        calls[name] = partial(client.task("bench").logger.info, MESSAGE)
    if rate > SLOW_RATE:
        calls["logging FileHandler"] = partial(file_logger(folder / "file.log").info, MESSAGE)
    rows: dict[str, list[Part]] = {name: [] for name in calls}
    work, memory = work_of(rate), []
    for turn in range(TURNS):
        # There and back, so that what gets slower meanwhile is not taken for the call's doing.
        for name in (list(calls), list(reversed(calls)))[turn % 2]:
            rows[name].append(produce(rate, seconds / TURNS, work, calls[name]))
        memory.append(resident_bytes())
    for client in ours.values():
        client.close()
    silent = rows.pop("(nothing)")
    plain, grown = total(silent), (memory[-1] - memory[0]) / (1 << 20)
    shape = produce.__name__.replace("_", " ")
    for name, parts in rows.items():
        part = total(parts)
        middle = statistics.median(a.busy / b.busy for a, b in zip(parts, silent, strict=True))
        lacking = part.said - recorded(ours[name].home.target) if name in ours else None
        print(
            f"{f'{rate:,}/s for {seconds:.0f} s, {shape}':30}{name:24}"
            f"{100 * (middle - 1):8.1f}%{100 * (part.busy / plain.busy - 1):8.1f}%"
            f"{100 * (part.cpu / plain.cpu - 1):8.1f}%"
            f"{grown:7.1f} MB{part.said:10,}{'' if lacking is None else f'{lacking:9,}'}",
            flush=True,
        )


def total(parts: list[Part]) -> Part:
    """All turns of one way."""
    return Part(*(sum(column) for column in zip(*parts, strict=True)))


def resident_bytes() -> int:
    """How much memory this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def recorded(root: str) -> int:
    """How many entries are in the trail, once the command has recorded what the outboxes hold."""
    program = Path(sys.executable).with_name("tasktrail")
    command = [str(program), "--data", root, "log", "bench", "-n", "1"]
    subprocess.run(command, capture_output=True, check=True)
    channels = (Path(root) / "tasks" / "bench").glob("*.jsonl")
    return sum(path.read_bytes().count(b'"event_type":"task:log"') for path in channels)


def show_import(starts: int) -> None:
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
            for _ in range(starts)
        ]
        print(f"{name:36}{1000 * statistics.median(took):12.1f}")


def main() -> None:
    """The tables that were asked for."""
    parser = argparse.ArgumentParser(description="what a log call costs a job")
    parser.add_argument("--only", choices=["calls", "rates", "import"])
    parser.add_argument("--quick", action="store_true", help="few rounds, two seconds of each rate")
    parser.add_argument("--rounds", type=int, help=f"of calls, instead of {ROUNDS}")
    parser.add_argument("--seconds", type=float, help="of each rate, instead of 60 and 10")
    chosen = parser.parse_args()
    rounds = chosen.rounds or (QUICK_ROUNDS if chosen.quick else ROUNDS)
    folder = Path(tempfile.mkdtemp(prefix="tasktrail-bench-"))
    print(json.dumps({"python": sys.version.split()[0], "load": os.getloadavg()[0]}))
    if chosen.only in {None, "calls"}:
        show_calls(folder, rounds)
    if chosen.only in {None, "rates"}:
        show_rates(folder, chosen.seconds or (2.0 if chosen.quick else None))
    if chosen.only in {None, "import"}:
        show_import(5 if chosen.quick else 15)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
    os._exit(0)  # the queue's thread would be waited for
