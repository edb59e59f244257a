"""What `claude -p --output-format stream-json` prints, also as one JSON array or one object.

A run is a task; its `result` ends it. A file named `gh-<n>…`, or in a folder named so, belongs to
that task, whatever the session. Lines of text between the records (stderr in the same file) are
log entries. Lines seldom carry a time: the last one that was told stands in, else the file's.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from tasktrail.errors import InvalidEvent
from tasktrail.formats import claude_stream_records as rules
from tasktrail.formats.claude_blocks import (
    SYNTHETIC,
    Block,
    Message,
    ToolNames,
    Turn,
    block_events,
    blocks_of,
    call_event,
    has_text,
    text_of_blocks,
)
from tasktrail.formats.claude_records import prompt_event
from tasktrail.formats.claude_stream_records import FORMAT, StreamRecord, parse_record
from tasktrail.formats.events import (
    Ordinals,
    Owner,
    Saying,
    broken_line,
    digest,
    make_event,
)
from tasktrail.formats.lives import Life, begun, ended, found_in, guessed_end
from tasktrail.formats.records import TORN
from tasktrail.formats.translator import (
    Head,
    LineFormat,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.model.codec import decode, encode

TASK_NAME: Final = re.compile(r"(gh-[0-9]+)(?![0-9])")
BEGINS_AGAIN: Final = frozenset({"user", "assistant", "result"})  # after an end: a new try
MOST_FOLDERS: Final = 6  # above the file, in which a task's name is looked for


class _State(Struct):
    session: str = ""
    at: str | None = None  # stands in: the last time told, else when the file was last changed
    lives: dict[str, Life] = field(default_factory=dict)  # of workers that were introduced
    is_over: bool = False  # a result was seen and nothing after it
    is_created: bool = False
    total_cost_usd: float = 0.0  # as the session's last result said it
    tools: dict[str, str] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)
    last_call: str = ""


class ClaudeStream:
    """One captured stream."""

    def __init__(self, source: Source, head: Head, state: bytes | None) -> None:
        self._source = source
        self._state = msgspec.json.decode(state, type=_State) if state else _State()
        self._state.session = self._state.session or _session_of(head)
        self._state.at = self._state.at or source.modified_at
        self._task = task_named_by(source)
        self._tools = ToolNames(self._state.tools)
        self._ordinals = Ordinals(self._state.ordinals)

    def translate(self, record: Record) -> list[Translated]:
        """The record's events; raises InvalidEvent when its fields are of other types."""
        parsed = parse_record(record.blob)
        state = self._state
        if parsed.session_id and parsed.session_id != state.session:
            state.session, state.total_cost_usd = parsed.session_id, 0.0
        name = parsed.uuid or self._ordinals.name(record.blob)
        worker = rules.child_of(state.session, parsed.parent_tool_use_id)
        turn = Turn(
            self._owner(worker),
            f"cs:{state.session}:{name}",
            parsed.timestamp,
            Raw(record.blob),
            FORMAT,
        )
        self._state.at = parsed.timestamp or self._state.at
        events = self._introduced(turn, parsed, worker)
        rule = _RULES.get(parsed.type)
        events += rules.plain_events(turn, parsed) if rule is None else rule(self, turn, parsed)
        return events

    def _owner(self, worker: str, session: str | None = None) -> Owner:
        session = session or self._state.session or None
        task = self._task or session or self._source.stem
        return Owner.of(task, session, worker or None).at(self._state.at)

    def _introduced(self, turn: Turn, parsed: StreamRecord, worker: str) -> list[Translated]:
        """The worker, where it is new, or begins again after a result."""
        state = self._state
        if not worker:
            return []
        is_main = parsed.parent_tool_use_id is None
        life, is_new = state.lives.get(worker), worker not in state.lives
        events: list[Translated] = []
        if life is None:
            state.lives.pop("", None)
            life = state.lives[worker] = Life(state.session, is_main, outcome="failed")
        elif not life.is_over and life.is_interrupted(parsed.timestamp):
            events = self._guessed_end(worker, life)
        life.heard(parsed.timestamp)
        again = parsed.type in BEGINS_AGAIN or parsed.subtype == "init"
        if not is_new and not (life.is_over and again):
            return events
        life.is_over, state.is_over = False, state.is_over and not is_main
        events += begun(
            turn.owner, turn.identity, rules.about(parsed), parsed.timestamp, is_main=is_main
        )
        life.is_begun = True
        if is_new:
            events += found_in(turn.owner, self._source, FORMAT, parsed.timestamp)
        if is_main and not state.is_created:
            state.is_created = True
            events.append(rules.created(turn, parsed))
        return events

    def _system(self, turn: Turn, parsed: StreamRecord) -> list[Translated]:
        events = rules.plain_events(turn, parsed)
        if parsed.subtype != "init":
            return events
        saying = Saying(turn.timestamp, "agent")
        started: dict[str, object] = {"session_id": self._state.session}
        identity = f"{turn.identity}#started"
        return [*events, make_event("task:started", turn.owner, identity, started, saying=saying)]

    def _assistant(self, turn: Turn, parsed: StreamRecord) -> list[Translated]:
        message = parsed.message or Message()
        blocks = blocks_of(message)
        events = block_events(turn, blocks, self._tools) or rules.plain_events(turn, parsed)
        told = f"{message.id} {bytes(message.usage).decode()}"
        if message.model == SYNTHETIC or (told == self._state.last_call and message.id):
            return events
        self._state.last_call = told
        more: dict[str, object] = {"is_sidechain": True} if parsed.parent_tool_use_id else {}
        call = call_event(turn, message, more)
        return events if call is None else [*events, call]

    def _user(self, turn: Turn, parsed: StreamRecord) -> list[Translated]:
        blocks = blocks_of(parsed.message)
        if any(block.type == "tool_result" for block in blocks):
            return block_events(turn, blocks, self._tools) + self._child_ends(turn, blocks)
        if not has_text(blocks) or parsed.is_synthetic or parsed.is_replay:
            return rules.plain_events(turn, parsed)
        prompt = text_of_blocks(blocks)
        asked = prompt_event(turn, prompt)
        if parsed.parent_tool_use_id:
            return [asked]
        return [rules.created(turn, parsed, prompt), asked]

    def _child_ends(self, turn: Turn, blocks: list[Block]) -> list[Translated]:
        """The ends of the sub-agents whose results these are."""
        events: list[Translated] = []
        for block in blocks:
            worker = rules.child_of(self._state.session, block.tool_use_id)
            life = self._state.lives.get(worker) if block.tool_use_id else None
            if life is not None and not life.is_over:
                life.is_over = True
                outcome = "failed" if block.is_error else "completed"
                identity = f"{turn.identity}#{block.tool_use_id}"
                owner = self._owner(worker)
                events += ended(owner, identity, outcome, turn.timestamp, is_main=False)
        return events

    def _result(self, turn: Turn, parsed: StreamRecord) -> list[Translated]:
        state = self._state
        total = parsed.total_cost_usd if parsed.total_cost_usd is not None else parsed.cost_usd
        share = None
        if total is not None:  # a running total, which begins anew after /clear
            share = total - state.total_cost_usd if total >= state.total_cost_usd else total
            state.total_cost_usd = total
        state.is_over = True
        outcome = rules.outcome_of(parsed)
        if turn.owner.worker in state.lives:
            state.lives[turn.owner.worker].is_over = True
        told = ended(turn.owner, turn.identity, outcome, turn.timestamp)
        return [rules.ended(turn, parsed, share, total), *told]

    def text(self, text: bytes, offset: int) -> list[Translated] | None:
        """A line that the run, or what it started, printed."""
        state = self._state
        if not state.lives:  # text may be all there is
            state.lives[""] = Life(is_begun=True)
        scope = state.session or self._source.stem
        identity = f"cs:{scope}:text:{offset}:{digest(text)}"
        data: dict[str, object] = {"message": text.decode(), "metadata": {}, "format": FORMAT}
        saying = Saying(None, "output")
        owner = self._owner(rules.child_of(state.session, None))
        return [make_event("task:log", owner, identity, data, saying=saying)]

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        scope = self._state.session or self._source.stem
        owner = self._owner(rules.child_of(self._state.session, None))
        return broken_line(owner, f"cs:{scope}", problem)

    def quiet(self) -> list[Translated]:
        """A run that never told its result broke off."""
        events: list[Translated] = []
        for worker, life in self._state.lives.items():
            if not life.is_over and (self._source.is_closed or life.is_quiet(self._source)):
                events += self._guessed_end(worker, life)
        return events

    def _guessed_end(self, worker: str, life: Life) -> list[Translated]:
        scope = f"cs:{worker or self._source.stem}"
        return guessed_end(self._owner(worker, life.session), scope, life)

    def state(self) -> bytes:
        """What the rest of the stream must be translated with."""
        self._state.tools = self._tools.names
        self._state.ordinals = dict(self._ordinals.counts)
        return msgspec.json.encode(self._state)


