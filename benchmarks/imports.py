"""How many megabytes of transcripts a second are imported on one core, beside other readers.

    python benchmarks/imports.py [--megabytes N] [--rounds N] [--files N] [--large N]
                                 [--watched N] [--idle SECONDS]
                                 [--transcripts DIR] [--ccusage PROGRAM]

Parts of it are left out by 0: --rounds 0, --files 0, --large 0, --watched 0.

The same transcripts (made here, with the usual mix of records; or those of a folder), in turns:

- loop      every line through `json.loads`, and nothing else: no importer, a bound for others
- plain     what a first importer does: json.loads, one json.dumps line and one SQLite row for each
            record, in one transaction; no identities, nothing synced, nothing raw kept
- ccusage   where that program is named: it reads usage and prices it, and keeps nothing
- ours      parsed, translated, given identities and appended to the spool of a fresh root, synced,
            raw records kept: what an import beside a running service does in its own process
- whole     the same, and then recorded into trails and indexed, in the same process: what somebody
            waits for who imports without a service

Figures are by processor time of one process; ccusage is a process of its own and is told by wall
clock too. Then: a second run over many unchanged files, the memory that one large file needs, and
what it costs to follow many files.
Every run is checked: as many records, events and files as there are.
"""

import argparse
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Thread

from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.import_follow import follow_files
from tasktrail.ingest.import_sinks import SpoolSink
from tasktrail.ingest.importing import Importer, Report
from tasktrail.service.importing import open_import
from tasktrail.service.parts import open_parts
from tasktrail.settings import load_settings
from tasktrail.store.import_memory import ImportMemory

MEGABYTE = 1_000_000
RECORDS_PER_FILE = 500
POLL_SECONDS = 0.01
PROGRESS, ANSWERS, TOOLS = 0.4, 0.72, 0.6  # shares of records, added up; of answers with a tool
WORDS = "the cache key of a session holds its branch and this is why \\n\\tdef find(path): it"


