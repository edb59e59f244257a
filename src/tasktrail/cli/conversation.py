"""What a worker said, asked and was answered, with its sub-agents indented where they began.

Out of the trail, where it is recorded; of a worker whose words were never recorded, out of the file
that its `log_file` names, if it is on this machine and of a format that can be imported. Either way
page by page: a conversation may be of any length.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from tasktrail.cli.connect import Answer, Reader
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.line_writer import entry_text, line_style
from tasktrail.cli.terminal import safe_line
from tasktrail.errors import NotFound
from tasktrail.formats.translator import Translated
from tasktrail.ingest.import_files import AGENT_FILE, SUBAGENTS, FoundFile, find_files
from tasktrail.ingest.import_merge import session_file
from tasktrail.ingest.import_sinks import Refused
from tasktrail.ingest.importing import Importer
from tasktrail.model.channels import AGENT_OUTPUT, USER_INPUTS
from tasktrail.model.codec import plain_text
from tasktrail.model.entry import Entry, render_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.filters import EntryFilter
from tasktrail.model.times import parse_time
from tasktrail.model.usage import is_undated_event
from tasktrail.model.view import row_of
from tasktrail.store.import_memory import ImportMemory

SPOKEN: Final = (USER_INPUTS, AGENT_OUTPUT)
ENTRIES_AT_ONCE: Final = 500
INDENT: Final = "    "
MOST_DEEP: Final = 8
NARROWEST: Final = 40  # cells for text, however far to the right it stands

Place = tuple[str, int]  # an entry's own time and its seq


class Said(NamedTuple):
    """An entry and how far to the right it stands; without an entry, who speaks from here on."""

    depth: int
    row: Answer | None
    speaker: str = ""


Print = Callable[[Iterable[Said]], int]


def show_conversation(invocation: Invocation, reader: Reader, worker: Answer) -> None:
    """The conversation on stdout; raises NotFound when its log file is the only one and missing."""
    show = _printer(invocation)
    if show(Conversation(reader).of(worker)):
        return
    if worker["log_file"] is None:
        invocation.output.say(f"nothing that {worker['worker_id']} said is recorded here")
        return
    path = Path(worker["log_file"]).absolute()
    if not path.is_file():
        raise NotFound(f"expected the words of {worker['worker_id']} in {path}, no such file here")
    invocation.output.say(f"read from {path}, which is not imported")
    if not _of_file(path, show):
        invocation.output.say(f"nothing that anybody said is in {path}")


class Conversation:
    """What workers said, as it is recorded; each page is forgotten when it was shown."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._met: set[str] = set()

    def of(self, worker: Answer, depth: int = 0) -> Iterator[Said]:
        """The worker's entries, and before the first one that is later each sub-agent's."""
        self._met.add(worker["worker_id"])
        waiting = self._begins(worker)
        latest = ""
        for row in self._entries(worker, limit=ENTRIES_AT_ONCE):
            latest = max(latest, row["timestamp"])  # clocks of sources step back
            while waiting and waiting[0][0] < (latest, row["seq"]):
                yield from self._below(waiting.pop(0)[1], depth)
            yield Said(depth, row)
        for _, child in waiting:
            yield from self._below(child, depth)

    def _below(self, child: Answer, depth: int) -> Iterator[Said]:
        inner = min(MOST_DEEP, depth + 1)
        name = " ".join(text for text in (child["worker_id"], child["agent"]) if text)
        yield Said(inner, None, name)
        yield from self.of(child, inner)

    def _begins(self, worker: Answer) -> list[tuple[Place, Answer]]:
        """The sub-agents that said anything, by the places of their first entries."""
        found = []
        for child in worker["workers"]:
            if child["worker_id"] in self._met:
                continue
            said = self._reader.ledger.worker(child["worker_id"])
            whole = {**said, "task_id": said["task_id"] or worker["task_id"]}
            first = next(self._entries(whole, limit=1), None)
            if first is not None:
                found.append(((first["timestamp"], first["seq"]), whole))
            elif whole["workers"]:  # silent itself, and its own sub-agents may not be
                found.append(((whole["spawned_at"] or "", 0), whole))
        return sorted(found, key=lambda one: one[0])

    def _entries(self, worker: Answer, *, limit: int) -> Iterator[Answer]:
        """What it said itself, in the order of its task's trail."""
        if worker["task_id"] is None:
            return
        wanted = EntryFilter(channel=SPOKEN, worker_id=(worker["worker_id"],))
        page = self._reader.logs(worker["task_id"], wanted, limit=limit)
        while True:
            yield from page["logs"]
            cursor = page["next_cursor"]
            if cursor is None:
                return
            page = self._reader.logs(worker["task_id"], wanted, limit=limit, cursor=cursor)


