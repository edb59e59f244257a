"""Gemini CLI chats: one JSON object that is rewritten whole, or, newer, lines of JSON.

A chat is a task. `cached` is inside `input`, `thoughts` are not in `output`, and tokens of tools
are a part of their own that is input to the model.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import (
    Fields,
    Teller,
    check_fields,
    fields_of,
    flat,
    is_document,
    list_of,
    read_document,
    text,
    whole,
)
from tasktrail.formats.events import Ordinals, Owner, Saying, broken_line, digest
from tasktrail.formats.foreign_times import told_time
from tasktrail.formats.lives import Life, begun, found_in, guessed_end
from tasktrail.formats.translator import (
    Head,
    LineFormat,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.model.codec import encode

FORMAT: Final = "gemini"
AGENT: Final = "gemini-cli"
LEVELS: Final = {"error": "error", "warning": "warning", "info": "info"}


class _State(Struct):
    session: str = ""
    is_created: bool = False
    life: Life | None = None
    ordinals: dict[str, int] = {}


class GeminiChat:
    """The messages of one chat."""

    def __init__(self, source: Source, state: _State) -> None:
        self.state = state
        self.session = state.session
        self._source = source
        self.owner = Owner.of(self.session, self.session, self.session)
        self._scope = f"gm:{self.session}"
        self.teller = Teller(self.owner.at(source.modified_at), FORMAT, self._scope)

    def opened(self, header: Fields, name: str) -> list[Translated]:
        """What is said of the chat as a whole: anew each time it is written."""
        at = told_time(text(header.get("startTime")))
        fields = {"message": "chat"}
        saying = Saying(text(header.get("lastUpdated")) or at, "agent", "debug")
        told = self.teller.tell("gemini:chat", name, fields, record=header, saying=saying)
        return [*self.lived(name, at), told]

    def message(self, message: Fields, name: str) -> list[Translated]:
        """The events of one message."""
        at = told_time(text(message.get("timestamp")))
        lived = self.lived(name, at)
        if self.state.life is not None:
            self.state.life.is_begun = True
        return [*lived, *self._message(message, name, at)]

    def lived(self, name: str, at: str | None) -> list[Translated]:
        """The chat is introduced by the first of it, and again after a day without a message."""
        state = self.state
        events: list[Translated] = []
        life, is_new = state.life, state.life is None
        if life is None:
            life = state.life = Life(self.session, outcome="completed")
        elif not life.is_over and life.is_interrupted(at):
            events = self.guessed_end(life)
        self.teller.owner = self.owner.at(at or life.last_at or self._source.modified_at)
        # The header changes with each writing; the time of the beginning does not.
        identity = f"{self._scope}:begun:{at}" if is_new else f"{self._scope}:{name}"
        if is_new or life.is_over:
            events += begun(self.teller.owner, identity, {"agent": AGENT, "format": FORMAT}, at)
            life.is_over = False
        if is_new:
            events += found_in(self.teller.owner, self._source, FORMAT, at)
        life.heard(at)
        return events

    def quiet(self) -> list[Translated]:
        """A chat that was not heard of for a day is over."""
        life = self.state.life
        return self.guessed_end(life) if life and life.is_quiet(self._source) else []

    def guessed_end(self, life: Life) -> list[Translated]:
        """The end that is taken for granted."""
        return guessed_end(self.teller.owner, self._scope, life)

    def _message(self, message: Fields, name: str, at: str | None) -> list[Translated]:
        kind = message.get("type")
        said = flat(message.get("content"))
        if kind == "user":
            return self._prompt(message, name, said, at)
        if kind == "gemini":
            return [*self._answer(message, name, said, at), *self._call(message, name, at)]
        saying = Saying(at, "agent", LEVELS.get(str(kind), "debug"))
        fields = {"message": said or str(kind), "metadata": {}}
        return [self.teller.tell("task:log", name, fields, record=message, saying=saying)]

    def _prompt(self, message: Fields, name: str, said: str, at: str | None) -> list[Translated]:
        saying = Saying(at, "user")
        fields = {"content": said, "question_type": "prompt"}
        asked = self.teller.tell("task:user_input", name, fields, record=message, saying=saying)
        if self.state.is_created:
            return [asked]
        self.state.is_created = True
        first = {"input_message": said, "source": AGENT, "assigned_agent": AGENT}
        return [self.teller.tell("task:created", f"{name}#created", first, saying=saying), asked]

    def _answer(
        self, message: Fields, name: str, said: str, at: str | None
    ) -> Iterator[Translated]:
        tell, saying = self.teller.tell, Saying(at, "agent")
        yield tell("task:output", name, {"content": said}, record=message, saying=saying)
        for number, thought in enumerate(map(fields_of, list_of(message.get("thoughts")))):
            parts = (text(thought.get("subject")), text(thought.get("description")))
            fields: Fields = {"content": ": ".join(part for part in parts if part)}
            thinking = Saying(text(thought.get("timestamp")) or at, "agent", "debug")
            yield tell("task:thinking", f"{name}#thought{number}", fields, saying=thinking)
        for number, tool in enumerate(map(fields_of, list_of(message.get("toolCalls")))):
            yield from self._tool(tool, f"{name}#tool{number}", at)

    def _tool(self, tool: Fields, name: str, at: str | None) -> Iterator[Translated]:
        tool_id, tool_name = text(tool.get("id")), text(tool.get("name")) or "unknown"
        asked = {"name": tool_name, "input": tool.get("args") or {}, "_tool_use_id": tool_id}
        when = text(tool.get("timestamp")) or at
        yield self.teller.tell("task:tool_call", name, asked, saying=Saying(when, "agent"))
        if tool.get("result") is None and tool.get("resultDisplay") is None:
            return
        shown = tool.get("resultDisplay")
        answer = {
            "name": tool_name,
            "content": shown if text(shown) else flat(tool.get("result")),
            "is_error": tool.get("status") == "error",
            "_tool_use_id": tool_id,
        }
        yield self.teller.tell("task:tool_result", f"{name}r", answer, saying=Saying(when, "tool"))

    def _call(self, message: Fields, name: str, at: str | None) -> list[Translated]:
        tokens = fields_of(message.get("tokens"))
        total, cached = whole(tokens.get("input")), whole(tokens.get("cached"))
        if total is None:
            return []
        tools = whole(tokens.get("tool")) or 0
        fields = {
            "call_id": f"gemini:{self.session}:{name}",
            "model": text(message.get("model")),
            "input_tokens": max(0, total - (cached or 0)) + tools,
            "cache_read_tokens": cached,
            "output_tokens": whole(tokens.get("output")),
            "reasoning_tokens": whole(tokens.get("thoughts")),
            "success": True,
        }
        saying = Saying(at, "llm")
        return [self.teller.tell("task:api_call", f"{name}#call", fields, saying=saying)]


def translate_chat(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of a chat that is one object."""
    document = check_fields(read_document(blob), "a chat")
    chat = GeminiChat(source, _State(text(document.get("sessionId")) or source.stem))
    messages = list_of(document.pop("messages", None))
    yield from chat.opened(document, f"header:{digest(encode(document))}")
    for number, message in enumerate(messages):
        if isinstance(message, dict):
            yield from chat.message(message, text(message.get("id")) or str(number))
        else:
            problem = Problem(0, f"message {number}: expected an object", encode(message))
            yield problem
            yield broken_line(chat.teller.owner, chat.teller.scope, problem)
    yield from chat.quiet()