_Rule = Callable[[ClaudeStream, Turn, StreamRecord], list[Translated]]
_RULES: Final[dict[str, _Rule]] = {
    "system": ClaudeStream._system,  # noqa: SLF001 - the class's own table
    "assistant": ClaudeStream._assistant,  # noqa: SLF001
    "user": ClaudeStream._user,  # noqa: SLF001
    "result": ClaudeStream._result,  # noqa: SLF001
}


def task_named_by(source: Source) -> str | None:
    """The task that the file's name, or a folder above it, names."""
    for name in (source.name, *source.parents[:MOST_FOLDERS]):
        found = TASK_NAME.match(name)
        if found:
            return found[1]
    return None


def _session_of(head: Head) -> str:
    """The first session that is named: what stands before it belongs there too."""
    said = (record.get("session_id") for record in head.records)
    return next((one for one in said if isinstance(one, str) and one), "")


def recognises(source: Source, head: Head) -> bool:
    """Whether records look like a stream's, or the file has the name that its writer gives it."""
    if any(_is_record(record) for record in head.records):
        return True
    is_named = bool(TASK_NAME.match(source.name)) and source.name.endswith(".jsonl")
    return is_named and not head.records


def _is_record(record: dict[str, object]) -> bool:
    if not isinstance(record.get("type"), str) or "sessionId" in record:
        return False
    if record["type"] == "result":
        return "total_cost_usd" in record or "cost_usd" in record or "is_error" in record
    return "session_id" in record and "payload" not in record and "task_id" not in record


