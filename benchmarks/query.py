"""How long answers take, beside SQLite with text, DuckDB over the same files, and ripgrep.

    python benchmarks/query.py [--entries N] [--tasks N] [--per-task N] [--rounds N] [--root PATH]
                               [--keep-index] [--only-ours]

One long task of N entries, and many tasks beside it; made by the recorder's own writers, kept under
--root for the next run. Then, in interleaved rounds and all in one process: the newest page, pages
at any seq, the newest errors, counts, entries over time, a text in the task that is rare, frequent,
excluded or in another script, a text over everything, its first hits, the newest errors of all
tasks, the list of tasks, and a rebuild of the index. Of more than two million entries the databases
beside us hold the long task alone. Every answer is checked before it is timed. Times are
warm: the files are in the page cache. Compare figures of one run only.
"""

import argparse
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from multiprocessing import Process
from pathlib import Path

from tasktrail.index.indexer import Indexer
from tasktrail.index.state import open_index
from tasktrail.model.event import parse_event
from tasktrail.model.filters import EntryFilter
from tasktrail.model.ids import TrailKey, partition_of
from tasktrail.model.plain import plain_event
from tasktrail.query.reader import Reader
from tasktrail.store.checkpoints import Checkpoint, write_checkpoint
from tasktrail.store.layout import Layout, layout_of
from tasktrail.store.root import Root, open_root
from tasktrail.store.touched import TouchedJournal
from tasktrail.store.trail import TrailWriter
from tasktrail.store.trail_batch import write_documents

PARTITIONS = 2  # both cores fill the root
LONG_TASK = "long"
START = 1_771_063_200_000_000  # 2026-02-14T10:00:00Z
FRAME_BYTES = 300
ENTRIES_PER_WRITE = 20_000
TASKS_PER_SYNC = 200
RARE = "Quux Mishap"  # in one of 10,000 entries, spelled in several ways
ABSENT = "no such words anywhere"
FREQUENT = "parser"  # in every entry
OTHER_SCRIPT = "нет такого"
RIVALS_ENTRIES = 2_000_000  # of more, databases with text take longer to fill than anybody waits
WORDS = ("the", "agent", "reads", "a", "file", "and", "then", "edits", "the", "parser", "so", "on")
RARE_AT = 7  # which of 10,000 entries has it, in each task
ALL_COUNTED = 1_000  # hits; of more a search counts what costs little
ERROR_AT, WARNING_AT = 3, 1
SOURCES = ("agent", "git", "plugin", "system")
STAGES = ("plan", "edit", "test")


def message_of(number: int) -> str:
    """About 200 characters, a little different each time."""
    rare = RARE.upper() if number % 20_000 == RARE_AT else RARE
    said = f"{rare} " if number % 10_000 == RARE_AT else ""
    turned = WORDS[number % 7 :] + WORDS[: number % 7]
    return f"{number} {said}{' '.join(turned)} {' '.join(turned[:9])} – {number % 97}"  # noqa: RUF001 - not all is ASCII


def event_of(number: int, task_id: str) -> bytes:
    """An event of about 400 bytes: 2 % errors, 6 % warnings."""
    level = (
        "error" if number % 50 == ERROR_AT else "warning" if number % 16 == WARNING_AT else "info"
    )
    at = START + number * 1_000
    second, fraction = divmod(at, 1_000_000)
    stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{fraction:06d}Z"
    return (
        f'{{"type":"task:log","task_id":"{task_id}","timestamp":"{stamp}","level":"{level}",'
        f'"source":"{SOURCES[number % 4]}","stage":"{STAGES[number % 3]}",'
        f'"data":{{"message":"{message_of(number)}","metadata":{{"line":{number}}}}}}}'
    ).encode()


