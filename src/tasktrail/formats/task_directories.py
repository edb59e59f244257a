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
from tasktrail.formats.events import Ordinals, Owner, Saying, make_event
from tasktrail.formats.records import read_line
from tasktrail.formats.translator import (
    Head,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.model.codec import decode

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


def translate_directory(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of one task's directory."""
    metadata, problems = _document(METADATA, blob)
    yield from problems
    task = text(metadata.get("task_id")) or (source.parents[0] if source.parents else source.stem)
    files = {name.partition(".")[0][3:]: body for name, body in sorted(source.siblings.items())}
    given, problems = _document("input", files.get("input", b"{}"))
    yield from problems
    yield _created(task, metadata, given)
    found: list[list[_Line]] = []
    for kind, body in files.items():
        if kind in _KINDS:
            lines, problems = _lines(kind, body)
            found.append(lines)
            yield from problems
    for line in _merged(found):
        yield _event(task, line)
    final, problems = _document("final-result", files.get("final-result", b"{}"))
    yield from problems
    if final:
        yield _ended(task, final)


def _document(name: str, blob: bytes) -> tuple[Fields, list[Problem]]:
    try:
        return check_fields(read_document(blob), name), []
    except InvalidEvent as error:
        return {}, [Problem(0, f"{name}: {error}", b"")]


def _created(task: str, metadata: Fields, given: Fields) -> Translated:
    """What was known of the task, and what it was given."""
    own = {"status", "completed_at", "cost_usd", "duration_seconds", "error"}
    fields: Fields = {key: value for key, value in metadata.items() if key not in own}
    if fields.get("source") == "webhook" and text(metadata.get("provider")):
        fields["source"] = metadata["provider"]
    if text(given.get("message")):
        fields["input_message"] = given["message"]
    fields |= {"format": FORMAT, "record": {"metadata": metadata, "input": given}}
    saying = Saying(text(metadata.get("created_at")))
    return make_event("task:created", Owner.of(task), f"td:{task}:created", fields, saying=saying)


def _lines(kind: str, body: bytes) -> tuple[list[_Line], list[Problem]]:
    """The lines of a file, each with its event; bad ones are problems."""
    lines: list[_Line] = []
    problems: list[Problem] = []
    ordinals, offset = Ordinals(), 0
    for blob in body.split(b"\n"):
        for found in read_line(blob, offset):
            try:
                lines.append(_line(kind, found, ordinals))
            except InvalidEvent as error:
                raw = found.blob if isinstance(found, Record) else found.raw
                problems.append(Problem(offset, f"{kind}: {error}", raw))
        offset += len(blob) + 1
    return lines, problems


def _line(kind: str, found: Record | Problem, ordinals: Ordinals) -> _Line:
    if isinstance(found, Problem):
        raise InvalidEvent(found.reason)
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


def _event(task: str, line: _Line) -> Translated:
    owner = Owner.of(text(line.fields.get("task_id")) or task)
    fields = {key: value for key, value in line.fields.items() if key not in OURS}
    fields["format"] = FORMAT
    saying = Saying(line.at or None)
    return make_event(line.event_type, owner, f"td:{task}:{line.name}", fields, saying=saying)


def _ended(task: str, final: Fields) -> Translated:
    is_done = final.get("success") is True
    fields: Fields = {
        "status": "completed" if is_done else "failed",
        "result": final.get("result"),
        "error": final.get("error"),
        **fields_of(final.get("metrics")),
        "format": FORMAT,
        "record": final,
    }
    fields = {key: value for key, value in fields.items() if value is not None}
    saying = Saying(text(final.get("completed_at")))
    event_type = "task:completed" if is_done else "task:failed"
    return make_event(event_type, Owner.of(task), f"td:{task}:final", fields, saying=saying)


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
