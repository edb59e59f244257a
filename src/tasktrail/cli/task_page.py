"""The page of one task: how it stands, its stages, attempts and result, and why it failed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Unpack

from tasktrail.cli.connect import Answer, Connection, PageWords
from tasktrail.cli.figures import (
    UNKNOWN,
    cost_text,
    count_text,
    duration_text,
    elapsed_seconds,
    money_text,
    silent_seconds,
)
from tasktrail.cli.folding import folded
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.line_writer import entry_text, line_style
from tasktrail.cli.render import Cell, Column, Row, status_cell, write_line, write_table
from tasktrail.cli.stage_rows import COLUMNS, stage_row
from tasktrail.cli.tasks import OVER, stage_text
from tasktrail.cli.terminal import Terminal, safe_line, safe_text
from tasktrail.model.codec import decode, encode, json_line
from tasktrail.model.filters import EntryFilter
from tasktrail.model.page import MAX_LIMIT

COMPLETED: Final = "task:completed"
ENDS: Final = frozenset({COMPLETED, "task:failed"})  # their error is on the page already
LAST_ERRORS: Final = 3  # of a task that failed: what led to it
INDENT: Final = "  "
RESULT_LINES: Final = 12  # of a result on a terminal, with a word on the rest


class TaskPage:
    """The parts of the page, from the top down; a part with nothing to say is left out."""

    def __init__(self, invocation: Invocation, connection: Connection, summary: Answer) -> None:
        self._invocation = invocation
        self._connection = connection
        self._summary = summary
        self._output = invocation.output
        self._now = invocation.now()

    def write(self) -> None:
        """The whole page."""
        self._header()
        self._stages()
        self._attempts()
        self._result()
        self._failure()
        page = self._connection.page(self._summary["task_id"])
        if page:
            self._output.write(f"\nweb: {page}\n")

    def _header(self) -> None:
        summary, terminal = self._summary, self._output.terminal
        status = status_cell(summary["status"], terminal)
        write_line(self._output, status, "  ", summary["task_id"])
        title, width = safe_line(summary["title"] or "(no title)"), terminal.width - len(INDENT)
        for piece in folded(title.strip(), width, width):
            write_line(self._output, INDENT, Cell(piece, "bold"))
        rows = [(Cell(name, "dim"), value) for name, value in _facts(summary, terminal, self._now)]
        self._output.write("\n")
        write_table(self._output, (Column(""), Column("", flexible=True)), rows, titles=False)

    def _stages(self) -> None:
        stages = self._connection.reader.stages(self._summary["task_id"])["stages"]
        if not stages:
            return
        self._part("stages")
        now = self._now if self._summary["status"] == "active" else None
        several = len(self._summary["attempts"]) > 1
        terminal = self._output.terminal
        rows = [stage_row(one, terminal, now=now, several=several) for one in stages]
        write_table(self._output, COLUMNS, rows)

    def _attempts(self) -> None:
        attempts = self._summary["attempts"]
        if len(attempts) > 1:
            self._part("attempts")
            self._rows([self._attempt_row(one) for one in attempts])

    def _attempt_row(self, attempt: Answer) -> Row:
        status = attempt.get("status", "active")
        now = self._now if status == "active" else None
        return (
            status_cell(status, self._output.terminal),
            f"attempt {attempt['number']}",
            duration_text(elapsed_seconds(attempt, now=now)),
            money_text(attempt.get("cost_micro_usd")),
            Cell(attempt.get("error") or "", "red"),
        )

    def _result(self) -> None:
        found = self._logs(EntryFilter(event_type=tuple(sorted(ENDS))), limit=MAX_LIMIT)["logs"]
        ends = ends_of(self._summary["attempts"], found)
        for number, row in sorted(ends.items(), reverse=True):
            result = said_result(row)
            if not result or result == self._summary["error"]:
                continue
            is_latest = number == self._summary["attempts"][-1]["number"]
            self._part("result" if is_latest else f"result of attempt {number}")
            self._text(result if isinstance(result, str) else json_line(result))
            return

    def _failure(self) -> None:
        summary = self._summary
        if summary["error"]:
            self._part("why it failed")
            self._text(summary["error"])
        if summary["status"] != "failed":
            return
        wanted = EntryFilter(min_level="error")
        found = self._logs(wanted, limit=LAST_ERRORS + len(ENDS), order="desc")["logs"]
        rows = [row for row in found if row["event_type"] not in ENDS][:LAST_ERRORS]
        if rows:
            self._part("last errors")
            style = line_style(self._output.terminal, raw=self._invocation.is_raw, full=False)
            for row in reversed(rows):
                self._output.write(entry_text(row, style, today=self._invocation.today()))

    def _part(self, name: str) -> None:
        self._output.write("\n")
        write_line(self._output, Cell(name.upper(), "dim"))

    def _rows(self, rows: list[Row]) -> None:
        columns = (*(Column("") for _ in rows[0][:-1]), Column("", flexible=True))
        write_table(self._output, columns, rows, titles=False)

    def _text(self, text: str) -> None:
        """Text of others, indented: nothing in it can pass for a part of this page."""
        terminal = self._output.terminal
        if self._invocation.is_raw:
            self._output.write(f"{text}\n")
            return
        lines = safe_text(text).rstrip("\n").split("\n")
        shown = lines[:RESULT_LINES] if terminal.is_terminal else lines
        width = terminal.width - len(INDENT)
        for piece in (piece for line in shown for piece in folded(line, width, width)):
            self._output.write(f"{INDENT}{piece}\n".rstrip(" "))
        if len(shown) < len(lines):
            self._output.write(
                f"{INDENT}… {len(lines) - len(shown):,} more lines: --json has them\n"
            )

    def _logs(self, wanted: EntryFilter, **paging: Unpack[PageWords]) -> Answer:
        return self._connection.reader.logs(self._summary["task_id"], wanted, **paging)


def ends_of(attempts: Sequence[Answer], rows: Iterable[Answer]) -> dict[int, Answer]:
    """The entry with which each attempt ended, by its number.

    Within an attempt the first end stands; the others are entries like any other.
    """
    left = [one for one in attempts if one.get("completed_at")]
    ends: dict[int, Answer] = {}
    for row in rows:
        for attempt in left:
            is_its_time = row["timestamp"] == attempt["completed_at"]
            if is_its_time and row["attempt"] in {None, attempt["number"]}:
                ends[attempt["number"]] = row
                left.remove(attempt)
                break
    return ends


def said_result(row: Answer) -> object:
    """What the end of an attempt says as its result."""
    said = decode(encode(row["event"]))  # values may be as they were sent
    return said.get("data", {}).get("result") if row["event_type"] == COMPLETED else None


def _facts(summary: Answer, terminal: Terminal, now: int) -> Iterator[tuple[str, str]]:
    """What is known of the task, by name; what nobody said is left out."""
    is_running = summary["status"] in {"active", "blocked"}
    is_over = summary["status"] in OVER
    took = summary["duration_seconds"]  # what its producer measured, where it did
    if took is None or is_running:
        took = elapsed_seconds(summary, now=now if is_running else None)
    silent = silent_seconds(summary, now=now)
    counts = summary["counts"]
    named = {
        "origin": summary["source"],
        "agent": summary["agent"],
        "job": summary["job_id"],
        "session": summary["session_id"],
        "worker": summary["worker_id"],
        "created": _moment(summary["created_at"], terminal),
        "started": _moment(summary["started_at"], terminal),
        "ended": _moment(summary["completed_at"], terminal),
        "took": None if took is None else duration_text(took),
        "silent for": None if silent is None else duration_text(silent),
        "stage": stage_text(summary, terminal) if summary["stage"] and not is_over else None,
        "cost": _cost(summary),
        "pull request": None if summary["pr_number"] is None else f"#{summary['pr_number']}",
        "entries": f"{counts['entries']:,} ({_several(counts['warnings'], 'warning')}, "
        f"{_several(counts['errors'], 'error')})",
    }
    yield from ((name, str(value)) for name, value in named.items() if value is not None)


def _several(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _moment(stamp: str | None, terminal: Terminal) -> str | None:
    """Local time on a terminal, the whole stamp in a pipe."""
    if stamp is None or not terminal.is_terminal:
        return stamp
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _cost(summary: Answer) -> str | None:
    tokens = (summary["input_tokens"], summary["output_tokens"])
    money = cost_text(summary)
    if money == UNKNOWN and tokens == (None, None):
        return None
    read, said = (count_text(number) for number in tokens)
    return money if read == said == UNKNOWN else f"{money}, {read} tokens in, {said} out"
