"""`tasktrail search`: where a text stands, in whatever task."""

import sys
from collections.abc import Iterable, Iterator
from threading import Event
from typing import Any, Final

import click

from tasktrail.cli.connect import Answer, SearchStep, connected
from tasktrail.cli.figures import count_text
from tasktrail.cli.filter_options import TASK, filter_options, wanted_of
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.printer import Printer, entry_options
from tasktrail.cli.terminal import safe_line
from tasktrail.model.search_progress import SearchProgress

LEAST_SECONDS: Final = 0.1
MAX_SECONDS: Final = 60
MEGABYTE: Final = 1_000_000
WIPE: Final = "\r\x1b[K"
ENDS: Final = {
    "time": "; stopped by --seconds",
    "limit": "; -n are shown, the others are not counted",
}


@click.command
@click.argument("text", nargs=-1)
@filter_options
@TASK
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=100, show_default=True, help="At most so many."
)
@click.option(
    "--seconds",
    type=click.FloatRange(LEAST_SECONDS, MAX_SECONDS),
    default=10,
    show_default=True,
    help="Stop after so long; a server counts whole ones.",
)
@click.option("--tasks", "-l", "only_tasks", is_flag=True, help="Only the tasks, with their hits.")
@entry_options
@takes_invocation()
def search(  # noqa: PLR0913 - each is an option
    invocation: Invocation,
    *,
    text: tuple[str, ...],
    limit: int,
    seconds: float,
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
        steps = connection.reader.search(
            wanted, limit=limit, seconds=seconds, stop=stop, by_task=only_tasks
        )
        watching = Watching(invocation, steps, "tasks" if only_tasks else "hits")
        printer = Printer(invocation, full=full, ansi=ansi, names_task=True)
        try:
            for step in watching.steps():
                printer.print(list(step.hits))
                _show_tasks(invocation, step.tasks)
        finally:
            stop.set()
        watching.sum_up()


class Watching:
    """A search as it goes: its hits, and where it stands, told on a terminal."""

    def __init__(self, invocation: Invocation, steps: Iterable[SearchStep], shows: str) -> None:
        self._invocation = invocation
        self._shows = shows  # hits or tasks
        self._steps = steps
        self._latest: SearchProgress | None = None
        self._is_watched = sys.stderr.isatty()

    def steps(self) -> Iterator[SearchStep]:
        """Those in which something was found."""
        for step in self._steps:
            self._latest = step.progress or self._latest
            if step.hits or step.tasks:
                self._wipe()
                yield step
            elif self._is_watched and self._latest:
                sys.stderr.write(f"{WIPE}searched {_percent(self._latest)} …")
                sys.stderr.flush()
        self._wipe()

    def sum_up(self) -> None:
        """How many of how many, and whether that is all."""
        progress = self._latest
        if progress is None:
            return
        size = f"{progress.searched_bytes / MEGABYTE:,.1f} MB"
        more = "" if progress.ended == "complete" else " or more"
        stopped = ENDS.get(progress.ended or "", "")
        found = f"{count_text(progress.found)}{more} hits"
        shown = (
            f"{progress.shown:,} tasks · " if self._shows == "tasks" else f"{progress.shown:,} of "
        )
        self._invocation.output.say(f"{shown}{found} · searched {size}{stopped}")

    def _wipe(self) -> None:
        if self._is_watched:
            sys.stderr.write(WIPE)
            sys.stderr.flush()


def _percent(progress: SearchProgress) -> str:
    if not progress.total_bytes:
        return "all"
    return f"{100 * progress.searched_bytes // progress.total_bytes} %"


def _show_tasks(invocation: Invocation, tasks: Iterable[Answer]) -> None:
    for one in tasks:
        if invocation.as_json:
            invocation.output.write_json(one)
        else:
            count = f"{one['hits']:,}{'+' if one.get('is_partial') else ''}"
            name = one["task_id"] or one["session_id"] or "-"
            invocation.output.write_line(f"{count:>8} {safe_line(str(name))}")
