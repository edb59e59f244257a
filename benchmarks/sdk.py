"""What a log call costs a job, beside what else it could use, in one run.

    python benchmarks/sdk.py [--only calls|rates|import] [--quick] [--rounds N] [--seconds N]

calls    One call at a time, the clock read around each: median, p99 and p99.9. In the median the
         clock's own cost is taken off; p99 and p99.9 are as measured. Rounds are interleaved; the
         median over the rounds is shown, for the tails too; `best` is the quietest round's median,
         where other programs share the machine. `paced` is a job that pauses for half
         a millisecond after every 50 calls, so that a background thread gets its turn.
rates    A producer at a fixed rate, with and without logging, in turns: how much longer the same
         work takes it, by the clock and by the processor, how much its memory grows between the
         first turn and the last, and how many entries stand in the trail at last, recorded by the
         installed command, against those that were said. `half busy`: its own work takes half of
         the time between two entries, then it sleeps until the next are due; how much longer it is
         busy. `busy`: its own work takes all of that time; how much later it is done.
import   A fresh interpreter each time: until `import tasktrail` is done, and until the names are.

Everything is written to files of a fresh directory. Nothing is synced but where `durable` says so.
All takes six minutes, with --quick one.
"""

import argparse
import gc
import json
import logging
import logging.handlers
import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from loguru import logger as loguru

import tasktrail

MESSAGE = "cloning the repository"
CALLS = 20_000
FEW_CALLS = 300  # where each waits for a disk
PAUSE_EVERY, PAUSE_SECONDS = 50, 0.0005

SLOW_RATE = 1_000  # up to here another logger tells nothing
TURNS = 4

Call = Callable[[], object]


class Part(NamedTuple):
    """The time in a producer's work and calls, by clock and by processor, and how many it said."""

    busy: float
    cpu: float
    said: int


Produce = Callable[[int, float, range, Call], Part]


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
    idle = Idle()
    stdlib, queued = file_logger(folder / "file.log"), queue_logger(folder / "queue.log")
    structured = struct_logger(folder / "struct.log")
    loguru.remove()
    loguru.add(folder / "loguru.log", level="INFO", format="{time} {level} {message}")
    yield [
        Dut("(nothing)", lambda: None),
        Dut("(a method that does nothing)", lambda: idle.info(MESSAGE)),
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
    title = f"\n{'rate':30}{'':24}{'slower':>9}{'cpu':>9}{'memory':>10}{'said':>10}{'lacking':>9}"
    print(title, flush=True)
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
    for _ in range(TURNS):
        for name, call in calls.items():
            rows[name].append(produce(rate, seconds / TURNS, work, call))
        memory.append(resident_bytes())
    for client in ours.values():
        client.close()
    plain, grown = total(rows.pop("(nothing)")), (memory[-1] - memory[0]) / (1 << 20)
    shape = produce.__name__.replace("_", " ")
    for name, parts in rows.items():
        part = total(parts)
        lacking = part.said - recorded(ours[name].home.target) if name in ours else None
        print(
            f"{f'{rate:,}/s for {seconds:.0f} s, {shape}':30}{name:24}"
            f"{100 * (part.busy / plain.busy - 1):8.1f}%{100 * (part.cpu / plain.cpu - 1):8.1f}%"
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
    parser.add_argument("--only", choices=["calls", "rates", "import"])
    parser.add_argument("--quick", action="store_true", help="one round, two seconds of each rate")
    parser.add_argument("--rounds", type=int, help="of calls and imports, instead of 5")
    parser.add_argument("--seconds", type=float, help="of each rate, instead of 60 and 10")
    chosen = parser.parse_args()
    rounds = chosen.rounds or (1 if chosen.quick else 5)
    folder = Path(tempfile.mkdtemp(prefix="tasktrail-bench-"))
    print(json.dumps({"python": sys.version.split()[0], "load": os.getloadavg()[0]}))
    if chosen.only in {None, "calls"}:
        show_calls(folder, rounds)
    if chosen.only in {None, "rates"}:
        show_rates(folder, chosen.seconds or (2.0 if chosen.quick else None))
    if chosen.only in {None, "import"}:
        show_import(rounds)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
    os._exit(0)  # the queue's thread would be waited for
