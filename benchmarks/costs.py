"""Model calls in the index: how fast they are indexed, and how long `cost` takes over them.

    python benchmarks/costs.py [calls] [folder]

Calls of a year, 1,000 per task, a tenth of them told twice; a million unless told otherwise. A
folder keeps the root: measuring again fills nothing. Commands run as an installed one does, with
its bytecode kept.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tasktrail.model.codec import encode
from tasktrail.model.times import utc_text
from tasktrail.service.accept import Acceptor
from tasktrail.service.parts import Parts, open_parts
from tasktrail.settings import load_settings

CALLS = 1_000_000
PER_TASK = 1_000
TRIES = 5
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
AT_ONCE = 5_000
YEAR_MICROS = 365 * 86_400 * 1_000_000
MODELS = ("claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5-codex", "nobody-knows-it")
QUESTIONS = (
    ("--today",),
    ("--today", "--by", "task"),
    (),
    ("--by", "day"),
    ("--by", "task"),
    ("--explain", "task-7"),
)


def events(calls: int) -> Iterator[bytes]:
    """So many calls, the latest of them now."""
    now = time.time_ns() // 1_000
    for n in range(calls):
        data = {
            "model": MODELS[n % len(MODELS)],
            "call_id": f"msg_{n}",
            "input_tokens": n % 5_000,
            "cache_read_tokens": n % 90_000,
            "output_tokens": n % 700,
        }
        event = {
            "type": "task:api_call",
            "task_id": f"task-{n // PER_TASK}",
            "session_id": f"session-{n // PER_TASK // 10}",
            "timestamp": utc_text(now - YEAR_MICROS * (calls - n) // calls),
            "data": data,
        }
        blob = encode(event)
        yield blob
        if n % 10 == 0:
            yield blob


def fill(parts: Parts, calls: int) -> None:
    """The calls are in trails."""
    acceptor = Acceptor(parts.spool, max_event_bytes=parts.settings.max_event_bytes)
    waiting: list[bytes] = []
    for blob in events(calls):
        waiting.append(blob)
        if len(waiting) >= AT_ONCE:
            acceptor.accept(waiting)
            waiting.clear()
            parts.recording.record_now(timeout_seconds=60)
    acceptor.accept(waiting)
    parts.recording.record_now(timeout_seconds=60)


def seconds_of(command: list[str]) -> float:
    """How long the command takes, the best of five."""
    environ = {name: text for name, text in os.environ.items() if name != NO_BYTECODE}
    times = []
    for _ in range(TRIES):
        begin = time.perf_counter()
        subprocess.run(command, check=True, env=environ, capture_output=True)
        times.append(time.perf_counter() - begin)
    return min(times)


def fill_folder(folder: str, calls: int) -> None:
    """A root with so many calls, indexed; says how long that took."""
    with open_parts(load_settings({}, overrides={"data": folder})) as parts:
        fill(parts, calls)
        begin = time.perf_counter()
        parts.indexer.catch_up()
        took = time.perf_counter() - begin
    print(f"{calls:,} calls indexed in {took:.1f} s: {calls / took:,.0f} calls/s")


def main() -> None:
    """One table."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    with tempfile.TemporaryDirectory() as passing:
        (folder,) = sys.argv[2:3] or [passing]
        if not (Path(folder) / "index.db").exists():
            fill_folder(folder, calls)
        size = (Path(folder) / "index.db").stat().st_size
        print(f"index: {size / 1e6:,.0f} MB")
        program = str(Path(sys.executable).with_name("tasktrail"))
        for question in QUESTIONS:
            command = [program, "cost", *question, "--json", "--data", folder]
            print(f"{'cost ' + ' '.join(question):<28}{1_000 * seconds_of(command):>8.0f} ms")


if __name__ == "__main__":
    main()
