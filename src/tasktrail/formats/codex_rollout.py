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
from tasktrail.formats.documents import text
from tasktrail.formats.events import Ordinals, Owner, broken_line
from tasktrail.formats.lives import Life, begun, found_in, guessed_end
from tasktrail.formats.translator import Head, LineFormat, Problem, Record, Source, Translated

FILE_PREFIX: Final = "rollout-"
MOST_OPEN_TOOLS: Final = 2_000


class _State(Struct):
    session: str = ""
    root: str = ""  # whose history the session began with
    model: str | None = None
    total: str = ""  # the running total last seen
    is_created: bool = False
    life: Life | None = None  # of the session, once it was introduced
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
        owner = self._owner if line.timestamp else self._owner.at(self._last_at())
        turn = items.Turn(owner, identity, line.timestamp, Raw(record.blob))
        first = self._lived(turn, payload)
        rule = _RULES.get(f"{line.type}.{payload.type}") or _RULES.get(line.type)
        if rule is None:
            events = [items.plain(turn, line, payload)]
        else:
            events = rule(self, turn, line, payload)
        return first + events if first else events

    def _last_at(self) -> str | None:
        """What stands in for a time that a line does not tell."""
        life = self._state.life
        return (life.last_at if life else None) or self._source.modified_at

    def _lived(self, turn: items.Turn, payload: Payload) -> list[Translated]:
        """The session is introduced by its first line, and again after a day without one."""
        life = self._state.life
        events: list[Translated] = []
        is_new = life is None
        if life is None:
            life = self._state.life = Life(self._state.session, outcome="completed")
        elif not life.is_over and life.is_interrupted(turn.timestamp):
            events = self._guessed_end(life)
        if is_new or life.is_over:
            events += begun(turn.owner, turn.identity, items.about(payload), turn.timestamp)
            life.is_over = False
        if is_new:
            events += found_in(turn.owner, self._source, FORMAT, turn.timestamp)
        life.heard(turn.timestamp)
        return events

    def _begun(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        return self._turned("cancelled", [items.plain(turn, line, payload)])

    def _done(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        return self._turned("completed", [items.plain(turn, line, payload)])

    def _turned(self, outcome: str, events: list[Translated]) -> list[Translated]:
        """What the session would be, if a turn that was begun or ended were the last of it."""
        if self._state.life is not None:
            self._state.life.outcome, self._state.life.is_begun = outcome, True
        return events

    def _meta(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        """The first says whose file it is; a later one, whose history was copied."""
        state = self._state
        state.root = payload.forked_from_id or payload.id or state.root
        return [items.plain(turn, line, payload)]

    def _context(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        self._state.model = payload.model or self._state.model
        return [items.plain(turn, line, payload)]

    def _prompt(self, turn: items.Turn, line: Line, payload: Payload) -> list[Translated]:
        if bytes(payload.message)[:1] != b'"':
            return [items.plain(turn, line, payload)]
        events = [items.prompt(turn, payload)]
        if self._state.life is not None:
            self._state.life.is_begun = True
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
        owner = self._owner.at(self._last_at())
        return broken_line(owner, f"cx:{self._state.session}", problem)

    def quiet(self) -> list[Translated]:
        """A session whose last turn was ended is completed; one that broke off, cancelled."""
        life = self._state.life
        if life is None or not life.is_quiet(self._source):
            return []
        return self._guessed_end(life)

    def _guessed_end(self, life: Life) -> list[Translated]:
        owner = self._owner.at(self._last_at())
        return guessed_end(owner, f"cx:{self._state.session}", life)

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
        isinstance(record.get("payload"), dict) and text(record.get("type")) in _KINDS
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