def _of_file(path: Path, show: Print) -> int:
    """How many entries the file makes; nothing of it is recorded or remembered."""
    sink = _ShowingSink(show)
    with TemporaryDirectory(prefix="tasktrail-") as folder:
        Importer(sink, ImportMemory(Path(folder))).run(_with_sub_agents(path))
    return sink.shown


def _with_sub_agents(path: Path) -> list[FoundFile]:
    """The file, and those of its sub-agents in both layouts, where it is a session's."""
    beside = path.parent.glob(f"{AGENT_FILE}*.jsonl")
    mine = [one for one in beside if session_file(str(one)) == str(path)]
    return find_files([path, path.with_suffix("") / SUBAGENTS, *mine])


class _ShowingSink:
    """Where imported events go that are only looked at."""

    def __init__(self, show: Print) -> None:
        self.shown = 0
        self._number = 0
        self._show = show
        self._depths: dict[str | None, int] = {None: 0}

    def put(self, events: Sequence[Translated]) -> list[Refused]:
        """Nothing is refused."""
        self.shown += self._show(said for one in events for said in self._said(one))
        return []

    def _said(self, one: Translated) -> Iterator[Said]:
        event = parse_event(one.blob)
        trail = address_of(event).trail
        if trail is None:
            return
        self._introduce(event.text("worker_id"), plain_text(event.data.get("parent_worker_id")))
        at = parse_time(event.text("timestamp") or "")
        channel, line = render_line(Entry(self._number + 1, one.identity, at or 0, 0, event), trail)
        if channel in SPOKEN:
            self._number += 1
            row = row_of(line, channel, trail)
            if event.timestamp is None or is_undated_event(event):
                row["timestamp"] = None  # it is not known
            yield Said(self._depths[event.text("worker_id")], row)

    def _introduce(self, worker: str | None, parent: str) -> None:
        """Who is met first leads; a sub-agent stands one step further right than who began it."""
        if worker not in self._depths:
            leads = len(self._depths) == 1
            depth = 0 if leads else 1 + self._depths.get(parent or None, 0)
            self._depths[worker] = min(MOST_DEEP, depth)


def _printer(invocation: Invocation) -> Print:
    """How entries are shown: as JSON lines, or as text that is indented by who speaks."""
    output = invocation.output
    style = line_style(output.terminal, raw=invocation.is_raw, full=True)
    today = invocation.today()

    def text_of(said: Said) -> str:
        edge = INDENT * said.depth
        if said.row is None:
            return f"{edge}{safe_line(said.speaker)}\n"
        width = None if style.width is None else max(NARROWEST, style.width - len(edge))
        text = entry_text(said.row, style._replace(width=width), today=today)
        return "".join(f"{edge}{line}" for line in text.splitlines(keepends=True))

    def show(conversation: Iterable[Said]) -> int:
        count = 0
        for said in conversation:
            count += said.row is not None
            if not invocation.as_json:
                output.write(text_of(said))
            elif said.row is not None:
                output.write_json(said.row)
        output.flush()
        return count

    return show
