"""Claude Code transcripts: the files of sessions and of their sub-agents, in both layouts.

    <project>/<session>.jsonl                         a session
    <project>/agent-<id>.jsonl                        a sub-agent, old layout
    <project>/<session>/subagents/agent-<id>.jsonl    a sub-agent, new layout, with .meta.json

A session is a task; sub-agents are workers of it. One response of the model stands on several
lines, each with its usage: each difference becomes a call of the same `call_id`. Records are told
apart by (session, uuid), those without uuid by their bytes and their ordinal among equal ones.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from tasktrail.errors import InvalidEvent
from tasktrail.formats import claude_records as rules
from tasktrail.formats.claude_blocks import (
    SYNTHETIC,
    Message,
    ToolNames,
    Turn,
    block_events,
    blocks_of,
    call_event,
    has_text,
    text_of_blocks,
)
from tasktrail.formats.claude_records import FORMAT, ClaudeRecord, parse_record
from tasktrail.formats.events import (
    Ordinals,
    Owner,
    Saying,
    broken_line,
    known,
    make_event,
    quiet_end,
)
from tasktrail.formats.translator import Head, LineFormat, Problem, Record, Source, Translated

AGENT_FILE: Final = "agent-"
TITLE_RANKS: Final = {"summary": 1, "ai-title": 2, "custom-title": 3}


class _State(Struct):
    """What the next record of the file is read with."""

    session: str = ""
    spawned: list[str] = field(default_factory=list)  # workers that were introduced
    created: list[str] = field(default_factory=list)  # sessions whose first prompt was seen
    title_rank: int = 0
    tools: dict[str, str] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)
    last_call: str = ""  # message id and usage of the call last told
    outcome: str = "cancelled"  # what the session would be, were this its last record
    last_at: str | None = None
    is_ended: bool = False  # it was taken as over


class ClaudeTranscript:
    """One transcript file."""

    def __init__(self, source: Source, head: Head, state: bytes | None) -> None:
        self._source = source
        self._state = msgspec.json.decode(state, type=_State) if state else _State()
        self._state.session = self._state.session or _session_of(source, head)
        self._tools = ToolNames(self._state.tools)
        self._ordinals = Ordinals(self._state.ordinals)
        self._agent = _agent_of(source)
        self._first_at = _first_time(head)
        self._owners: dict[tuple[str, str | None], tuple[Owner, str]] = {}

    def translate(self, record: Record) -> list[Translated]:
        """The record's events; raises InvalidEvent when its fields are of other types."""
        parsed = parse_record(record.blob)
        session = self._session(parsed)
        agent = self._agent or (parsed.agent_id if parsed.is_sidechain else None)
        owner, worker = self._owner(session, agent)
        name = parsed.uuid or self._ordinals.name(record.blob)
        turn = Turn(owner, f"cc:{session}:{name}", parsed.timestamp, Raw(record.blob), FORMAT)
        rule = _RULES.get(parsed.type)
        events = rules.plain_events(turn, parsed) if rule is None else rule(self, turn, parsed)
        if worker not in self._state.spawned or (self._state.is_ended and agent is None):
            self._state.spawned.append(worker)
            events.insert(0, self._spawned(turn, parsed, session, agent))
            self._state.is_ended = False
        self._state.last_at = parsed.timestamp or self._state.last_at
        return events

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Transcripts have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        owner, worker = self._owner(self._state.session, self._agent)
        return broken_line(owner, f"cc:{worker}", problem)

    def quiet(self) -> list[Translated]:
        """A session whose last word was an answer is completed; one that broke off, cancelled."""
        state = self._state
        if self._agent or state.is_ended or not state.created:
            return []
        state.is_ended = True
        session = state.session
        owner, _ = self._owner(session, None)
        identity = f"cc:{session}:quiet:{state.last_at}"
        return [quiet_end(owner, identity, state.outcome, state.last_at)]

    def state(self) -> bytes:
        """What the rest of the file must be translated with."""
        self._state.tools = self._tools.names
        self._state.ordinals = dict(self._ordinals.counts)
        return msgspec.json.encode(self._state)

    def _session(self, parsed: ClaudeRecord) -> str:
        """The record's session; some sub-agents write their own name there."""
        said = parsed.session_id
        if said and not said.startswith(AGENT_FILE):
            self._state.session = said
        return self._state.session

    def _owner(self, session: str, agent: str | None) -> tuple[Owner, str]:
        """Whose a record is, and the worker's name."""
        known = self._owners.get((session, agent))
        if known is None:
            worker = rules.worker_of(session, agent)
            known = self._owners[session, agent] = (Owner.of(session, session, worker), worker)
        return known

    def _spawned(
        self, turn: Turn, parsed: ClaudeRecord, session: str, agent: str | None
    ) -> Translated:
        """The worker is introduced, by the first record of it in the file."""
        worker = rules.worker_of(session, agent)
        data = known(
            {
                "log_file": self._source.path or None,
                "agent": "claude-code",
                "agent_type": rules.agent_type(self._source, agent),
                "parent_worker_id": session if agent else None,
                "is_sidechain": True if agent else None,
                "cwd": parsed.cwd,
                "git_branch": parsed.git_branch,
                "version": parsed.version,
                "format": FORMAT,
            }
        )
        identity = f"cc:{session}:spawned:{worker}:{rules.short(self._source.path)}"
        if self._state.is_ended:  # it was taken up again: a new attempt
            identity = f"{turn.identity}#resumed"
        saying = Saying(turn.timestamp or self._first_at, "agent")
        return make_event("worker:spawned", turn.owner, identity, data, saying=saying)

    def _assistant(self, turn: Turn, parsed: ClaudeRecord) -> list[Translated]:
        message = parsed.message or Message()
        blocks = blocks_of(message)
        self._state.outcome = rules.outcome_after(parsed, message, blocks, self._state.outcome)
        if message.model == SYNTHETIC or parsed.is_api_error_message:
            return [rules.synthetic(turn, parsed, blocks)]
        events = block_events(turn, blocks, self._tools) or rules.plain_events(turn, parsed)
        told = f"{message.id} {bytes(message.usage).decode()}"
        if told != self._state.last_call or not message.id:
            self._state.last_call = told
            call = call_event(turn, message, rules.call_fields(parsed, self._agent))
            if call is not None:
                events.append(call)
        return events

    def _user(self, turn: Turn, parsed: ClaudeRecord) -> list[Translated]:
        blocks = blocks_of(parsed.message)
        if not parsed.is_sidechain and not parsed.is_meta:
            self._state.outcome = "cancelled"
        if any(block.type == "tool_result" for block in blocks):
            return block_events(turn, blocks, self._tools)
        if not has_text(blocks) or not rules.is_prompt(parsed):
            return rules.plain_events(turn, parsed)
        prompt = text_of_blocks(blocks)
        asked = rules.prompt_event(turn, prompt)
        session = turn.owner.key
        if self._agent or parsed.is_sidechain or session in self._state.created:
            return [asked]
        self._state.created.append(session)  # the first prompt makes the task
        return [rules.created(turn, parsed, prompt), asked]

    def _title(self, turn: Turn, parsed: ClaudeRecord) -> list[Translated]:
        """Of one kind the last title stands, and the user's own before the others."""
        events = rules.plain_events(turn, parsed)
        title = parsed.custom_title or parsed.ai_title or parsed.summary
        rank = TITLE_RANKS[parsed.type]
        if title and rank >= self._state.title_rank and self._agent is None:
            self._state.title_rank = rank
            events.append(rules.titled(turn, title))
        return events

    def _progress(self, turn: Turn, parsed: ClaudeRecord) -> list[Translated]:
        return rules.progress_events(turn, parsed)


