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
from tasktrail.formats.events import Ordinals, Owner, Saying, broken_line, digest
from tasktrail.formats.foreign_times import from_epoch, from_local
from tasktrail.formats.lives import Life, begun, ended, guessed_end
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
            yield from _session(source, started, part, is_last=place + 1 == len(parts))


def _session(
    source: Source, started: str | None, part: str, *, is_last: bool
) -> Iterator[Translated]:
    task = f"aider-{UNSAFE.sub('_', (started or source.stem).strip())}"
    at = from_local((started or "").strip())
    life = Life(task, outcome="completed", last_at=at, is_begun=True)
    owner = Owner.of(task, task).at(at or source.modified_at)  # lines tell no times
    teller = Teller(owner, FORMAT, f"ai:{task}")
    yield from begun(owner, teller.scope, {"agent": AGENT, "format": FORMAT}, at)
    is_created = False
    blocks = list(_blocks(part))
    is_over = not is_last or life.is_quiet(source)
    if not is_over:
        blocks.pop()  # it may still grow
    for place, (mark, lines) in enumerate(blocks):
        said = "\n".join(lines).strip("\n")
        if not said.strip():
            continue
        name = f"{place}:{digest(said.encode())}"
        if mark == USER and not is_created:
            is_created = True
            first = {"input_message": said, "source": AGENT, "assigned_agent": AGENT}
            yield teller.tell("task:created", f"{name}#created", first, saying=Saying(at, "user"))
        yield _block(teller, mark, name, said)
    if is_over:
        yield from guessed_end(owner, teller.scope, life)


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


def _block(teller: Teller, mark: str, name: str, said: str) -> Translated:
    if mark == USER:
        asked = {"content": said, "question_type": "prompt"}
        return teller.tell("task:user_input", name, asked, saying=Saying(None, "user"))
    if mark == TOOL:
        told: Fields = {"message": said, "metadata": {}}
        return teller.tell("task:log", name, told, saying=Saying(None, "aider"))
    return teller.tell("task:output", name, {"content": said}, saying=Saying(None, "agent"))


def recognises_history(_source: Source, head: Head) -> bool:
    """Whether a session's heading stands in it, or lines of both speakers do."""
    lines = head.blob.split(b"\n")
    if any(line.startswith(HEADING.encode()) for line in lines):
        return True
    marks = {line[:5] for line in lines if line.startswith(USER.encode())}
    return bool(marks) and b"aider" in head.blob and any(line[:2] == b"> " for line in lines)


class _State(Struct):
    task: str = ""
    life: Life | None = None  # of the task, once something was said of it
    ordinals: dict[str, int] = {}


class AiderAnalytics:
    """A file of analytics."""

    def __init__(self, source: Source, _head: Head, state: bytes | None) -> None:
        self._state = msgspec.json.decode(state, type=_State) if state else _State()
        self._state.task = self._state.task or f"aider-{source.stem}"
        self._source = source
        self._ordinals = Ordinals(self._state.ordinals)

    def translate(self, record: Record) -> list[Translated]:
        """The record's event; raises InvalidEvent for what is none."""
        fields = check_fields(decode(record.blob), "an event of aider")
        kind, at = text(fields.get("event")), from_epoch(fields.get("time"))
        if kind is None:
            raise InvalidEvent("expected `event`, found none")
        name = self._ordinals.name(record.blob)
        before = self._lived(kind, at, name)
        teller = self._teller()
        if kind == "message_send":
            return [*before, _call(teller, fields, name, at)]
        saying = Saying(at, "agent", "debug")
        told = {"message": kind}
        events = [*before, teller.tell(f"aider:{kind}", name, told, record=fields, saying=saying)]
        if kind == "exit":
            events += self._exit(teller, fields, name, at)
        return events

    def _teller(self) -> Teller:
        task, life = self._state.task, self._state.life
        stand_in = (life.last_at if life else None) or self._source.modified_at
        return Teller(Owner.of(task, task).at(stand_in), FORMAT, f"aa:{task}")

    def _lived(self, kind: str, at: str | None, name: str) -> list[Translated]:
        """A launch begins a task, and ends one that never told its exit."""
        state, events = self._state, list[Translated]()
        if kind in BEGINS and at:
            task = f"aider-{UNSAFE.sub('_', at[:19])}"
            if task != state.task:
                events = self._guessed_end()
                state.task, state.life = task, None
        teller = self._teller()
        if state.life is None:
            state.life = Life(state.task, outcome="completed", is_begun=True)
            about = {"agent": AGENT, "format": FORMAT}
            events += begun(teller.owner, f"{teller.scope}:{name}", about, at)
        state.life.heard(at)
        return events

    def _exit(self, teller: Teller, fields: Fields, name: str, at: str | None) -> list[Translated]:
        if self._state.life is not None:
            self._state.life.is_over = True
        reason = fields_of(fields.get("properties")).get("reason")
        told = {"status": "completed", "result": reason}
        saying = Saying(at, "agent")
        end = teller.tell("task:completed", f"{name}#end", told, saying=saying)
        return [end, *ended(teller.owner, f"{teller.scope}:{name}", "completed", at)]

    def _guessed_end(self) -> list[Translated]:
        life, teller = self._state.life, self._teller()
        if life is None or life.is_over:
            return []
        return guessed_end(teller.owner, teller.scope, life)

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Analytics have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        teller = self._teller()
        return broken_line(teller.owner, teller.scope, problem)

    def quiet(self) -> list[Translated]:
        """A session that never told its exit."""
        life = self._state.life
        return self._guessed_end() if life and life.is_quiet(self._source) else []

    def state(self) -> bytes:
        """What the rest of the file must be translated with."""
        self._state.ordinals = dict(self._ordinals.counts)
        return msgspec.json.encode(self._state)


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
