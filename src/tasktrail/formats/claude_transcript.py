"""Claude Code transcripts: the files of sessions and of their sub-agents, in both layouts.

    <project>/<session>.jsonl                         a session
    <project>/agent-<id>.jsonl                        a sub-agent, old layout
    <project>/<session>/subagents/agent-<id>.jsonl    a sub-agent, new layout, with .meta.json

A session is a task; sub-agents are workers of it. One response of the model stands on several
lines, each with its usage: each difference becomes a call of the same `call_id`. Records are told
apart by (session, uuid), those without uuid by their bytes and their ordinal among equal ones.
Sessions end by not being heard of for a day; the end of a sub-agent its parent tells, too.
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
from tasktrail.formats.documents import fields_of, text
from tasktrail.formats.events import Ordinals, Owner, broken_line, known
from tasktrail.formats.foreign_times import told_time
from tasktrail.formats.lives import Life, begun, found_in, guessed_end
from tasktrail.formats.translator import Head, LineFormat, Problem, Record, Source, Translated

AGENT_FILE: Final = "agent-"
MOST_LIVES: Final = 1_000  # sessions and sub-agents of one file that are told apart
TITLE_RANKS: Final = {"summary": 1, "ai-title": 2, "custom-title": 3}


class _State(Struct):
    """What the next record of the file is read with."""

    session: str = ""
    lives: dict[str, Life] = field(default_factory=dict)  # of workers that were introduced
    created: list[str] = field(default_factory=list)  # sessions whose first prompt was seen
    title_rank: int = 0
    tools: dict[str, str] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)
    last_call: str = ""  # message id and usage of the call last told
    last_at: str | None = None


class ClaudeTranscript:
    """One transcript file."""

    def __init__(self, source: Source, head: Head, state: bytes | None) -> None:
        self._source = source
        self._state = msgspec.json.decode(state, type=_State) if state else _State()
        self._state.session = self._state.session or _session_of(source, head)
        self._state.last_at = self._state.last_at or _first_time(head) or source.modified_at
        self._tools = ToolNames(self._state.tools)
        self._ordinals = Ordinals(self._state.ordinals)
        self._agent = _agent_of(source)
        self._life = Life()  # of the worker whose record is being read
        self._owners: dict[tuple[str, str | None], Owner] = {}
        self._lives: dict[tuple[str, str | None], Life] = {}  # those of the state, found faster

    def translate(self, record: Record) -> list[Translated]:
        """The record's events; raises InvalidEvent when its fields are of other types."""
        parsed = parse_record(record.blob)
        session = self._session(parsed)
        agent = self._agent or (parsed.agent_id if parsed.is_sidechain else None)
        owner = self._owner(session, agent)
        at = parsed.timestamp
        if at is None:
            owner = owner.at(self._state.last_at)
        name = parsed.uuid or self._ordinals.name(record.blob)
        turn = Turn(owner, f"cc:{session}:{name}", at, Raw(record.blob), FORMAT)
        life = self._lives.get((session, agent))
        first = [] if life is not None and life.goes_on(at) else self._lived(turn, parsed, agent)
        if life is not None:
            self._life = life
        rule = _RULES.get(parsed.type)
        events = rules.plain_events(turn, parsed) if rule is None else rule(self, turn, parsed)
        if at is not None:
            self._life.last_at = self._state.last_at = at
        return first + events if first else events

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Transcripts have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        owner = self._owner(self._state.session, self._agent).at(self._state.last_at)
        return broken_line(owner, f"cc:{owner.worker}", problem)

    def quiet(self) -> list[Translated]:
        """A session whose last word was an answer is completed; one that broke off, cancelled."""
        events: list[Translated] = []
        for name, life in self._state.lives.items():
            if life.is_quiet(self._source):
                events += self._guessed_end(name, life)
        return events

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

    def _owner(self, session: str, agent: str | None) -> Owner:
        """Whose a record is."""
        known = self._owners.get((session, agent))
        if known is None:
            worker = rules.worker_of(session, agent)
            known = self._owners[session, agent] = Owner.of(session, session, worker)
        return known

    def _lived(self, turn: Turn, parsed: ClaudeRecord, agent: str | None) -> list[Translated]:
        """The worker is introduced by its first record, and again after a day without one."""
        name = f"{turn.owner.session}\t{agent or ''}"
        life = self._state.lives.get(name)
        is_new = life is None
        events: list[Translated] = []
        if life is None:
            life = Life(turn.owner.key, is_main=agent is None)
            self._state.lives[name] = life
            if len(self._state.lives) > MOST_LIVES:
                del self._state.lives[next(iter(self._state.lives))]
        elif not life.is_over and life.is_interrupted(parsed.timestamp):
            events = self._guessed_end(name, life)
        self._life = self._lives[turn.owner.key, agent] = life
        if is_new or life.is_over:
            about = self._about(parsed, turn.owner.key, agent)
            at, is_main = turn.timestamp, agent is None
            events += begun(turn.owner, turn.identity, about, at, is_main=is_main)
            life.is_over = False
        if is_new:
            events += found_in(turn.owner, self._source, FORMAT, turn.timestamp)
        return events

    def _guessed_end(self, name: str, life: Life) -> list[Translated]:
        agent = name.partition("\t")[2] or None
        owner = self._owner(life.session, agent).at(self._state.last_at)
        return guessed_end(owner, f"cc:{life.session}:{owner.worker}", life)

    def _about(self, parsed: ClaudeRecord, session: str, agent: str | None) -> dict[str, object]:
        """What the first record of a worker says of it."""
        return known(
            {
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

    def _assistant(self, turn: Turn, parsed: ClaudeRecord) -> list[Translated]:
        message = parsed.message or Message()
        blocks = blocks_of(message)
        self._life.is_begun = True
        self._life.outcome = rules.outcome_after(parsed, message, blocks, self._life.outcome)
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
        self._life.is_begun = True
        if not parsed.is_meta:
            self._life.outcome = "cancelled"
        if any(block.type == "tool_result" for block in blocks):
            return block_events(turn, blocks, self._tools) + rules.agent_end(turn, parsed)
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
    """When the file begins, for workers whose first record tells no time; a snapshot holds one."""
    said = [record.get("timestamp") for record in head.records]
    said += [fields_of(record.get("snapshot")).get("timestamp") for record in head.records]
    return next(filter(None, map(told_time, map(text, said))), None)


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
        if "sessionId" in record and ("parentUuid" in record or text(record.get("type")) in _ALONE):
            return True
    return bool(head.records) and all(
        text(record.get("type")) in _WITHOUT_SESSION for record in head.records
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