_Rule = Callable[[ClaudeTranscript, Turn, ClaudeRecord], list[Translated]]
_RULES: Final[dict[str, _Rule]] = {
    "assistant": ClaudeTranscript._assistant,  # noqa: SLF001 - the class's own table
    "user": ClaudeTranscript._user,  # noqa: SLF001
    "progress": ClaudeTranscript._progress,  # noqa: SLF001
    "summary": ClaudeTranscript._title,  # noqa: SLF001
    "ai-title": ClaudeTranscript._title,  # noqa: SLF001
    "custom-title": ClaudeTranscript._title,  # noqa: SLF001
}


def _agent_of(source: Source) -> str | None:
    """The sub-agent whose file it is."""
    return source.stem.removeprefix(AGENT_FILE) if source.stem.startswith(AGENT_FILE) else None


def _first_time(head: Head) -> str | None:
    """When the file begins, for workers whose first record tells no time."""
    said = (record.get("timestamp") for record in head.records)
    return next((one for one in said if isinstance(one, str)), None)


def _session_of(source: Source, head: Head) -> str:
    """The session of records that name none: the first that is named, else by the file's place."""
    for record in head.records:
        said = record.get("sessionId")
        if isinstance(said, str) and said and not said.startswith(AGENT_FILE):
            return said
    if source.parents[:1] == ("subagents",) and len(source.parents) > 1:
        return source.parents[1]
    return source.stem


def recognises(_source: Source, head: Head) -> bool:
    """Whether records carry `sessionId` and a type that transcripts have."""
    for record in head.records:
        if "sessionId" in record and ("parentUuid" in record or record.get("type") in _ALONE):
            return True
    return bool(head.records) and all(
        record.get("type") in _WITHOUT_SESSION for record in head.records
    )


_ALONE: Final = frozenset(
    {"queue-operation", "custom-title", "ai-title", "mode", "permission-mode", "last-prompt"}
    | {"agent-name", "pr-link", "worktree-state"}
)
_WITHOUT_SESSION: Final = frozenset({"summary", "file-history-snapshot"})


def open_transcript(source: Source, head: Head, state: bytes | None) -> ClaudeTranscript:
    """A transcript, at its beginning or where the state was given."""
    try:
        return ClaudeTranscript(source, head, state)
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"expected the state of a transcript: {error}") from error


CLAUDE_TRANSCRIPT: Final = LineFormat(FORMAT, recognises, open_transcript)