class GeminiLines:
    """A chat in lines: a header, then messages."""

    def __init__(self, source: Source, head: Head, state: bytes | None) -> None:
        known = msgspec.json.decode(state, type=_State) if state else _State()
        said = (text(record.get("sessionId")) for record in head.records)
        known.session = known.session or next((one for one in said if one), source.stem)
        self._chat = GeminiChat(source, known)
        self._ordinals = Ordinals(known.ordinals)

    def translate(self, record: Record) -> list[Translated]:
        """The record's events; raises InvalidEvent for what is no object."""
        fields = check_fields(read_document(record.blob), "a line of a chat")
        name = text(fields.get("id")) or self._ordinals.name(record.blob)
        if "type" not in fields and "sessionId" in fields:
            return self._chat.opened(fields, f"header:{digest(encode(fields))}")
        return self._chat.message(fields, name)

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Chats have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        return broken_line(self._chat.teller.owner, self._chat.teller.scope, problem)

    def quiet(self) -> list[Translated]:
        """The end of a chat that was not heard of for a day."""
        return self._chat.quiet()

    def state(self) -> bytes:
        """What the rest of the chat must be translated with."""
        self._chat.state.ordinals = dict(self._ordinals.counts)
        return msgspec.json.encode(self._chat.state)


def recognises_chat(_source: Source, head: Head) -> bool:
    """Whether it is one object with a session, a project and messages."""
    if any("messages" in record and "sessionId" in record for record in head.records):
        return True
    return not head.records and is_document(
        head.blob, b'"sessionId"', b'"projectHash"', b'"messages"'
    )


def recognises_lines(_source: Source, head: Head) -> bool:
    """Whether a line names a session and a project."""
    return any("sessionId" in record and "projectHash" in record for record in head.records)


def open_lines(source: Source, head: Head, state: bytes | None) -> GeminiLines:
    """A chat in lines, at its beginning or where the state was given."""
    try:
        return GeminiLines(source, head, state)
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"expected the state of a chat: {error}") from error


GEMINI_CHAT: Final = WholeFormat(FORMAT, recognises_chat, translate_chat)
GEMINI_LINES: Final = LineFormat(f"{FORMAT}_lines", recognises_lines, open_lines)
