"""Task directories of the services before us: numbered files beside a metadata.json, one task each.

    now      01-input 02-user-inputs 03-webhook-flow 04-agent-output 05-knowledge-interactions …
    before   01-input 02-webhook-flow 03-user-inputs 03-agent-output 04-final-result

What a file holds its name says, whatever its number. The true id is in the metadata, because older
directories are named by date. Lines of several files are merged by their times, each file in its
own order. Trails of Tasktrail itself are none of these.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import Fields, check_fields, fields_of, read_document, text
from tasktrail.formats.events import (
    Ordinals,
    Owner,
    Saying,
    broken_line,
    digest,
    known,
    make_event,
)
from tasktrail.formats.lives import Life, guessed_end
from tasktrail.formats.records import read_line, take_apart
from tasktrail.formats.translator import (
    Head,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.model.codec import decode, encode
from tasktrail.model.statuses import TERMINAL, parse_status

FORMAT: Final = "task_directory"
METADATA: Final = "metadata.json"
KNOWLEDGE: Final = "knowledge-interactions"
# Stages of the first generation that have another name now.
STAGES: Final = {
    "validation": "webhook:validated",
    "command_matching": "webhook:matched",
    "immediate_response": "response:immediate",
    "response_immediate": "response:immediate",
    "notification_ops": "notification:ops",
}
OURS: Final = frozenset({"timestamp", "task_id"})


class _Line(NamedTuple):
    at: str
    event_type: str
    fields: Fields
    name: str


class _Directory:
    """One directory while it is translated: whose it is, and what stands in for missing times."""

    def __init__(self, source: Source, blob: bytes) -> None:
        self.problems: list[Problem] = []
        self.files = {_kind_of(name): (name, body) for name, body in _numbered(source)}
        self.metadata = self._document(METADATA, blob)
        said = text(self.metadata.get("task_id"))
        self.task = said or (source.parents[0] if source.parents else source.stem)
        self.scope = f"td:{self.task}"
        self.started_at = text(self.metadata.get("created_at"))
        self.owner = Owner.of(self.task).at(self.started_at or source.modified_at)
        is_over = source.is_quiet or source.is_over(self.started_at)
        self.is_complete = is_over or "final-result" in self.files

    def document(self, kind: str) -> Fields:
        """What a file that is one object says; nothing where there is none, or it is broken."""
        name, body = self.files.get(kind, ("", b""))
        return self._document(name, body) if name else {}

    def _document(self, name: str, blob: bytes) -> Fields:
        try:
            return check_fields(read_document(blob), name)
        except InvalidEvent as error:
            self.problems.append(Problem(0, str(error), blob, name))
            return {}

    def lines(self, kind: str) -> list[_Line]:
        """The lines of a file, each with its event; bad ones are problems."""
        name, body = self.files[kind]
        lines: list[_Line] = []
        ordinals, offset = Ordinals(), 0
        *whole, rest = body.split(b"\n")
        if self.is_complete or _is_record(rest):  # else it may still be written
            whole.append(rest)
        for blob in whole:
            for found in read_line(blob, offset):
                lines += self._records(kind, name, found, ordinals)
            offset += len(blob) + 1
        return lines

    def _records(
        self, kind: str, name: str, found: Record | Problem, ordinals: Ordinals
    ) -> Iterator[_Line]:
        if isinstance(found, Problem):
            self.problems.append(found._replace(file=name))
            return
        try:
            yield _line(kind, found, ordinals)
        except InvalidEvent:
            yield from self._pieces(kind, name, found, ordinals)

    def _pieces(self, kind: str, name: str, found: Record, ordinals: Ordinals) -> Iterator[_Line]:
        """What looked like one record and is none: perhaps parts of it are, or it can be mended."""
        for piece in take_apart(found.blob, found.offset):
            if isinstance(piece, Problem):
                self.problems.append(piece._replace(file=name))
                continue
            try:
                yield _line(kind, piece, ordinals)
            except InvalidEvent as error:
                self.problems.append(Problem(found.offset, str(error), piece.blob, name))


def _numbered(source: Source) -> list[tuple[str, bytes]]:
    return sorted(source.siblings.items())


def _kind_of(name: str) -> str:
    """What a file holds: its name without number and ending."""
    return name.partition(".")[0][3:]


def _is_record(blob: bytes) -> bool:
    return all(isinstance(found, Record) for found in take_apart(blob.strip(), 0))


def translate_directory(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of one task's directory, and what in it cannot be read, kept and told."""
    directory = _Directory(source, blob)
    yield _created(directory, directory.document("input"))
    last_at = directory.started_at
    for line in _merged([directory.lines(kind) for kind in directory.files if kind in _KINDS]):
        last_at = line.at or last_at
        yield _event(directory, line)
    final = directory.document("final-result")
    if final:
        yield _ended(directory, final)
    else:
        yield from _guessed(directory, source, last_at)
    for problem in directory.problems:
        yield problem
        if problem.raw:
            yield broken_line(directory.owner, directory.scope, problem)


