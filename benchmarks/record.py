"""How many events a second go from a door to trail and index, beside the naive design.

    python benchmarks/record.py [--events N] [--tasks N] [--rounds N]

Ways in turns, each into a fresh root that is deleted only at the very end:

- naive    one consumer of the group reads 10 entries at a time; per event: parse, make the task's
           directory, open its file, append one line, flush, close, XACK. Nothing is synced, nothing
           is indexed: it does less than the others.
- redis    the pump, the recorder and the indexer as threads of one process: pumped, acknowledged
           after fdatasync, recorded, synced, checkpointed and indexed. Flat fields, as producers
           send them; `packed` carries 50 events in an entry, as our own producers may.
- by two   flat fields again, into a root of two partitions with two `tasktrail record`: one of them
           pumps, one indexes, each records its share; both were up and idle before.
- http     the installed service as one process; two connections post 500 events at a time; each
           answer comes after fdatasync; the clock stops when all of them are indexed.

Every run is checked: as many lines in the trails, and as many entries in the index, as were sent.
Redis runs on the same machine without persistence. Compare figures of one run only.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import redis

from tasktrail.index.state import open_index
from tasktrail.service import open_service
from tasktrail.settings import load_settings
from tasktrail.store.layout import layout_of
from tasktrail.store.root import read_root

STREAM, GROUP = "task_events", "task-logger"
PACKED = 50  # events in one entry
POSTED = 500  # events in one request
CONTENT = "x" * 200
POLL_SECONDS = 0.1
ROUND_TRIPS = 2_000
RECORDERS = 2
SHARING_SECONDS = 3  # until both recorders own their share


def flat_event(number: int, tasks: int) -> dict[str, str]:
    """An entry as the agent engine sends it."""
    task_id = f"t-{number % tasks}"
    return {
        "type": "task:output",
        "timestamp": "2026-02-14T10:03:11Z",
        "task_id": task_id,
        "data": json.dumps({"task_id": task_id, "content": f"{number} {CONTENT}"}),
    }


def event_line(number: int, tasks: int) -> str:
    """The same event as one JSON object."""
    fields = flat_event(number, tasks)
    return json.dumps(fields | {"data": json.loads(fields["data"])})


@contextmanager
def redis_server() -> Iterator[str]:
    """The address of a redis-server of our own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL) as server:
        url = f"redis://127.0.0.1:{port}/0"
        while not _answers(url):
            time.sleep(POLL_SECONDS)
        try:
            yield url
        finally:
            server.terminate()


def _answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.ConnectionError:
        return False


def fill(url: str, events: int, tasks: int, *, is_packed: bool) -> None:
    """An emptied Redis with all events in the stream and the group at its beginning."""
    client = redis.Redis.from_url(url)
    client.flushall()
    pipeline = client.pipeline(transaction=False)
    for start in range(0, events, PACKED):
        numbers = range(start, min(start + PACKED, events))
        if is_packed:
            lines = "\n".join(event_line(number, tasks) for number in numbers)
            pipeline.xadd(STREAM, {"events": lines})
        else:
            for number in numbers:
                pipeline.xadd(STREAM, flat_event(number, tasks))  # type: ignore[arg-type]
        if start % 1000 == 0:
            pipeline.execute()
    pipeline.execute()
    client.xgroup_create(STREAM, GROUP, id="0")


def naive(url: str, folder: Path, events: int, tasks: int) -> float:
    """Seconds of the naive design."""
    fill(url, events, tasks, is_packed=False)
    client = redis.Redis.from_url(url)
    started = time.perf_counter()
    done = 0
    while done < events:
        answer: Any = client.xreadgroup(GROUP, "worker-1", {STREAM: ">"}, count=10, block=1000)
        for _, entries in answer:
            for entry_id, fields in entries:
                _write_naively(folder, fields)
                client.xack(STREAM, GROUP, entry_id)
                done += 1
    seconds = time.perf_counter() - started
    _check("naive", lines_in(folder.glob("*/*.jsonl")), events)
    return seconds


def round_trip(url: str) -> float:
    """Microseconds of one XACK, which the naive design waits for with every event: the median."""
    client = redis.Redis.from_url(url)
    taken = []
    for _ in range(ROUND_TRIPS):
        started = time.perf_counter()
        client.xack(STREAM, GROUP, "0-1")
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e6