class Maker:
    """Transcripts with the mix of records and sizes that real ones have."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._words = json.loads(f'"{WORDS}"').split(" ")

    def text(self, size: int) -> str:
        """Words of about that many characters."""
        return " ".join(self._dice.choices(self._words, k=max(1, size // 6)))

    def record(self, session: str, number: int) -> dict[str, object]:
        """The next record of a session."""
        common: dict[str, object] = {
            "parentUuid": f"{session[:8]}-{number - 1:08d}-0000-000000000000",
            "isSidechain": False,
            "userType": "external",
            "cwd": "/home/user/project",
            "sessionId": session,
            "version": "2.1.17",
            "gitBranch": "main",
            "slug": "calm-reading-river",
            "uuid": f"{session[:8]}-{number:08d}-0000-000000000000",
            "timestamp": f"2026-01-02T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:00.000Z",
        }
        kind = self._dice.random()
        if kind < PROGRESS:
            return common | self._progress()
        return common | (self._answer(session, number) if kind < ANSWERS else self._result(number))

    def _progress(self) -> dict[str, object]:
        return {
            "type": "progress",
            "data": {"type": "hook_progress", "hookEvent": "PostToolUse", "command": self.text(80)},
            "toolUseID": "toolu_01",
            "parentToolUseID": "toolu_01",
        }

    def _answer(self, session: str, number: int) -> dict[str, object]:
        size = self._dice.choice((200, 400, 900, 1500))
        block: dict[str, object] = {"type": "text", "text": self.text(size)}
        if self._dice.random() < TOOLS:
            given = {"command": self.text(size)}
            block = {"type": "tool_use", "id": f"toolu_{number}", "name": "Bash", "input": given}
        usage = {
            "input_tokens": 4,
            "cache_creation_input_tokens": 900,
            "cache_read_input_tokens": 50_000 + number,
            "cache_creation": {"ephemeral_5m_input_tokens": 900, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 8,
            "service_tier": "standard",
        }
        message = {
            "model": "claude-opus-4-5-20251101",
            "id": f"msg_{session[:8]}{number // 2:08d}",
            "type": "message",
            "role": "assistant",
            "content": [block],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        return {"type": "assistant", "message": message, "requestId": f"req_{number}"}

    def _result(self, number: int) -> dict[str, object]:
        content = self.text(self._dice.choice((100, 800, 2500, 9000)))
        block = {"tool_use_id": f"toolu_{number - 1}", "type": "tool_result", "content": content}
        return {
            "type": "user",
            "message": {"role": "user", "content": [block | {"is_error": False}]},
            "toolUseResult": {"stdout": content, "stderr": "", "interrupted": False},
        }

    def file(self, path: Path, records: int, seed: int) -> int:
        """How many bytes the session in that file has."""
        session = f"{seed:08x}-0000-4000-8000-000000000000"
        first = {"type": "user", "message": {"role": "user", "content": "Fix the login"}}
        lines = [self.record(session, 0) | first]
        lines += [self.record(session, number) for number in range(1, records)]
        blob = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
        path.write_bytes(blob)
        return len(blob)


def make_transcripts(folder: Path, megabytes: int) -> int:
    """The bytes of sessions that fill the folder."""
    maker, total, number = Maker(7), 0, 0
    (folder / "projects/p").mkdir(parents=True)
    while total < megabytes * MEGABYTE:
        name = f"projects/p/{number:08x}-0000-4000-8000-000000000000.jsonl"
        total += maker.file(folder / name, RECORDS_PER_FILE, number)
        number += 1
    return total


def loop(files: list[Path], _folder: Path) -> int:
    """Every line decoded."""
    count = 0
    for path in files:
        with path.open("rb") as file:
            for line in file:
                json.loads(line)
                count += 1
    return count


def plain(files: list[Path], folder: Path) -> int:
    """A line and a row for each record."""
    rows: list[tuple[str, str, str]] = []
    with (folder / "events.jsonl").open("w") as out:
        for path in files:
            with path.open("rb") as file:
                for line in file:
                    record = json.loads(line)
                    message = record.get("message") or {}
                    event = {"task": record["sessionId"], "type": record["type"], "data": message}
                    out.write(json.dumps(event) + "\n")
                    rows.append((record["sessionId"], record["uuid"], record["timestamp"]))
    database = sqlite3.connect(folder / "index.db")
    database.execute("CREATE TABLE events (task TEXT, uuid TEXT, at TEXT)")
    database.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
    database.commit()
    database.close()
    return len(rows)


def imported(source: Path, root: Path) -> Report:
    """What an import of the folder did; straight into the spool of that root."""
    settings = load_settings({"TASKTRAIL_DATA": str(root)})
    with open_parts(settings) as parts:
        sink = SpoolSink(parts.spool, max_event_bytes=settings.max_event_bytes)
        return Importer(sink, ImportMemory(root / "imports")).run(find_files([source]))


def imported_whole(source: Path, root: Path) -> Report:
    """What an import of the folder did, through to the index."""
    settings = load_settings({"TASKTRAIL_DATA": str(root)})
    with open_import(settings, told=print) as sink:
        return Importer(sink, ImportMemory(root / "imports")).run(find_files([source]))


def timed(work: Callable[[], int]) -> tuple[float, float, int]:
    """Processor seconds, wall seconds, and how many records the work says it read."""
    wall, processor = time.perf_counter(), time.process_time()
    count = work()
    return time.process_time() - processor, time.perf_counter() - wall, count


def idle(seconds: float) -> int:
    """No record, after a while."""
    time.sleep(seconds)
    return 0


def ccusage(program: str, source: Path) -> tuple[float, float]:
    """Processor and wall seconds of that program over the transcripts."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [program, "daily", "--offline", "--json"]
    environ = os.environ | {"CLAUDE_CONFIG_DIR": str(source)}
    done = subprocess.run(command, env=environ, capture_output=True, check=False)
    if done.returncode or b'"totals"' not in done.stdout:
        sys.exit(f"{program}: no totals: {done.stderr[:300]!r}")
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - wall
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, seconds


def compare(source: Path, rounds: int, program: str | None, work: Path) -> None:
    """The table of readers."""
    files = sorted(source.rglob("*.jsonl"))
    megabytes = sum(path.stat().st_size for path in files) / MEGABYTE
    print(f"{len(files)} transcripts, {megabytes:.1f} MB; {rounds} rounds in turns\n")
    seconds: dict[str, list[tuple[float, float]]] = {}
    expected = None
    for number in range(rounds):
        folder = work / str(number)
        folder.mkdir()
        readers: dict[str, Callable[[], int]] = {
            "loop": partial(loop, files, folder),
            "plain": partial(plain, files, folder),
            "ours": partial(_ours, source, folder / "root"),
            "whole": partial(_whole, source, folder / "whole"),
        }
        for name, reader in readers.items():
            used, wall, count = timed(reader)
            expected = expected or count
            _check(name, count, expected)
            seconds.setdefault(name, []).append((used, wall))
        if program:
            seconds.setdefault("ccusage", []).append(ccusage(program, source))
        shutil.rmtree(folder)
    _print(seconds, megabytes)


def _ours(source: Path, root: Path) -> int:
    return imported(source, root).records


def _whole(source: Path, root: Path) -> int:
    return imported_whole(source, root).records


def _check(name: str, found: int, expected: int) -> None:
    if found != expected:
        sys.exit(f"{name}: expected {expected} records, found {found}: no figure")


def _print(seconds: dict[str, list[tuple[float, float]]], megabytes: float) -> None:
    """Best and median: on a machine with other work, the best round is the least disturbed."""
    ours = min(used for used, _ in seconds["ours"])
    print(f"{'reader':<10}{'MB/s of CPU':>12}{'median':>9}{'MB/s of wall':>14}{'ours is':>9}")
    for name, runs in seconds.items():
        processor = [used for used, _ in runs]
        best, median = min(processor), statistics.median(processor)
        wall = min(wall for _, wall in runs)
        figures = f"{megabytes / best:>12.1f}{megabytes / median:>9.1f}{megabytes / wall:>14.1f}"
        print(f"{name:<10}{figures}{best / ours:>7.1f} x")