def fill(folder: Path, sizes: dict[str, int]) -> None:
    """A root with these tasks, in as many processes as there are partitions."""
    layout = layout_of(folder)
    root = open_root(layout, partitions=PARTITIONS)
    workers = [Process(target=fill_partition, args=(layout, root, p, sizes)) for p in (0, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            sys.exit("the root could not be filled")


def fill_partition(layout: Layout, root: Root, p: int, sizes: dict[str, int]) -> None:
    """The tasks of one partition, in the order of a recorder, with few syncs."""
    own = [one for one in sizes if partition_of(one, root.partitions) == p]
    pos, heads = 0, {}
    journal = TouchedJournal(layout, p)
    for group in batched(own, TASKS_PER_SYNC):
        writers = []
        for task_id in group:
            writer = TrailWriter.open(layout, TrailKey("tasks", task_id), keep_below=None)
            pos = write_task(writer, sizes[task_id], p, pos)
            heads[writer.key] = sizes[task_id]
            writers.append(writer)
        write_documents(writers, force=True)
        for writer in writers:
            writer.close()
    journal.append(pos, heads)
    journal.close()
    write_checkpoint(layout, p, Checkpoint(pos, "bench", 0, 0, 1))


def batched(names: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """The names in groups of so many."""
    return (names[start : start + most] for start in range(0, len(names), most))


def write_task(writer: TrailWriter, size: int, p: int, pos: int) -> int:
    """The place behind the task's entries, which are written; not synced."""
    for start in range(0, size, ENTRIES_PER_WRITE):
        some = range(start, min(size, start + ENTRIES_PER_WRITE))
        plain = []
        for number in some:
            sent, at = event_of(number, writer.key.id), START + pos
            if number == 0:
                writer.add(parse_event(sent), identity=f"bench{p}:{pos}", recorded_at=at, pos=pos)
            else:
                body = b'{"at":%d,"id":"bench%d:%d","event":%b}' % (at, p, pos, sent)
                plain.append(plain_event(body, partition=p, pos=pos))
            pos += FRAME_BYTES
        if writer.add_plain([one for one in plain if one]) != len(some) - (start == 0):
            sys.exit("not all that was made is plain")
        writer.write()
    writer.rest()
    return pos


class Ours:
    """The questions, as the reader answers them."""

    def __init__(self, reader: Reader, sizes: dict[str, int]) -> None:
        self.reader = reader
        self.sizes = sizes
        self.size = sizes[LONG_TASK]
        self.random = random.Random(7)  # noqa: S311 - the same pages in every run

    def _count(self, wanted: EntryFilter) -> int:
        """How many entries of the long task match, told beside the first page."""
        return int(self.reader.logs(LONG_TASK, wanted, limit=100)["total_count"])

    def newest(self) -> int:
        """The newest 100 entries of the long task."""
        return len(self.reader.logs(LONG_TASK, order="desc", limit=100)["logs"])

    def any_page(self) -> int:
        """100 entries at a seq that nobody asked for before."""
        after = self.random.randrange(max(1, self.size - 100))
        page = self.reader.logs(LONG_TASK, EntryFilter(after_seq=after), limit=100)
        return len(page["logs"])

    def newest_errors(self) -> int:
        """The newest 100 errors of the long task."""
        wanted = EntryFilter(level=("error",))
        return len(self.reader.logs(LONG_TASK, wanted, order="desc", limit=100)["logs"])

    def stats(self) -> int:
        """Counts by level, source and so on."""
        return int(self.reader.stats(LONG_TASK)["total"])

    def histogram(self) -> int:
        """How many entries lie in which of 300 stretches of time."""
        return int(self.reader.histogram(LONG_TASK, buckets=300)["total_count"])

    def frequent_text(self) -> int:
        """The newest 100 entries of the long task that hold a text that all of them hold."""
        wanted = EntryFilter(search=(FREQUENT,))
        return len(self.reader.logs(LONG_TASK, wanted, order="desc", limit=100)["logs"])

    def excluded_text(self) -> int:
        """How many entries of the long task do not hold the rare text."""
        wanted = EntryFilter(without=(RARE,))
        return self._count(wanted)

    def other_script(self) -> int:
        """How many entries of the long task hold a text in letters that are not ASCII."""
        wanted = EntryFilter(search=(OTHER_SCRIPT,))
        return self._count(wanted)

    def errors_everywhere(self) -> int:
        """The newest 100 errors of all tasks."""
        steps = self.reader.search(EntryFilter(level=("error",)), limit=100, seconds=600)
        return sum(len(step.hits) for step in steps)

    def text(self) -> int:
        """How many entries of the long task hold a rare text."""
        wanted = EntryFilter(search=(RARE,))
        return self._count(wanted)

    def absent_text(self) -> int:
        """The same of a text that is nowhere."""
        wanted = EntryFilter(search=(ABSENT,))
        return self._count(wanted)

    def text_everywhere(self) -> int:
        """How many entries of all tasks hold the rare text; of very many, how many it counted."""
        steps = list(self.reader.search(EntryFilter(search=(RARE,)), limit=100, seconds=600))
        return steps[-1].progress.found if steps[-1].progress.ended != "time" else -1

    def absent_everywhere(self) -> int:
        """The same of a text that is nowhere."""
        steps = list(self.reader.search(EntryFilter(search=(ABSENT,)), limit=100, seconds=600))
        return steps[-1].progress.found

    def first_hits(self) -> int:
        """Until the first hits of the rare text over all tasks are told."""
        for step in self.reader.search(EntryFilter(search=(RARE,)), limit=100, seconds=600):
            if step.hits:
                return len(step.hits)
        return 0

    def task_page(self) -> int:
        """The newest 200 tasks."""
        return len(self.reader.tasks()["tasks"])


class SqliteWithText:
    """The usual way: every entry a row with its text."""

    def __init__(self, path: Path, tasks: Path, *, has_all: bool) -> None:
        is_new = not path.exists()
        self.connection = sqlite3.connect(path)
        self.unasked = () if has_all else ("absent_everywhere",)
        if is_new:
            self.fill(sorted(tasks.glob(f"{'*' if has_all else LONG_TASK}/08-log.jsonl")))

    def fill(self, logs: Sequence[Path]) -> None:
        """All lines of the logs as rows."""
        self.connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE logs (task TEXT, seq INTEGER, at TEXT, level TEXT, source TEXT,"
            " stage TEXT, message TEXT, PRIMARY KEY (task, seq)) WITHOUT ROWID"
        )
        insert = "INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?, ?)"
        for path in logs:
            self.connection.executemany(insert, rows_of(path))
        self.connection.execute("CREATE INDEX by_level ON logs (task, level, seq)")
        self.connection.commit()

    def ask(self, text: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return self.connection.execute(text, values).fetchall()

    def newest(self) -> int:
        """See `Ours`."""
        asked = "SELECT * FROM logs WHERE task = ? ORDER BY seq DESC LIMIT 100"
        return len(self.ask(asked, LONG_TASK))

    def newest_errors(self) -> int:
        """See `Ours`."""
        asked = "SELECT * FROM logs WHERE task = ? AND level = 'error' ORDER BY seq DESC LIMIT 100"
        return len(self.ask(asked, LONG_TASK))

    def stats(self) -> int:
        """See `Ours`."""
        asked = "SELECT level, source, count(*) FROM logs WHERE task = ? GROUP BY level, source"
        return sum(int(str(row[2])) for row in self.ask(asked, LONG_TASK))

    def text(self) -> int:
        """See `Ours`."""
        asked = "SELECT count(*) FROM logs WHERE task = ? AND message LIKE ?"
        return int(str(self.ask(asked, LONG_TASK, f"%{RARE}%")[0][0]))

    def absent_text(self) -> int:
        """See `Ours`."""
        asked = "SELECT count(*) FROM logs WHERE task = ? AND message LIKE ?"
        return int(str(self.ask(asked, LONG_TASK, f"%{ABSENT}%")[0][0]))

    def absent_everywhere(self) -> int:
        """See `Ours`."""
        asked = "SELECT count(*) FROM logs WHERE message LIKE ?"
        return int(str(self.ask(asked, f"%{ABSENT}%")[0][0]))


def rows_of(path: Path) -> Iterator[tuple[object, ...]]:
    """The lines of a log as rows with text."""
    import json  # noqa: PLC0415 - of the rival only

    with path.open() as lines:
        for text in lines:
            line = json.loads(text)
            yield (
                path.parent.name,
                line["seq"],
                line["timestamp"],
                line["level"],
                line["source"],
                line["stage"],
                line["message"],
            )


class DuckOverFiles:
    """DuckDB, which reads the same files."""

    def __init__(self, tasks: Path, *, has_all: bool) -> None:
        import duckdb  # noqa: PLC0415 - a rival, installed for comparison only

        self.unasked = () if has_all else ("absent_everywhere",)
        self.connection = duckdb.connect()
        columns = "{seq: 'BIGINT', level: 'VARCHAR', source: 'VARCHAR', message: 'VARCHAR'}"
        how = f"format = 'newline_delimited', columns = {columns}"
        self.long = f"read_json('{tasks}/{LONG_TASK}/08-log.jsonl', {how})"
        self.all = f"read_json('{tasks}/*/08-log.jsonl', {how})"

    def ask(self, text: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        rows: list[tuple[object, ...]] = self.connection.execute(text).fetchall()
        return rows

    def newest(self) -> int:
        """See `Ours`."""
        return len(self.ask(f"SELECT * FROM {self.long} ORDER BY seq DESC LIMIT 100"))  # noqa: S608

    def newest_errors(self) -> int:
        """See `Ours`."""
        asked = f"SELECT * FROM {self.long} WHERE level = 'error' ORDER BY seq DESC LIMIT 100"  # noqa: S608
        return len(self.ask(asked))

    def stats(self) -> int:
        """See `Ours`."""
        asked = f"SELECT level, source, count(*) FROM {self.long} GROUP BY ALL"  # noqa: S608
        return sum(int(str(row[2])) for row in self.ask(asked))

    def text(self) -> int:
        """See `Ours`."""
        asked = f"SELECT count(*) FROM {self.long} WHERE message ILIKE '%{RARE}%'"  # noqa: S608
        return int(str(self.ask(asked)[0][0]))

    def absent_everywhere(self) -> int:
        """See `Ours`."""
        asked = f"SELECT count(*) FROM {self.all} WHERE message ILIKE '%{ABSENT}%'"  # noqa: S608
        return int(str(self.ask(asked)[0][0]))


class Ripgrep:
    """ripgrep over the same files: bytes, without knowing what an entry is."""

    def __init__(self, tasks: Path, program: str) -> None:
        self.tasks = tasks
        self.program = program

    def count(self, text: str, path: Path) -> int:
        """How many lines hold the text, in any case."""
        command = [self.program, "-aiF", "--count", "--no-filename", text, str(path)]
        done = subprocess.run(command, capture_output=True, check=False)
        return sum(int(one) for one in done.stdout.split())

    def text(self) -> int:
        """See `Ours`."""
        return self.count(RARE, self.tasks / LONG_TASK)

    def absent_text(self) -> int:
        """See `Ours`."""
        return self.count(ABSENT, self.tasks / LONG_TASK)

    def text_everywhere(self) -> int:
        """See `Ours`."""
        return self.count(RARE, self.tasks)

    def absent_everywhere(self) -> int:
        """See `Ours`."""
        return self.count(ABSENT, self.tasks)


def expected(name: str, sizes: dict[str, int]) -> int | None:
    """What the question must give, `None` where any number will do."""
    rare = {task: sum(1 for _ in range(RARE_AT, size, 10_000)) for task, size in sizes.items()}
    everywhere = sum(rare.values())
    return {
        "newest": min(100, sizes[LONG_TASK]),
        "stats": sizes[LONG_TASK],
        "histogram": sizes[LONG_TASK],
        "frequent_text": min(100, sizes[LONG_TASK]),
        "excluded_text": sizes[LONG_TASK] - rare[LONG_TASK],
        "other_script": 0,
        "text": rare[LONG_TASK],
        "absent_text": 0,
        "text_everywhere": everywhere if everywhere <= ALL_COUNTED else None,
        "absent_everywhere": 0,
        "task_page": min(200, len(sizes)),
    }.get(name)


QUESTIONS = (
    "newest",
    "any_page",
    "newest_errors",
    "stats",
    "histogram",
    "frequent_text",
    "excluded_text",
    "other_script",
    "text",
    "absent_text",
    "text_everywhere",
    "absent_everywhere",
    "first_hits",
    "errors_everywhere",
    "task_page",
)


# question → way → wall and processor of each round
Measured = dict[str, dict[str, list[tuple[float, float]]]]


def measure(ways: dict[str, object], sizes: dict[str, int], rounds: int) -> Measured:
    """Milliseconds of every question by every way, in turn; the first round warms."""
    found: Measured = {name: {} for name in QUESTIONS}
    for turn in range(rounds + 1):
        for question in QUESTIONS:
            for name, way in ways.items():
                ask: Callable[[], int] | None = getattr(way, question, None)
                if ask is None or question in getattr(way, "unasked", ()):
                    continue
                started, worked = time.perf_counter(), sum(os.times()[:4])
                answer = ask()
                taken = 1_000 * (time.perf_counter() - started)
                work = 1_000 * (sum(os.times()[:4]) - worked)
                wanted = expected(question, sizes)
                if wanted is not None and answer != wanted:
                    sys.exit(f"{question} by {name}: expected {wanted}, found {answer}: no figure")
                if turn:
                    found[question].setdefault(name, []).append((taken, work))
    return found


def report(found: Measured, names: list[str]) -> None:
    """One row per question: the median of the rounds and the longest, and the processor's, in ms.

    What the processors did, programs that were started included, is steadier on a busy machine.
    """
    print(f"{'ms, median (longest) cpu':26}" + "".join(f"{name:>26}" for name in names))
    for question, by_way in found.items():
        cells = [_cell(by_way[name]) if name in by_way else "-" for name in names]
        print(f"{question:26}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


def _cell(rounds: list[tuple[float, float]]) -> str:
    taken, work = [one[0] for one in rounds], [one[1] for one in rounds]
    return f"{statistics.median(taken):.1f} ({max(taken):.1f}) {statistics.median(work):.0f}"


def rebuild(layout: Layout, root: Root) -> tuple[int, float]:
    """Entries and seconds of an index made anew."""
    index = open_index(layout, root)
    with closing(index.database):
        started = time.perf_counter()
        done = Indexer(layout, root, index.database).rebuild()
        return done.entries, time.perf_counter() - started


def options_of() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000, help="of the long task")
    parser.add_argument("--tasks", type=int, default=200, help="beside it")
    parser.add_argument("--per-task", type=int, default=200, help="entries of each of them")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--root", type=Path, help="kept for the next run of the same sizes")
    parser.add_argument("--keep-index", action="store_true", help="as the run before left it")
    parser.add_argument("--only-ours", action="store_true", help="without the rivals")
    return parser.parse_args()


def main() -> None:
    """Fill, rebuild, ask, and print one table."""
    options = options_of()
    sizes = {LONG_TASK: options.entries}
    sizes |= {f"t-{number}": options.per_task for number in range(options.tasks)}
    folder = options.root or Path(tempfile.mkdtemp(prefix="tasktrail-bench-"))
    total = sum(sizes.values())
    if not (folder / "root.json").exists():
        started = time.perf_counter()
        fill(folder, sizes)
        taken = time.perf_counter() - started
        print(f"filled: {total:,} entries in {taken:.0f} s, {total / taken:,.0f}/s")
    layout = layout_of(folder)
    root = open_root(layout, partitions=PARTITIONS)
    if not (options.keep_index and layout.index.exists()):
        entries, seconds = rebuild(layout, root)
        if entries != total:
            sys.exit(f"rebuild: expected {total} entries, found {entries}: no figure")
        print(f"rebuild: {seconds:.1f} s, {entries / seconds:,.0f} entries/s")
    size = sum(path.stat().st_size for path in layout.tasks.glob("*/*.jsonl"))
    print(f"{total:,} entries, {size / 1e6:,.0f} MB, load {os.getloadavg()[0]:.1f}")
    print(f"index: {layout.index.stat().st_size / total:.0f} B per entry")
    index = open_index(layout, root)
    with closing(index.database):
        ways: dict[str, object] = {"tasktrail": Ours(Reader(layout, root, index), sizes)}
        ways |= {} if options.only_ours else rivals(folder, layout, has_all=total <= RIVALS_ENTRIES)
        report(measure(ways, sizes, options.rounds), list(ways))
    print(f"load {os.getloadavg()[0]:.1f}")
    if options.root is None:
        shutil.rmtree(folder)


def rivals(folder: Path, layout: Layout, *, has_all: bool) -> dict[str, object]:
    """The others, as far as they are there."""
    found: dict[str, object] = {
        "SQLite with text": SqliteWithText(folder / "rival.db", layout.tasks, has_all=has_all)
    }
    try:
        found["DuckDB"] = DuckOverFiles(layout.tasks, has_all=has_all)
    except ImportError:
        print("DuckDB is not installed: pip install duckdb (the group dev has it)")
    program = shutil.which("rg")
    if program:
        found["ripgrep"] = Ripgrep(layout.tasks, program)
    return found


if __name__ == "__main__":
    main()
