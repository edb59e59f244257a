"""Codex CLI rollouts: one session in lines of `{timestamp, type, payload}`.

A session is a task. `input_tokens` of a token count holds the cached ones and `output_tokens` the
reasoning: both are taken apart. Token counts repeat: one whose running total is as before is not a
call. A forked session begins with its parent's lines: their calls get the parent's ids again.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from tasktrail.errors import InvalidEvent
from tasktrail.formats import codex_items as items
from tasktrail.formats.codex_items import FORMAT, Line, Payload
from tasktrail.formats.events import Ordinals, Owner, broken_line, quiet_end
from tasktrail.formats.translator import Head, LineFormat, Problem, Record, Source, Translated

FILE_PREFIX: Final = "rollout-"
MOST_OPEN_TOOLS: Final = 2_000


class _State(Struct):
    session: str = ""
    root: str = ""  # whose history the session began with
    model: str | None = None
    total: str = ""  # the running total last seen
    is_spawned: bool = False
    is_created: bool = False
    is_open: bool = False  # a turn was begun and not ended
    is_ended: bool = False  # the session was taken as over
    last_at: str | None = None
    tools: dict[str, str] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)


class CodexRollout:
    """One rollout file."""

    def __init__(self, source: Source, head: Head, state: bytes | None) -> None:
        self._source = source
        self._state = msgspec.json.decode(state, type=_State) if state else _State()
        self._state.session = self._state.session or _session_of(source, head)
        self._state.root = self._state.root or self._state.session
        self._ordinals = Ordinals(self._state.ordinals)
        session = self._state.session
        self._owner = Owner.of(session, session, session)

    def translate(self, record: Record) -> list[Translated]:
        """The record's events; raises InvalidEvent when its fields are of other types."""
        line, payload = items.parse_line(record.blob)
        identity = f"cx:{self._state.session}:{self._ordinals.name(record.blob)}"
        turn = items.Turn(self._owner, identity, line.timestamp, Raw(record.blob))
        rule = _RULES.get(f"{line.type}.{payload.type}") or _RULES.get(line.type)
        if rule is None:
            events = [items.plain(turn, line, payload)]
        else:
            events = rule(self, turn, line, payload)
        self._state.last_at = line.timestamp or self._state.last_at
        if self._state.is_ended:  # it was taken up again: a new attempt
            self._state.is_ended = False
            events.insert(0, items.spawned(turn, payload, self._source.path))
        return events

    def _begun(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        self._state.is_open = True
        return [items.plain(turn, line, payload)]

    def _done(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        self._state.is_open = False
        return [items.plain(turn, line, payload)]

    def _meta(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        """The first says whose file it is; a later one, whose history was copied."""
        events = [items.plain(turn, line, payload)]
        state = self._state
        state.root = payload.forked_from_id or payload.id or state.root
        if not state.is_spawned:
            state.is_spawned = True
            events.insert(0, items.spawned(turn, payload, self._source.path))
        return events

    def _context(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        self._state.model = payload.model or self._state.model
        return [items.plain(turn, line, payload)]

    def _prompt(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        if bytes(payload.message)[:1] != b'"':
            return [items.plain(turn, line, payload)]
        events = [items.prompt(turn, payload)]
        if not self._state.is_created:
            self._state.is_created = True
            events.insert(0, items.created(turn, payload))
        return events

    def _message(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        if payload.role != "assistant":  # prompts are told again as events of their own
            return [items.plain(turn, line, payload)]
        return [items.said(turn, "task:output", items.text_of(payload.content))]

    def _reasoning(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        text = items.text_of(payload.summary)
        if not text:
            return [items.plain(turn, line, payload)]
        return [items.said(turn, "task:thinking", text)]

    def _call(self, turn: items.Turn, _line: Line, payload: Payload) -> list[Translated]:
        name = payload.name or payload.type.removesuffix("_call")
        if payload.call_id:
            tools = self._state.tools
            tools[payload.call_id] = name
            if len(tools) > MOST_OPEN_TOOLS:
                del tools[next(iter(tools))]
        return [items.tool_call(turn, payload, name)]

    def _output(self, turn: items.Turn, _line: Line, payload: Payload) -> list[Translated]:
        name = self._state.tools.pop(payload.call_id or "", None)
        return [items.tool_result(turn, payload, name or "unknown")]

    def _tokens(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        events = [items.plain(turn, line, payload)]
        usage = items.parse_tokens(payload.info)
        if usage is None:
            return events
        total = items.total_of(usage)
        if total and total == self._state.total:
            return events
        self._state.total = total
        call_id = f"codex:{self._state.root}:{total}" if total else None
        call = items.api_call(turn, usage, self._state.model, call_id)
        return [*events, call] if call else events

    def _named(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        events = [items.plain(turn, line, payload)]
        return [*events, items.titled(turn, payload)] if payload.thread_name else events

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Rollouts have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        return broken_line(self._owner, f"cx:{self._state.session}", problem)

    def quiet(self) -> list[Translated]:
        """A session whose last turn was ended is completed; one that broke off, cancelled."""
        state = self._state
        if state.is_ended or not state.is_created:
            return []
        state.is_ended = True
        status = "cancelled" if state.is_open else "completed"
        identity = f"cx:{state.session}:quiet:{state.last_at}"
        return [quiet_end(self._owner, identity, status, state.last_at)]

    def state(self) -> bytes:
        """What the rest of the file must be translated with."""
        self._state.ordinals = dict(self._ordinals.counts)
        return msgspec.json.encode(self._state)


_Rule = Callable[[CodexRollout, items.Turn, Line, Payload], list[Translated]]
_CALLS: Final = ("function_call", "custom_tool_call", "local_shell_call", "web_search_call")
_MORE_CALLS: Final = ("tool_search_call", "image_generation_call")
_OUTPUTS: Final = ("function_call_output", "custom_tool_call_output", "tool_search_output")
# The class's own table, so its private methods may stand in it.
_RULES: Final[dict[str, _Rule]] = {
    "session_meta": CodexRollout._meta,  # noqa: SLF001
    "turn_context": CodexRollout._context,  # noqa: SLF001
    "event_msg.user_message": CodexRollout._prompt,  # noqa: SLF001
    "event_msg.task_started": CodexRollout._begun,  # noqa: SLF001
    "event_msg.task_complete": CodexRollout._done,  # noqa: SLF001
    "event_msg.token_count": CodexRollout._tokens,  # noqa: SLF001
    "event_msg.thread_name_updated": CodexRollout._named,  # noqa: SLF001
    "response_item.message": CodexRollout._message,  # noqa: SLF001
    "response_item.reasoning": CodexRollout._reasoning,  # noqa: SLF001
    **{f"response_item.{one}": CodexRollout._call for one in _CALLS},  # noqa: SLF001
    **{f"response_item.{one}": CodexRollout._call for one in _MORE_CALLS},  # noqa: SLF001
    **{f"response_item.{one}": CodexRollout._output for one in _OUTPUTS},  # noqa: SLF001
}


def _session_of(source: Source, head: Head) -> str:
    """The session as the first record says, else as the file's name does."""
    for record in head.records:
        payload = record.get("payload")
        said = payload.get("id") if isinstance(payload, dict) else None
        if record.get("type") == "session_meta" and isinstance(said, str):
            return said
    return source.stem.removeprefix(FILE_PREFIX)


def recognises(_source: Source, head: Head) -> bool:
    """Whether records are `{timestamp, type, payload}` of Codex's kinds."""
    return any(
        isinstance(record.get("payload"), dict) and record.get("type") in _KINDS
        for record in head.records
    )


_KINDS: Final = frozenset(
    {"session_meta", "turn_context", "response_item", "event_msg", "compacted", "world_state"}
)


def open_rollout(source: Source, head: Head, state: bytes | None) -> CodexRollout:
    """A rollout, at its beginning or where the state was given."""
    try:
        return CodexRollout(source, head, state)
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"expected the state of a rollout: {error}") from error


CODEX_ROLLOUT: Final = LineFormat(FORMAT, recognises, open_rollout)