def _guessed(directory: _Directory, source: Source, last_at: str | None) -> list[Translated]:
    """The end of a task without a result that was not heard of for a day."""
    outcome = parse_status(text(directory.metadata.get("status"))) or "cancelled"
    life = Life(outcome=outcome if outcome in TERMINAL else "cancelled", is_begun=True)
    life.heard(last_at)
    if not life.is_quiet(source):
        return []
    return guessed_end(directory.owner, directory.scope, life)


def _created(directory: _Directory, given: Fields) -> Translated:
    """What was known of the task, and what it was given."""
    metadata = directory.metadata
    own = {"status", "completed_at", "cost_usd", "duration_seconds", "error"}
    fields: Fields = {key: value for key, value in metadata.items() if key not in own}
    if fields.get("source") == "webhook" and text(metadata.get("provider")):
        fields["source"] = metadata["provider"]
    if text(given.get("message")):
        fields["input_message"] = given["message"]
    fields |= {"format": FORMAT, "record": {"metadata": metadata, "input": given}}
    identity = f"{directory.scope}:created:{digest(encode(fields))}"
    saying = Saying(directory.started_at)
    return make_event("task:created", directory.owner, identity, fields, saying=saying)


def _line(kind: str, found: Record, ordinals: Ordinals) -> _Line:
    fields = check_fields(decode(found.blob), "a line")
    event_type, said = _KINDS[kind](fields)
    at = text(fields.get("timestamp")) or ""
    return _Line(at, event_type, said, f"{kind}:{ordinals.name(found.blob)}")


def _merged(files: list[list[_Line]]) -> Iterator[_Line]:
    """The lines of all files: the earliest of those that are next in their files."""
    places = [0] * len(files)
    while True:
        ahead = [n for n, place in enumerate(places) if place < len(files[n])]
        if not ahead:
            return
        earliest = min(ahead, key=lambda n: (files[n][places[n]].at, n))
        yield files[earliest][places[earliest]]
        places[earliest] += 1


def _event(directory: _Directory, line: _Line) -> Translated:
    named = text(line.fields.get("task_id"))
    owner = Owner.of(named or directory.task).at(directory.owner.stand_in)
    fields = {key: value for key, value in line.fields.items() if key not in OURS}
    fields["format"] = FORMAT
    identity = f"{directory.scope}:{line.name}"
    return make_event(line.event_type, owner, identity, fields, saying=Saying(line.at or None))


def _ended(directory: _Directory, final: Fields) -> Translated:
    is_done = final.get("success") is True
    fields: Fields = {
        "status": "completed" if is_done else "failed",
        "result": final.get("result"),
        "error": final.get("error"),
        **fields_of(final.get("metrics")),
        "format": FORMAT,
        "record": final,
    }
    fields = known(fields)
    saying = Saying(text(final.get("completed_at")))
    event_type = "task:completed" if is_done else "task:failed"
    identity = f"{directory.scope}:final:{digest(encode(final))}"
    return make_event(event_type, directory.owner, identity, fields, saying=saying)


def _webhook(line: Fields) -> tuple[str, Fields]:
    """First-generation lines are flat, later ones have their values in `data`."""
    stage = text(line.get("stage")) or "unknown"
    rest = {key: value for key, value in line.items() if key not in {"stage", "data"}}
    return STAGES.get(stage, f"webhook:{stage}"), rest | fields_of(line.get("data"))


def _agent(line: Fields) -> tuple[str, Fields]:
    kind = text(line.get("type")) or "output"
    rest = {key: value for key, value in line.items() if key != "type"}
    return ("task:output" if kind == "message" else f"task:{kind}"), rest


def _knowledge(line: Fields) -> tuple[str, Fields]:
    rest = {key: value for key, value in line.items() if key != "type"}
    return f"knowledge:{text(line.get('type')) or 'query'}", rest


def _user(line: Fields) -> tuple[str, Fields]:
    return "task:user_input", {key: value for key, value in line.items() if key != "type"}


def _posted(line: Fields) -> tuple[str, Fields]:
    return "task:response_posted", line


_KINDS: Final[dict[str, Callable[[Fields], tuple[str, Fields]]]] = {
    "webhook-flow": _webhook,
    "agent-output": _agent,
    KNOWLEDGE: _knowledge,
    "user-inputs": _user,
    "response-posting": _posted,
}


def recognises(source: Source, _head: Head) -> bool:
    """Whether it is a metadata.json beside numbered files that no Tasktrail wrote."""
    if source.name != METADATA or not source.siblings:
        return False
    return not any(body.startswith(b'{"seq":') for body in source.siblings.values())


TASK_DIRECTORY: Final = WholeFormat(FORMAT, recognises, translate_directory)