def second_run(work: Path, count: int) -> None:
    """How long it takes to see that nothing has changed."""
    source, root = work / "many", work / "many-root"
    maker = Maker(3)
    for number in range(count):
        folder = source / f"{number % 100}"
        folder.mkdir(parents=True, exist_ok=True)
        maker.file(folder / f"{number}.jsonl", 2, number)
    long_ago = time.time() - 10 * 86_400
    for one in find_files([source]):
        os.utime(one.path, (long_ago, long_ago))
    first = imported(source, root)
    used, wall, _ = timed(lambda: _unchanged(source, root, count))
    print(f"\nsecond run over {count:,} unchanged files: {wall:.2f} s, {used:.2f} s of CPU")
    print(f"(the first one parsed {first.parsed:,} files; this one 0)")


def _unchanged(source: Path, root: Path, count: int) -> int:
    report = imported(source, root)
    if (report.unchanged, report.parsed, report.events) != (count, 0, 0):
        sys.exit(f"second run: expected {count} unchanged files, found {report}: no figure")
    return report.unchanged


LARGE = """
import resource, sys
from pathlib import Path
sys.path[:0] = {paths!r}
import imports
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = imports.imported(Path({source!r}), Path({root!r}))
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, report.records)
"""


def large_file(work: Path, megabytes: int) -> None:
    """How much memory one file needs, in a process of its own."""
    source = work / "large"
    source.mkdir()
    piece = source / "piece"
    size = Maker(5).file(piece, RECORDS_PER_FILE, 1)
    blob = piece.read_bytes()
    piece.unlink()
    with (source / "s.jsonl").open("wb") as file:
        for number in range(megabytes * MEGABYTE // size + 1):
            # other uuids and messages in each copy, as in a session that long
            file.write(
                blob.replace(b"00000001-", b"%08x-" % number).replace(b'"req_', b'"r%d_' % number)
            )
    script = LARGE.format(paths=sys.path, source=str(source), root=str(work / "large-root"))
    wall = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    before, after, records = map(int, done.stdout.split())
    print(
        f"\none file of {megabytes:,} MB, {records:,} records: {time.perf_counter() - wall:.0f} s,"
    )
    print(f"{after / 1024:.0f} MB of memory at most, {before / 1024:.0f} before it was read")


def follow(work: Path, count: int, idle_seconds: int) -> None:
    """What it costs to watch many files in which nothing changes, and how soon a line is seen."""
    source, reports = work / "watched", list[Report]()
    maker = Maker(9)
    for number in range(count):
        folder = source / f"{number % 200}"
        folder.mkdir(parents=True, exist_ok=True)
        maker.file(folder / f"{number}.jsonl", 1, number)
    settings, stop = load_settings({"TASKTRAIL_DATA": str(work / "watched-root")}), Event()
    with open_parts(settings) as parts:
        sink = SpoolSink(parts.spool, max_event_bytes=settings.max_event_bytes)
        importer = Importer(sink, ImportMemory(work / "watched-root/imports"))
        follower = Thread(
            target=follow_files, args=(importer, [source], reports.append), kwargs={"stop": stop}
        )
        follower.start()
        while not reports:
            time.sleep(POLL_SECONDS)
        used, wall, _ = timed(lambda: idle(idle_seconds))
        began, seen = time.perf_counter(), len(reports)
        with (source / "7/7.jsonl").open("ab") as file:
            file.write(json.dumps(maker.record("x", 9)).encode() + b"\n")
        while len(reports) == seen:
            time.sleep(POLL_SECONDS)
        late = time.perf_counter() - began
        stop.set()
        follower.join()
    share = 100 * used / wall
    print(f"\nfollowing {count:,} quiet files: {used:.2f} s of CPU in {wall:.0f} s, {share:.2f} %;")
    print(f"a line that is appended to one of them is in the spool after {late:.2f} s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--megabytes", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--transcripts", type=Path, help="a folder of one's own, instead")
    parser.add_argument("--ccusage", help="the program, where it is installed")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=200, help="megabytes of the one large file")
    parser.add_argument("--watched", type=int, default=20_000, help="files to follow")
    parser.add_argument("--idle", type=int, default=20, help="seconds in which nothing changes")
    said = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="tasktrail-imports-"))
    try:
        source = said.transcripts or work / "made"
        if said.transcripts is None and said.rounds:
            make_transcripts(source, said.megabytes)
        if said.rounds:
            compare(source, said.rounds, said.ccusage, work)
        if said.files:
            second_run(work, said.files)
        if said.large:
            large_file(work, said.large)
        if said.watched:
            follow(work, said.watched, said.idle)
        load = os.getloadavg()[0]
        print(f"\nPython {sys.version.split()[0]}, {os.cpu_count()} cores, load {load:.1f}")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