def _write_naively(folder: Path, fields: dict[bytes, bytes]) -> None:
    sent = json.loads(fields[b"data"])
    task = folder / fields[b"task_id"].decode()
    task.mkdir(parents=True, exist_ok=True)
    line = {
        "timestamp": fields[b"timestamp"].decode(),
        "type": "output",
        "content": sent["content"],
    }
    with (task / "04-agent-output.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()


def lines_in(paths: Iterator[Path]) -> int:
    """How many lines the files hold."""
    return sum(path.read_bytes().count(b"\n") for path in paths)


def _check(name: str, found: int, expected: int) -> None:
    if found != expected:
        sys.exit(f"{name}: expected {expected} events, found {found}: no figure")


def from_redis(url: str, folder: Path, events: int, tasks: int, *, is_packed: bool) -> float:
    """Seconds from the stream to trail and index, in this process."""
    fill(url, events, tasks, is_packed=is_packed)
    settings = load_settings({"TASKTRAIL_DATA": str(folder), "REDIS_URL": url})
    started = time.perf_counter()
    with open_service(settings):
        _wait(lambda: indexed(folder) >= events)
        seconds = time.perf_counter() - started
    _check("redis", lines_in((folder / "tasks").glob("*/*.jsonl")), events)
    return seconds


def by_two(url: str, folder: Path, events: int, tasks: int) -> float:
    """Seconds from the stream to trail and index, by two recorders that were up and idle."""
    redis.Redis.from_url(url).flushall()
    program = Path(sys.executable).with_name("tasktrail")
    command = [str(program), "record", "--data", str(folder), "--redis", url]
    environment = {**os.environ, "TASKTRAIL_PARTITIONS": "2"}
    with ExitStack() as stack:
        recorders = [stack.enter_context(_recorder(command, environment)) for _ in range(RECORDERS)]
        recorded_by = folder / "recorders"
        _wait(lambda: recorded_by.is_dir() and len(list(recorded_by.iterdir())) == RECORDERS)
        time.sleep(SHARING_SECONDS)
        for one in recorders:  # nothing is taken before all of it is there
            one.send_signal(signal.SIGSTOP)
        fill(url, events, tasks, is_packed=False)
        started = time.perf_counter()
        for one in recorders:
            one.send_signal(signal.SIGCONT)
        _wait(lambda: indexed(folder) >= events)
        seconds = time.perf_counter() - started
    _check("by two", lines_in((folder / "tasks").glob("*/*.jsonl")), events)
    return seconds


@contextmanager
def _recorder(
    command: list[str], environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as recorder:
        try:
            yield recorder
        finally:
            recorder.terminate()


def indexed(folder: Path) -> int:
    """How many entries the index holds, by its own roll-ups."""
    layout = layout_of(folder)
    if not layout.root_json.exists():
        return 0
    index = open_index(layout, read_root(layout))
    with closing(index.database):
        return index.status().entries


def over_http(folder: Path, events: int, tasks: int) -> float:
    """Seconds from the first request until the installed service has indexed everything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("tasktrail")
    command = [str(program), "serve", "--data", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{port}"
        _wait(lambda: _is_up(f"{url}/ready"))
        bodies = [
            "\n".join(event_line(n, tasks) for n in range(start, min(start + POSTED, events)))
            for start in range(0, events, POSTED)
        ]
        started = time.perf_counter()
        posters = [threading.Thread(target=_post, args=(url, bodies[i::2])) for i in range(2)]
        for poster in posters:
            poster.start()
        for poster in posters:
            poster.join()
        _wait(lambda: indexed(folder) >= events)
        seconds = time.perf_counter() - started
        server.terminate()
    _check("http", lines_in((folder / "tasks").glob("*/*.jsonl")), events)
    return seconds


def _is_up(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.HTTPError:
        return False


def _wait(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(POLL_SECONDS)


def _post(url: str, bodies: list[str]) -> None:
    with httpx.Client(headers={"content-type": "application/x-ndjson"}) as client:
        for body in bodies:
            client.post(f"{url}/api/events", content=body, timeout=60).raise_for_status()


def report(name: str, seconds: list[float], events: int, baseline: float) -> None:
    """One row: events a second, the range, and how often faster than the naive design."""
    rates = sorted(events / one for one in seconds)
    middle = statistics.median(rates)
    print(
        f"{name:14} {middle:9,.0f} ev/s   ({rates[0]:,.0f} to {rates[-1]:,.0f})"
        f"   {middle / baseline:5.1f} x naive"
    )


def main() -> None:
    """Run all ways in turn and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    events, tasks = options.events, options.tasks
    folder = Path(tempfile.mkdtemp(prefix="tasktrail-bench-"))
    seconds: dict[str, list[float]] = {}
    trips = []
    with redis_server() as url:
        for turn in range(options.rounds):
            ways: dict[str, Callable[[Path], float]] = {
                "naive": lambda one: naive(url, one, events // 4, tasks) * 4,
                "redis": lambda one: from_redis(url, one, events, tasks, is_packed=False),
                "redis packed": lambda one: from_redis(url, one, events, tasks, is_packed=True),
                "redis by two": lambda one: by_two(url, one, events, tasks),
                "http": lambda one: over_http(one, events, tasks),
            }
            for name, way in ways.items():
                seconds.setdefault(name, []).append(
                    way(folder / f"{name}-{turn}".replace(" ", "-"))
                )
            trips.append(round_trip(url))
    baseline = statistics.median(events / one for one in seconds["naive"])
    load = os.getloadavg()[0]
    print(f"{events:,} events of {len(event_line(0, tasks))} B over {tasks} tasks, load {load:.1f}")
    print(f"one XACK and its answer: {', '.join(f'{one:.0f}' for one in trips)} us, a round each")
    for name, measured in seconds.items():
        report(name, measured, events, baseline)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