def open_stream(source: Source, head: Head, state: bytes | None) -> ClaudeStream:
    """A stream, at its beginning or where the state was given."""
    try:
        return ClaudeStream(source, head, state)
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"expected the state of a stream: {error}") from error


def recognises_document(_source: Source, head: Head) -> bool:
    """Whether it is an array of such records, or one that stands on several lines."""
    blob = head.blob.lstrip()
    if head.records or blob[:1] not in {b"[", b"{"}:
        return False
    return b'"session_id"' in blob and b'"type"' in blob and b'"messages"' not in blob[:400]


def translate_document(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of all records of the array, or of the one object."""
    text = blob.strip()
    try:
        found = msgspec.json.decode(text, type=list[Raw]) if text[:1] == b"[" else [Raw(text)]
        records = [encode(decode(one)) for one in found]
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidEvent):
        yield Problem(0, TORN, b"")
        return
    heads = tuple(one for one in map(decode, records) if isinstance(one, dict))
    translator = open_stream(source, Head(b"", heads, is_whole=True), None)
    for record in records:
        try:
            yield from translator.translate(Record(record, 0))
        except InvalidEvent as error:
            problem = Problem(0, str(error), record)
            yield problem
            yield translator.broken(problem)
    yield from translator.quiet()


CLAUDE_STREAM: Final = LineFormat(FORMAT, recognises, open_stream)
CLAUDE_STREAM_DOCUMENT: Final = WholeFormat(
    f"{FORMAT}_document", recognises_document, translate_document
)
