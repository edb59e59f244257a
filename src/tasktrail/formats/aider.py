"""aider: the chat history in Markdown, and its analytics in lines of JSON.

In the history `# aider chat started at …` begins a session, `#### ` is the user and `> ` aider
itself; all else is the model. A session is a task. Analytics tell each model call with its cost;
from one launch to the exit is a task.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import Fields, Teller, check_fields, fields_of, number, text, whole
from tasktrail.formats.events import Ordinals, Owner, Saying, broken_line, digest, quiet_end
from tasktrail.formats.foreign_times import from_epoch, from_local
from tasktrail.formats.translator import (
    Head,
    LineFormat,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.model.codec import decode

FORMAT: Final = "aider"
AGENT: Final = "aider"
HEADING: Final = "# aider chat started at "
USER: Final = "#### "
TOOL: Final = "> "
UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
BEGINS: Final = frozenset({"launched", "cli session", "gui session"})


def translate_history(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of a chat history; bytes that are no UTF-8 are replaced and told."""
    try:
        history = blob.decode()
    except UnicodeDecodeError as error:
        yield Problem(error.start, "not UTF-8: replaced", b"")
        history = blob.decode("utf-8", "replace")
    started = None
    parts = re.split(rf"(?m)^{HEADING}", history.replace("\0", ""))
    for place, part in enumerate(parts):
        if place:
            started, _, part = part.partition("\n")  # noqa: PLW2901 - its first line is the date
        if part.strip():
            is_over = source.is_quiet or place + 1 < len(parts)
            yield from _session(source, started, part, is_over=is_over)


def _session(
    source: Source, started: str | None, part: str, *, is_over: bool
) -> Iterator[Translated]:
    task = f"aider-{UNSAFE.sub('_', (started or source.stem).strip())}"
    teller = Teller(Owner.of(task, task), FORMAT, f"ai:{task}")
    at = from_local((started or "").strip())
    is_created = False
    for place, (mark, lines) in enumerate(_blocks(part)):
        said = "\n".join(lines).strip("\n")
        if not said.strip():
            continue
        name = f"{place}:{digest(said.encode())}"
        if mark == USER and not is_created:
            is_created = True
            first = {"input_message": said, "source": AGENT, "assigned_agent": AGENT}
            yield teller.tell("task:created", f"{name}#created", first, saying=Saying(at, "user"))
        yield _block(teller, mark, name, said, at)
    if is_over:
        yield quiet_end(teller.owner, f"{teller.scope}:quiet", "completed", at)


def _blocks(part: str) -> Iterator[tuple[str, list[str]]]:
    """Consecutive lines of one speaker; an empty line belongs to who spoke before it."""
    mark = ""
    lines: list[str] = []
    for line in part.split("\n"):
        found = next((one for one in (USER, TOOL) if line.startswith(one)), "")
        if found != mark and line.strip():
            yield mark, lines
            mark, lines = found, []
        lines.append(line[len(found) :].rstrip())
    yield mark, lines


def _block(teller: Teller, mark: str, name: str, said: str, at: str | None) -> Translated:
    if mark == USER:
        asked = {"content": said, "question_type": "prompt"}
        return teller.tell("task:user_input", name, asked, saying=Saying(at, "user"))
    if mark == TOOL:
        told: Fields = {"message": said, "metadata": {}}
        return teller.tell("task:log", name, told, saying=Saying(at, "aider"))
    return teller.tell("task:output", name, {"content": said}, saying=Saying(at, "agent"))


def recognises_history(_source: Source, head: Head) -> bool:
    """Whether a session's heading stands in it, or lines of both speakers do."""
    lines = head.blob.split(b"\n")
    if any(line.startswith(HEADING.encode()) for line in lines):
        return True
    marks = {line[:5] for line in lines if line.startswith(USER.encode())}
    return bool(marks) and b"aider" in head.blob and any(line[:2] == b"> " for line in lines)


class _State(Struct):
    task: str = ""
    ordinals: dict[str, int] = {}


class AiderAnalytics:
    """A file of analytics."""

    def __init__(self, source: Source, _head: Head, state: bytes | None) -> None:
        known = msgspec.json.decode(state, type=_State) if state else _State()
        self._task = known.task or f"aider-{source.stem}"
        self._ordinals = Ordinals(known.ordinals)

    def translate(self, record: Record) -> list[Translated]:
        """The record's event; raises InvalidEvent for what is none."""
        fields = check_fields(decode(record.blob), "an event of aider")
        kind, at = text(fields.get("event")), from_epoch(fields.get("time"))
        if kind is None:
            raise InvalidEvent("expected `event`, found none")
        if kind in BEGINS and at:
            self._task = f"aider-{UNSAFE.sub('_', at[:19])}"
        teller = Teller(Owner.of(self._task, self._task), FORMAT, f"aa:{self._task}")
        name = self._ordinals.name(record.blob)
        if kind == "message_send":
            return [_call(teller, fields, name, at)]
        saying = Saying(at, "agent", "debug")
        told = {"message": kind}
        events = [teller.tell(f"aider:{kind}", name, told, record=fields, saying=saying)]
        if kind == "exit":
            ended = {
                "status": "completed",
                "result": fields_of(fields.get("properties")).get("reason"),
            }
            events.append(
                teller.tell("task:completed", f"{name}#end", ended, saying=Saying(at, "agent"))
            )
        return events

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Analytics have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        return broken_line(Owner.of(self._task, self._task), f"aa:{self._task}", problem)

    def quiet(self) -> list[Translated]:
        """Nothing: no end is guessed here."""
        return []

    def state(self) -> bytes:
        """What the rest of the file must be translated with."""
        return msgspec.json.encode(_State(self._task, dict(self._ordinals.counts)))


def _call(teller: Teller, fields: Fields, name: str, at: str | None) -> Translated:
    """`total_cost` grows over the session; `cost` is the call's own."""
    told = fields_of(fields.get("properties"))
    call = {
        "model": text(told.get("main_model")),
        "input_tokens": whole(told.get("prompt_tokens")),
        "output_tokens": whole(told.get("completion_tokens")),
        "cost_usd": number(told.get("cost")),
        "success": True,
    }
    return teller.tell("task:api_call", name, call, record=fields, saying=Saying(at, "llm"))


def recognises_analytics(_source: Source, head: Head) -> bool:
    """Whether lines are `{event, properties, user_id, time}`."""
    return any({"event", "properties", "time"} <= record.keys() for record in head.records)


def open_analytics(source: Source, head: Head, state: bytes | None) -> AiderAnalytics:
    """Analytics, at their beginning or where the state was given."""
    try:
        return AiderAnalytics(source, head, state)
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"expected the state of analytics: {error}") from error


AIDER_HISTORY: Final = WholeFormat(FORMAT, recognises_history, translate_history)
AIDER_ANALYTICS: Final = LineFormat(f"{FORMAT}_analytics", recognises_analytics, open_analytics)
