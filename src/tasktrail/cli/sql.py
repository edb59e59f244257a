"""`tasktrail sql`: a question to the index in SQL, which can only read."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Final

import click

from tasktrail.cli.connect import Connection, SqlAnswer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, write_table
from tasktrail.errors import InvalidSetting

MEASURED_ROWS: Final = 1_000  # how many rows say how wide the columns are, and are shown together
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
LEAST_SECONDS: Final = 0.1
MAX_SECONDS: Final = 3_600


@click.command
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values.")
@click.option(
    "--seconds",
    type=click.FloatRange(LEAST_SECONDS, MAX_SECONDS),
    default=60,
    show_default=True,
    help="Stop after so long.",
)
@takes_invocation(asks_root=True)
def sql(invocation: Invocation, *, query: str, as_csv: bool, seconds: float) -> None:
    """Ask the index in SQL; nothing can be changed by it.

    Views: task_logs, tasks, sessions, workers, events, api_calls. With --json one object per row,
    keyed by column.

    tasktrail sql "SELECT task_id, message FROM task_logs WHERE level = 'error'"
    """
    with connected(invocation) as connection, asking(connection, query, seconds) as answer:
        if invocation.as_json:
            _write_json(invocation, answer.columns, answer.rows)
        elif as_csv:
            _write_csv(invocation, answer.columns, answer.rows)
        else:
            _write_table(invocation, answer.columns, answer.rows)
        if answer.is_behind:
            invocation.output.say("the index is behind: the newest entries may be missing")


def asking(connection: Connection, query: str, seconds: float) -> AbstractContextManager[SqlAnswer]:
    """A block with the answer; raises InvalidSql."""
    if connection.sql is None:
        raise InvalidSetting("SQL is asked on a data root: expected --data, found a server")
    return connection.sql(query, seconds)


def _write_json(
    invocation: Invocation, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    for row in rows:
        values = (_plain(value) for value in row)
        invocation.output.write_json(dict(zip(columns, values, strict=True)))


def _write_csv(
    invocation: Invocation, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in _headed(columns, rows):
        writer.writerow([_safe_cell(value) for value in row])
        invocation.output.write(line.getvalue())
        line.seek(0)
        line.truncate()


def _write_table(
    invocation: Invocation, columns: Sequence[str], rows: Iterator[Sequence[object]]
) -> None:
    count, is_first = 0, True
    while block := [_texts(row) for row in islice(rows, MEASURED_ROWS)]:
        numbers = [all(_is_number(row[place]) for row in block) for place in range(len(columns))]
        heads = [Column(name, right=numbers[place]) for place, name in enumerate(columns)]
        heads[-1] = heads[-1]._replace(flexible=True)
        write_table(invocation.output, heads, block, titles=is_first)
        count, is_first = count + len(block), False
    invocation.output.say(f"{count:,} rows")


def _headed(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield columns
    yield from rows


def _texts(row: Sequence[object]) -> list[str]:
    return ["-" if value is None else str(_plain(value)) for value in row]


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(".", "", 1).lstrip("-").isdigit()


def _plain(value: object) -> object:
    """A value that JSON can say: bytes become text."""
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value


def _safe_cell(value: object) -> object:
    """The value, which a spreadsheet takes for text."""
    plain = "" if value is None else _plain(value)
    if isinstance(plain, str) and plain.startswith(FORMULA):
        return f"'{plain}"
    return plain
