"""What a worker said, asked and was answered, with its sub-agents indented below it.

Out of the trail, where it is recorded; of a worker whose words were never recorded, out of the file
that its `log_file` names, if it is on this machine and of a format that can be imported. Either way
page by page: a conversation may be of any length.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tasktrail.cli.connect import Answer, Reader
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.line_writer import entry_text, line_style
from tasktrail.formats.translator import Translated
from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.import_sinks import Refused
from tasktrail.ingest.importing import Importer
from tasktrail.model.channels import AGENT_OUTPUT, USER_INPUTS
from tasktrail.model.entry import Entry, render_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.filters import EntryFilter
from tasktrail.model.times import parse_time
from tasktrail.model.view import row_of
from tasktrail.store.import_memory import ImportMemory

SPOKEN: Final = (USER_INPUTS, AGENT_OUTPUT)
ENTRIES_AT_ONCE: Final = 500
INDENT: Final = "    "
MOST_DEEP: Final = 8

Print = Callable[[Iterable[Answer]], int]


class Speakers:
    """Whose words stand how far to the right: a sub-agent one step further than who started it."""

    def __init__(self, worker: str | None = None) -> None:
        self._depths = {} if worker is None else {worker: 0}

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who speaks."""
        return tuple(self._depths)

    def add(self, name: str, parent: str) -> None:
        """Somebody who was started by another."""
        self._depths.setdefault(name, min(MOST_DEEP, self._depths.get(parent, 0) + 1))

    def depth_of(self, name: str | None) -> int:
        """How far to the right; who is met first and was not introduced is the one who leads."""
        if name is None:
            return 0
        if not self._depths:
            self._depths[name] = 0
        return self._depths.setdefault(name, 1)


def show_conversation(invocation: Invocation, reader: Reader, worker: Answer) -> bool:
    """Whether anything was said; it is on stdout."""
    name = worker["worker_id"]
    speakers = Speakers(name)
    _introduce(reader, worker, speakers)
    if worker["task_id"] is not None:
        rows = _recorded(reader, worker["task_id"], speakers)
        if _printer(invocation, speakers)(rows):
            return True
    path = None if worker["log_file"] is None else Path(worker["log_file"])
    if path is None or not path.is_file():
        return False
    invocation.output.say(f"read from {path}, which is not imported")
    return _of_file(path, _printer(invocation, Speakers())) > 0


def _introduce(reader: Reader, worker: Answer, speakers: Speakers) -> None:
    """The workers below this one, and those below them."""
    for one in worker["workers"]:
        if one["worker_id"] not in speakers.names:
            speakers.add(one["worker_id"], worker["worker_id"])
            _introduce(reader, reader.ledger.worker(one["worker_id"]), speakers)


def _recorded(reader: Reader, task_id: str, speakers: Speakers) -> Iterator[Answer]:
    """What the speakers said, as it stands in the task's trail."""
    wanted = EntryFilter(channel=SPOKEN, worker_id=speakers.names)
    page = reader.logs(task_id, wanted, limit=ENTRIES_AT_ONCE)
    while True:
        yield from page["logs"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
        page = reader.logs(task_id, wanted, limit=ENTRIES_AT_ONCE, cursor=cursor)


def _of_file(path: Path, show: Print) -> int:
    """How many entries the file makes; nothing of it is recorded or remembered."""
    sink = _ShowingSink(show)
    with TemporaryDirectory(prefix="tasktrail-") as folder:
        Importer(sink, ImportMemory(Path(folder))).run(find_files([path]))
    return sink.shown


class _ShowingSink:
    """Where imported events go that are only looked at."""

    def __init__(self, show: Print) -> None:
        self.shown = 0
        self._show = show

    def put(self, events: Sequence[Translated]) -> list[Refused]:
        """Nothing is refused."""
        self.shown += self._show(row for one in events for row in self._rows(one))
        return []

    def _rows(self, one: Translated) -> Iterator[Answer]:
        event = parse_event(one.blob)
        trail = address_of(event).trail
        if trail is None:
            return
        at = parse_time(event.text("timestamp") or "") or 0
        channel, line = render_line(Entry(self.shown + 1, one.identity, at, 0, event), trail)
        if channel in SPOKEN:
            yield row_of(line, channel, trail)


def _printer(invocation: Invocation, speakers: Speakers) -> Print:
    """How entries are shown: as JSON lines, or as text that is indented by who speaks."""
    output = invocation.output
    style = line_style(output.terminal, raw=invocation.is_raw, full=True)
    today = invocation.today()

    def show(rows: Iterable[Answer]) -> int:
        count = 0
        for count, row in enumerate(rows, 1):  # noqa: B007 - the count is the answer
            if invocation.as_json:
                output.write_json(row)
                continue
            edge = INDENT * speakers.depth_of(row["worker_id"])
            text = entry_text(row, style, today=today)
            output.write("".join(f"{edge}{line}" for line in text.splitlines(keepends=True)))
        output.flush()
        return count

    return show
