"""`tasktrail search`: where a text stands, in whatever task."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from threading import Event
from typing import Any, Final

import click

from tasktrail.cli.connect import Answer, SearchProgress, SearchStep, connected
from tasktrail.cli.figures import count_text
from tasktrail.cli.filter_options import TASK, filter_options, wanted_of
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.printer import Printer, entry_options

MAX_SECONDS: Final = 60
MEGABYTE: Final = 1_000_000
WIPE: Final = "\r\x1b[K"


@click.command
@click.argument("text", nargs=-1)
@filter_options
@TASK
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=100, show_default=True, help="At most so many."
)
@click.option(
    "--seconds",
    type=click.IntRange(1, MAX_SECONDS),
    default=10,
    show_default=True,
    help="Stop after so long.",
)
@click.option("--tasks", "-l", "only_tasks", is_flag=True, help="Only the tasks, with their hits.")
@entry_options
@takes_invocation()
def search(  # noqa: PLR0913 - each is an option
    invocation: Invocation,
    *,
    text: tuple[str, ...],
    limit: int,
    seconds: int,
    only_tasks: bool,
    full: bool,
    ansi: str,
    **said: Any,  # noqa: ANN401 - click's
) -> None:
    """Entries of all tasks whose message holds TEXT, whatever its case; of several, all of them.

    The newest task first. With --json one entry per line, as in `log`. How many there are and
    whether everything was searched is said on stderr.
    """
    wanted = wanted_of(invocation, said | {"search": text})
    stop = Event()
    with connected(invocation) as connection:
        steps = connection.reader.search(wanted, limit=limit, seconds=float(seconds), stop=stop)
        watching = Watching(invocation, steps)
        try:
            if only_tasks:
                _show_tasks(invocation, watching.hits())
            else:
                printer = Printer(invocation, full=full, ansi=ansi, names_task=True)
                for hits in watching.batches():
                    printer.print(hits)
        finally:
            stop.set()
        watching.sum_up()


class Watching:
    """A search as it goes: its hits, and where it stands, told on a terminal."""

    def __init__(self, invocation: Invocation, steps: Iterable[SearchStep]) -> None:
        self._invocation = invocation
        self._steps = steps
        self._latest: SearchProgress | None = None
        self._is_watched = sys.stderr.isatty()

    def batches(self) -> Iterator[list[Answer]]:
        """Hits as they are found."""
        for step in self._steps:
            self._latest = step.progress or self._latest
            if step.hits:
                self._wipe()
                yield list(step.hits)
            elif self._is_watched and self._latest:
                sys.stderr.write(f"{WIPE}searched {_percent(self._latest)} …")
                sys.stderr.flush()
        self._wipe()

    def hits(self) -> Iterator[Answer]:
        """The same, one by one."""
        return (hit for hits in self.batches() for hit in hits)

    def sum_up(self) -> None:
        """How many of how many, and whether that is all."""
        progress = self._latest
        if progress is None:
            return
        size = f"{progress.searched_bytes / MEGABYTE:,.1f} MB"
        more = "" if progress.ended == "complete" else " or more"
        stopped = "; stopped by --seconds" if progress.ended == "time" else ""
        shown = f"{progress.shown:,} of {count_text(progress.found)}{more} hits"
        self._invocation.output.say(f"{shown} · searched {size}{stopped}")

    def _wipe(self) -> None:
        if self._is_watched:
            sys.stderr.write(WIPE)
            sys.stderr.flush()


def _percent(progress: SearchProgress) -> str:
    if not progress.total_bytes:
        return "all"
    return f"{100 * progress.searched_bytes // progress.total_bytes} %"


def _show_tasks(invocation: Invocation, hits: Iterable[Answer]) -> None:
    counted = Counter(str(hit["task_id"] or hit.get("session_id") or "-") for hit in hits)
    for name, count in counted.items():
        if invocation.as_json:
            invocation.output.write_json({"task_id": name, "hits": count})
        else:
            invocation.output.write_line(f"{count:>6} {name}")
