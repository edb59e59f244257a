"""The content blocks of Claude messages as events: what transcripts and streams have in common."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent
from tasktrail.formats.claude_usage import parse_usage, usage_fields
from tasktrail.formats.events import Owner, Saying, make_event, raw_text
from tasktrail.formats.translator import Translated
from tasktrail.model.codec import encode

SYNTHETIC: Final = "<synthetic>"  # the model of messages that the program made up itself
MOST_OPEN_TOOLS: Final = 2_000  # calls whose result is awaited; more never get one
EMPTY: Final = Raw(b"")


class Block(Struct, gc=False):
    """One content block, whatever its type."""

    type: str = ""
    text: Raw = EMPTY
    thinking: Raw = EMPTY
    id: str | None = None
    name: str | None = None
    input: Raw = EMPTY
    tool_use_id: str | None = None
    content: Raw = EMPTY
    is_error: bool | None = None


class Message(Struct, gc=False):
    """The `message` of an assistant or user record."""

    id: str | None = None
    model: str | None = None
    content: str | list[Block] | None = None
    usage: Raw = EMPTY


_MESSAGE: Final = msgspec.json.Decoder(Message)
_BLOCKS: Final = msgspec.json.Decoder(list[Block])
_TEXT: Final = msgspec.json.Decoder(str)


class Turn(Struct, frozen=True, gc=False):
    """A record that holds a message: whose it is, its identity, its time and its bytes."""

    owner: Owner
    identity: str
    timestamp: str | None
    record: Raw
    format: str


def parse_message(raw: Raw) -> Message:
    """The message; raises InvalidEvent when it is none."""
    try:
        return _MESSAGE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidEvent(f"expected a message: {error}") from error


def blocks_of(message: Message | None) -> list[Block]:
    """The blocks of a message, whose content may also be one text."""
    content = None if message is None else message.content
    if isinstance(content, str):
        return [Block(type="text", text=Raw(encode(content)))]
    return content or []


class ToolNames:
    """The names of tools whose results are still awaited, by the id of the call."""

    def __init__(self, names: dict[str, str] | None = None) -> None:
        self.names = dict(names or {})

    def called(self, block: Block) -> None:
        """A tool was called."""
        if block.id:
            self.names[block.id] = block.name or "unknown"
            if len(self.names) > MOST_OPEN_TOOLS:
                del self.names[next(iter(self.names))]

    def answered(self, block: Block) -> str | None:
        """The name of the tool whose result this is, if its call was seen."""
        return self.names.pop(block.tool_use_id or "", None)


def block_events(turn: Turn, blocks: list[Block], tools: ToolNames) -> list[Translated]:
    """An event for each block; the first one keeps the record."""
    events: list[Translated] = []
    for number, block in enumerate(blocks):
        said = _said(block, tools)
        if number == 0:
            said.fields["format"] = turn.format
            said.fields["record"] = turn.record
        identity = f"{turn.identity}#{number}" if number else turn.identity
        saying = Saying(turn.timestamp, said.source, said.level)
        events.append(make_event(said.type, turn.owner, identity, said.fields, saying=saying))
    return events


class _Said(Struct, gc=False):
    type: str
    source: str
    fields: dict[str, object]
    level: str | None = None


def _said(block: Block, tools: ToolNames) -> _Said:
    """What the block says, as an event's type, source and data."""
    rule = _RULES.get(block.type)
    if rule is not None:
        return rule(block, tools)
    return _Said("task:output", "agent", {"content": f"[{block.type or 'unknown block'}]"})


def _text(block: Block, _tools: ToolNames) -> _Said:
    return _Said("task:output", "agent", {"content": raw_text(block.text) or ""})


def _thinking(block: Block, _tools: ToolNames) -> _Said:
    fields: dict[str, object] = {"content": raw_text(block.thinking) or ""}
    return _Said("task:thinking", "agent", fields, "debug")


def _tool_use(block: Block, tools: ToolNames) -> _Said:
    tools.called(block)
    fields: dict[str, object] = {
        "name": block.name or "unknown",
        "input": block.input if bytes(block.input) else {},
        "_tool_use_id": block.id,
    }
    return _Said("task:tool_call", "agent", fields)


def _tool_result(block: Block, tools: ToolNames) -> _Said:
    fields: dict[str, object] = {
        "name": tools.answered(block) or "unknown",
        "content": flat_text(block.content),
        "is_error": bool(block.is_error),
        "_tool_use_id": block.tool_use_id,
    }
    return _Said("task:tool_result", "tool", fields)


_RULES: Final[dict[str, Callable[[Block, ToolNames], _Said]]] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": _thinking,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
}


def flat_text(content: Raw) -> object:
    """The content as one text: blocks of text are joined, others are named; else as it is."""
    blob = bytes(content)
    if not blob:
        return ""
    if blob[:1] != b"[":
        return content
    try:
        blocks = _BLOCKS.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return content
    if len(blocks) == 1 and raw_text(blocks[0].text):
        return blocks[0].text
    return "\n".join(
        _TEXT.decode(one.text) if raw_text(one.text) else f"[{one.type}]" for one in blocks
    )


def call_event(
    turn: Turn, message: Message, more: dict[str, object], *, suffix: str = "#call"
) -> Translated | None:
    """The model call that the message was part of; `None` when it tells no usage."""
    usage = parse_usage(message.usage)
    if usage is None or message.model == SYNTHETIC:
        return None
    data: dict[str, object] = {}
    if message.id:
        data["call_id"] = message.id
    if message.model:
        data["model"] = message.model
    data.update(usage_fields(usage))
    data.update(more)
    data["success"] = True
    data["is_estimated"] = True  # what a transcript calls output tokens is a floor
    data["format"] = turn.format
    return make_event(
        "task:api_call",
        turn.owner,
        turn.identity + suffix,
        data,
        saying=Saying(turn.timestamp, "llm"),
    )


def has_text(blocks: list[Block]) -> bool:
    """Whether the blocks say anything in words."""
    return any(block.type == "text" and raw_text(block.text) for block in blocks)


def text_of_blocks(blocks: list[Block]) -> object:
    """What the blocks say in words, in one text."""
    texts = [block.text for block in blocks if block.type == "text" and raw_text(block.text)]
    if len(texts) == 1:
        return texts[0]
    return "\n".join(_TEXT.decode(text) for text in texts)
