"""Importing in tests: files of a few records, translators by hand, a sink that keeps everything."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasktrail.formats.records import parse_head
from tasktrail.formats.table import format_named, recognise
from tasktrail.formats.translator import (
    Format,
    LineTranslator,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.ingest.import_files import FoundFile, find_files
from tasktrail.ingest.import_reading import Reading, translate_line
from tasktrail.ingest.import_sinks import Refused
from tasktrail.ingest.importing import Importer, Report
from tasktrail.store.import_memory import ImportMemory

Event = dict[str, Any]
SESSION = "0a1b2c3d-0000-4000-8000-00000000000a"
# What is said of sessions and workers, beside that a worker was spawned.
LIVES = frozenset(
    {"session:started", "session:ended", "worker:imported", "worker:completed", "worker:failed"}
)
RECORDED = 1_767_323_060.0  # a minute after the records of tests
LONG_AGO = 1_700_000_000.0  # when files of tests were changed, unless they say otherwise


class KeptSink:
    """A sink that keeps what it is given; an identity that came before is a duplicate.

    As in a trail, a time that stands in for one nobody told is no part of what is compared.
    """

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.duplicates = 0
        self.conflicts = 0

    def put(self, events: Sequence[Translated]) -> list[Refused]:
        """Nothing is refused."""
        for one in events:
            before = self.blobs.setdefault(f"{one.key} {one.identity}", one.blob)
            self.duplicates += before is not one.blob
            self.conflicts += _content(before) != _content(one.blob)
        return []

    def digest(self) -> dict[str, Event]:
        """All that was said: without the places of files, and times that stand in."""
        said = {name: _content(blob) for name, blob in self.blobs.items()}
        return {name: one for name, one in said.items() if one["type"] != "worker:imported"}

    def events(self) -> list[Event]:
        """What came, as objects."""
        return [json.loads(blob) for blob in self.blobs.values()]


def _content(blob: bytes) -> Event:
    """What an event says."""
    event: Event = json.loads(blob)
    if "timestamp_is_estimated" in event:
        event.pop("timestamp", None)
    return event


class Desk:
    """A folder with files to import, what is remembered of them, and where they go."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        self.files.mkdir()
        self.memory_folder = folder / "memory"
        self.sink = KeptSink()
        self.now = LONG_AGO + 60

    def write(self, name: str, *records: object, end: str = "\n") -> Path:
        """The file with these records, one in a line; text and bytes stand as they are."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lines_of(*records, end=end))
        return path

    def run(self, only: Format | None = None, *, forgets: bool = False) -> Report:
        """Import everything that is there."""
        memory = ImportMemory(self.memory_folder / ("other" if forgets else "same"))
        importer = Importer(self.sink, memory, only=only, clock=lambda: self.now)
        return importer.run(find_files([self.files]))

    def take(self, files: list[FoundFile]) -> Report:
        """Import these."""
        memory = ImportMemory(self.memory_folder / "same")
        return Importer(self.sink, memory, clock=lambda: self.now).run(files)

    def types(self) -> list[str]:
        """The types of all events but for lives, in their order."""
        return types_of(without_lives(self.sink.events()))


def lines_of(*records: object, end: str = "\n") -> bytes:
    """The records, one in a line."""
    return b"".join(_line(record) + end.encode() for record in records)


def _line(record: object) -> bytes:
    if isinstance(record, bytes):
        return record
    return record.encode() if isinstance(record, str) else json.dumps(record).encode()


def opened(name: str, *records: object, file: str = "file.jsonl", **more: object) -> LineTranslator:
    """The translator of a line format for a file that begins with these records."""
    form = format_named(name)
    assert form is not None
    assert not isinstance(form, WholeFormat)
    source = Source(file, f"/logs/{file}", **more)  # type: ignore[arg-type]
    return form.open(source, parse_head(lines_of(*records), is_whole=True), None)


def without_lives(events: list[Event]) -> list[Event]:
    """The events but for how sessions and workers began and ended."""
    return [event for event in events if event["type"] not in LIVES]


def lives(events: list[Event]) -> list[Event]:
    """How sessions and workers began and ended, and nothing else."""
    return [event for event in events if event["type"] in LIVES | {"worker:spawned"}]


def translated(
    name: str, *records: object, file: str = "file.jsonl", **more: object
) -> list[Event]:
    """The events of a file of that line format, but for lives."""
    return without_lives(all_translated(name, *records, file=file, **more))


def all_translated(
    name: str, *records: object, file: str = "file.jsonl", **more: object
) -> list[Event]:
    """All the events of a file of that line format."""
    translator = opened(name, *records, file=file, **more)
    events: list[Translated] = []
    offset = 0
    for record in records:
        line = _line(record)
        translate_line(translator, Reading(), line, offset, events)
        offset += len(line) + 1
    return [json.loads(one.blob) for one in events]


def feed(translator: LineTranslator, *records: object) -> list[Event]:
    """The events of these records but for lives, by a translator that is open already."""
    return without_lives(
        [
            json.loads(one.blob)
            for line in map(_line, records)
            for one in translator.translate(Record(line, 0))
        ]
    )


def quiet(translator: LineTranslator) -> list[Event]:
    """The ends that are guessed now, but for those of sessions and workers."""
    return without_lives([json.loads(one.blob) for one in translator.quiet()])


def resumed(name: str, translator: LineTranslator, **more: object) -> LineTranslator:
    """Another translator that goes on where this one stands."""
    form = format_named(name)
    assert form is not None
    assert not isinstance(form, WholeFormat)
    source = Source("file.jsonl", **more)  # type: ignore[arg-type]
    return form.open(source, parse_head(b"", is_whole=True), translator.state())


def whole(name: str, document: object, file: str = "file.json", **more: object) -> list[Event]:
    """The events of a document of that format, but for lives; a problem is an error here."""
    return without_lives(all_whole(name, document, file, **more))


def all_whole(name: str, document: object, file: str = "file.json", **more: object) -> list[Event]:
    """All the events of a document of that format; a problem is an error here."""
    form = format_named(name)
    assert isinstance(form, WholeFormat)
    blob = document if isinstance(document, bytes) else json.dumps(document, indent=1).encode()
    events: list[Event] = []
    for found in form.translate(Source(file, f"/logs/{file}", **more), blob):  # type: ignore[arg-type]
        assert not isinstance(found, Problem), found
        events.append(json.loads(found.blob))
    return events


def recognised(*records: object, file: str = "file.jsonl", **more: object) -> str | None:
    """The name of the format that a file of these records has."""
    blob = lines_of(*records)
    found = recognise(Source(file, f"/logs/{file}", **more), parse_head(blob, is_whole=True))  # type: ignore[arg-type]
    return None if found is None else found.name


def types_of(events: list[Event]) -> list[str]:
    """Their types."""
    return [event["type"] for event in events]


def only(events: list[Event], event_type: str) -> list[Event]:
    """The events of that type."""
    return [event for event in events if event["type"] == event_type]


def claude(kind: str, number: int, **fields: object) -> dict[str, object]:
    """A record of a transcript."""
    return {
        "type": kind,
        "uuid": f"u{number}",
        "parentUuid": f"u{number - 1}",
        "sessionId": SESSION,
        "timestamp": f"2026-01-02T03:04:{number:02d}.000Z",
        "isSidechain": False,
        "cwd": "/work",
        "gitBranch": "main",
        "version": "2.1.0",
    } | fields


def prompt(number: int, text: str, **fields: object) -> dict[str, object]:
    """A prompt in a transcript."""
    return claude("user", number, message={"role": "user", "content": text}, **fields)


def answer(
    number: int,
    *blocks: dict[str, object],
    message_id: str = "msg_1",
    output: int = 5,
    **fields: object,
) -> dict[str, object]:
    """A line of a model's answer in a transcript."""
    usage = {
        "input_tokens": 3,
        "output_tokens": output,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 20,
        "cache_creation": {"ephemeral_5m_input_tokens": 15, "ephemeral_1h_input_tokens": 4},
    }
    message = {"id": message_id, "model": "claude-x", "content": list(blocks), "usage": usage}
    return claude("assistant", number, message=message, requestId="req_1", **fields)


def said(text: str) -> dict[str, object]:
    """A block of text."""
    return {"type": "text", "text": text}


def called(name: str, tool_id: str, **given: object) -> dict[str, object]:
    """A block that calls a tool."""
    return {"type": "tool_use", "id": tool_id, "name": name, "input": given}


def answered(
    number: int, tool_id: str, content: object, *, is_error: bool = False
) -> dict[str, object]:
    """A tool's result in a transcript."""
    block = {
        "type": "tool_result",
        "tool_use_id": tool_id,
        "content": content,
        "is_error": is_error,
    }
    return claude("user", number, message={"role": "user", "content": [block]})
