"""Gemini CLI chats: one JSON object that is rewritten whole, or, newer, lines of JSON.

A chat is a task. `cached` is inside `input`, `thoughts` are not in `output`, and tokens of tools
are a part of their own that is input to the model.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidEvent
from tasktrail.formats.claude_records import short
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
from tasktrail.formats.events import Ordinals, Owner, Saying, broken_line, quiet_end
from tasktrail.formats.translator import (
    Head,
    LineFormat,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)

FORMAT: Final = "gemini"
AGENT: Final = "gemini-cli"
LEVELS: Final = {"error": "error", "warning": "warning", "info": "info"}


class GeminiChat:
    """The messages of one chat."""

    def __init__(self, source: Source, session: str, *, is_created: bool = False) -> None:
        self.is_created = is_created
        self._source = source
        self.session = session
        self.teller = Teller(Owner.of(session, session, session), FORMAT, f"gm:{session}")

    def opened(self, header: Fields) -> list[Translated]:
        """The chat is introduced."""
        fields = {"log_file": self._source.path or None, "agent": AGENT}
        name = f"spawned:{short(self._source.path)}"
        saying = Saying(text(header.get("startTime")), "agent")
        return [self.teller.tell("worker:spawned", name, fields, record=header, saying=saying)]

    def message(self, message: Fields, name: str) -> list[Translated]:
        """The events of one message."""
        kind = message.get("type")
        said = flat(message.get("content"))
        at = text(message.get("timestamp"))
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
        if self.is_created:
            return [asked]
        self.is_created = True
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
    chat = GeminiChat(source, text(document.get("sessionId")) or source.stem)
    messages = list_of(document.pop("messages", None))
    yield from chat.opened(document)
    for number, message in enumerate(messages):
        if isinstance(message, dict):
            yield from chat.message(message, text(message.get("id")) or str(number))
        else:
            yield Problem(0, f"message {number}: expected an object", b"")
    if source.is_quiet and chat.is_created:
        at = text(document.get("lastUpdated"))
        yield quiet_end(chat.teller.owner, f"{chat.teller.scope}:quiet:{at}", "completed", at)


class _State(Struct):
    session: str = ""
    is_created: bool = False
    ordinals: dict[str, int] = {}


class GeminiLines:
    """A chat in lines: a header, then messages."""

    def __init__(self, source: Source, head: Head, state: bytes | None) -> None:
        known = msgspec.json.decode(state, type=_State) if state else _State()
        said = (text(record.get("sessionId")) for record in head.records)
        session = known.session or next((one for one in said if one), source.stem)
        self._chat = GeminiChat(source, session, is_created=known.is_created)
        self._ordinals = Ordinals(known.ordinals)

    def translate(self, record: Record) -> list[Translated]:
        """The record's events; raises InvalidEvent for what is no object."""
        fields = check_fields(read_document(record.blob), "a line of a chat")
        if "type" not in fields and "sessionId" in fields:
            return self._chat.opened(fields)
        return self._chat.message(
            fields, text(fields.get("id")) or self._ordinals.name(record.blob)
        )

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Chats have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        return broken_line(self._chat.teller.owner, self._chat.teller.scope, problem)

    def quiet(self) -> list[Translated]:
        """Nothing: no end is guessed here."""
        return []

    def state(self) -> bytes:
        """What the rest of the chat must be translated with."""
        chat = self._chat
        return msgspec.json.encode(
            _State(chat.session, chat.is_created, dict(self._ordinals.counts))
        )


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
