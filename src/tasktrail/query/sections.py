"""A whole task in sections: its documents and channels under the names that answers give them.

Stored lines are answered as they stand, spliced in without being taken apart. A section is there
only when it has something in it. Searches that an agent made through a tool stand in its output;
the section of knowledge interactions shows them too, marked `derived`.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent, StorageFailed, TornEntry
from tasktrail.model.channels import (
    AGENT_OUTPUT,
    API_CALLS,
    EVENTS,
    FINAL_RESULT,
    INPUT,
    KNOWLEDGE,
    LOG,
    METADATA,
    RESPONSE_POSTING,
    USER_INPUTS,
    WEBHOOK_FLOW,
)
from tasktrail.model.codec import Fields, decode_fields, integer_of
from tasktrail.model.documents import DOCUMENT_EVENTS, Documents, summary_of
from tasktrail.model.entry import parse_line
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task
from tasktrail.query.rows import Row
from tasktrail.query.trail_view import TrailView
from tasktrail.store.document_files import fold, read_document
from tasktrail.store.heads import read_head
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines_of
from tasktrail.store.scan import iter_trail
from tasktrail.store.trail_directory import reading

ORDER: Final = (
    METADATA,
    INPUT,
    USER_INPUTS,
    WEBHOOK_FLOW,
    AGENT_OUTPUT,
    KNOWLEDGE,
    FINAL_RESULT,
    RESPONSE_POSTING,
    LOG,
    API_CALLS,
    EVENTS,
)
KNOWLEDGE_TOOLS: Final = (
    "mcp__llamaindex__",
    "mcp__gkg__",
    "mcp__knowledge",
    "knowledge_query",
    "knowledge_search",
    "code_search",
)
TELLING: Final = EntryFilter(event_type=tuple(sorted(DOCUMENT_EVENTS)))


class _Tool(Struct, gc=False):
    """The keys of a tool's line that its derived row repeats."""

    seq: int
    timestamp: Raw = Raw(b"null")
    type: Any = None
    tool_name: Any = None
    tool_input: Any = None
    content: Raw = Raw(b'""')
    is_error: Raw = Raw(b"false")


_TOOL: Final = msgspec.json.Decoder(_Tool)
_SEQ: Final = msgspec.json.Decoder(_Tool)


def sections_of(layout: Layout, view: TrailView, *, below: int) -> Row:
    """`task_id` and every section that has something in it."""
    key = view.key
    found: Row = dict(_documents(layout, view, below))
    with reading(layout, key.family, key.directory) as channels:
        for channel, fd in channels.items():
            lines = list(_lines(fd, below))
            if lines:
                found[channel] = lines
    derived = list(_derived(found.get(AGENT_OUTPUT)))
    if derived:
        found[KNOWLEDGE] = _merged(found.get(KNOWLEDGE), derived)
    return {"task_id": key.id} | {name: found[name] for name in ORDER if found.get(name)}


def _lines(fd: int, below: int) -> Iterator[Raw]:
    """The channel's recorded lines as they stand; those that cannot be read cost themselves."""
    for _, line in iter_lines_of(fd):
        head = read_head(line)
        if head is None:
            continue
        if head.pos >= below:
            return
        yield Raw(line)


def _derived(lines: object) -> Iterator[tuple[int, Row]]:
    """Rows of knowledge interactions, made of the calls of knowledge tools."""
    for line in lines if isinstance(lines, list) else []:
        if b'"type":"tool_' not in bytes(line):
            continue
        tool = _TOOL.decode(line)
        if not isinstance(tool.tool_name, str) or not tool.tool_name.startswith(KNOWLEDGE_TOOLS):
            continue
        row: Row = {"seq": tool.seq, "timestamp": tool.timestamp, "tool_name": tool.tool_name}
        if tool.type == "tool_call":
            yield (
                tool.seq,
                row | {"type": "query", "input": _json(tool.tool_input), "derived": True},
            )
        else:
            answered: Row = {"content": tool.content, "is_error": tool.is_error}
            yield tool.seq, row | {"type": "result"} | answered | {"derived": True}


def _json(said: object) -> object:
    """The tool's input, which its line holds as text, as the JSON that it is."""
    if isinstance(said, str):
        try:
            return Raw(msgspec.json.encode(msgspec.json.decode(said)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return said
    return said


def _merged(lines: object, derived: list[tuple[int, Row]]) -> list[object]:
    """Recorded and derived interactions in the order of the trail."""
    recorded = [(_SEQ.decode(line).seq, line) for line in lines] if isinstance(lines, list) else []
    return [row for _, row in sorted([*recorded, *derived], key=lambda one: one[0])]


def _documents(layout: Layout, view: TrailView, below: int) -> Iterator[tuple[str, object]]:
    """The documents as of the view: from disk while they tell all, folded anew otherwise."""
    stored = _read(layout, view.key, METADATA)
    as_of = integer_of((stored or {}).get("as_of"))
    if stored is None or as_of is None or not _is_current(view, as_of):
        yield from _folded(layout, view.key, below)
        return
    yield METADATA, stored | summary_of(view.task)
    yield INPUT, _read(layout, view.key, INPUT)
    yield FINAL_RESULT, _read(layout, view.key, FINAL_RESULT)


def _is_current(view: TrailView, as_of: int) -> bool:
    """Whether no entry after `as_of` changes a document, but for the summary that the view has."""
    return as_of <= view.head and not view.select(TELLING).up(after=as_of, before=MAX_SEQ, limit=1)


def _read(layout: Layout, key: TrailKey, document: str) -> Fields | None:
    try:
        blob = read_document(layout, key, document)
        return None if blob is None else decode_fields(blob)
    except (StorageFailed, InvalidEvent):
        return None


def _folded(layout: Layout, key: TrailKey, below: int) -> Iterator[tuple[str, object]]:
    documents = Documents(Task(key.id))
    for channel, line in iter_trail(layout, key, below=below):
        try:
            fold(documents, parse_line(line, channel, key))
        except TornEntry:
            continue
    yield METADATA, documents.metadata()
    yield INPUT, documents.input
    yield FINAL_RESULT, documents.final_result()
