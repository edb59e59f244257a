"""What single records of a Claude Code transcript mean, told without what came before them."""

import re
from typing import Final

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from tasktrail.errors import InvalidEvent
from tasktrail.formats.claude_blocks import (
    EMPTY,
    Block,
    Message,
    Turn,
    blocks_of,
    call_event,
    flat_text,
    has_text,
    parse_message,
    text_of_blocks,
)
from tasktrail.formats.events import Owner, Saying, known, make_event
from tasktrail.formats.foreign_times import told_time
from tasktrail.formats.lives import SHORT, ended
from tasktrail.formats.translator import Source, Translated
from tasktrail.model.codec import decode, decode_fields, encode, plain_text

FORMAT: Final = "claude_transcript"
AGENT: Final = "claude-code"
WARNINGS: Final = frozenset(
    {"system.api_error", "system.api_refusal", "system.model_refusal_fallback"}
)
ERRORS: Final = frozenset({"system.error"})
PLAIN_INFO: Final = frozenset(
    {"system.turn_duration", "system.compact_boundary", "system.microcompact_boundary", "pr-link"}
)
AGENT_ENDS: Final = {"completed": "completed", "failed": "failed", "error": "failed"}
COMMAND_NAME: Final = re.compile(r"<command-name>\s*([^<\s]+)\s*</command-name>")
# What an editor or the program itself puts before what a person typed.
NOTES: Final = re.compile(r"\s*(?:<(?P<tag>[a-z_-]+)>(?s:.*?)</(?P=tag)>\s*)+")
COMMAND_ARGUMENTS: Final = re.compile(r"<command-args>([^<\\]*)")
FULL_OUTPUT: Final = "fullOutput"  # everything a command said so far, again in each record


class ClaudeRecord(Struct, rename="camel", gc=False):
    """The fields that matter; all others stay in the raw record."""

    type: str = ""
    subtype: str | None = None
    uuid: str | None = None
    session_id: str | None = None
    timestamp: str | None = None
    is_sidechain: bool | None = None
    is_meta: bool | None = None
    is_compact_summary: bool | None = None
    is_visible_in_transcript_only: bool | None = None
    is_api_error_message: bool | None = None
    agent_id: str | None = None
    request_id: str | None = None
    cwd: str | None = None
    git_branch: str | None = None
    version: str | None = None
    summary: str | None = None
    ai_title: str | None = None
    custom_title: str | None = None
    operation: str | None = None
    content: Raw = EMPTY
    message: Message | None = None
    data: Raw = EMPTY
    tool_use_result: Raw = EMPTY
    origin: Raw = EMPTY
    attachment: Raw = EMPTY
    cost: Raw = msgspec.field(name="costUSD", default=EMPTY)
    pr_number: int | None = None
    pr_url: str | None = None
    duration_ms: float | None = None


class _Progress(Struct, rename="camel", gc=False):
    type: str = ""
    agent_id: str | None = None
    message: Raw = EMPTY
    elapsed_time_seconds: float | None = None
    total_lines: int | None = None
    full_output: Raw = EMPTY


class _AgentResult(Struct, rename="camel", gc=False):
    agent_id: str | None = None
    status: str | None = None


class _Kind(Struct, gc=False):
    kind: str | None = None
    type: str | None = None
    prompt: Raw = EMPTY


_RECORD: Final = msgspec.json.Decoder(ClaudeRecord)
_PROGRESS: Final = msgspec.json.Decoder(_Progress)
_AGENT_RESULT: Final = msgspec.json.Decoder(_AgentResult)
_KIND: Final = msgspec.json.Decoder(_Kind)


def parse_record(blob: bytes) -> ClaudeRecord:
    """The record; raises InvalidEvent when a field is of another type."""
    try:
        record = _RECORD.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidEvent(f"expected a record of a transcript: {error}") from error
    record.timestamp = told_time(record.timestamp)
    return record


def _kind_of(raw: Raw) -> _Kind:
    try:
        return _KIND.decode(raw) if bytes(raw)[:1] == b"{" else _Kind()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Kind()


def worker_of(session: str, agent: str | None) -> str:
    """The worker that a session's own records, or those of a sub-agent, belong to."""
    return f"{session[:SHORT]}.agent-{agent}" if agent else session


def agent_type(source: Source, agent: str | None) -> str | None:
    """What kind of sub-agent it is, as its sidecar file says."""
    if agent is None:
        return None
    sidecar = source.siblings.get(f"{source.stem}.meta.json")
    try:
        said = decode(sidecar) if sidecar else None
    except InvalidEvent:
        return None
    found = said.get("agentType") if isinstance(said, dict) else None
    return found if isinstance(found, str) else agent.partition("-")[0] if "-" in agent else None


def is_prompt(record: ClaudeRecord) -> bool:
    """Whether a person said it."""
    if record.is_meta or record.is_compact_summary or record.is_visible_in_transcript_only:
        return False
    kind = _kind_of(record.origin).kind
    return kind is None or kind == "human"


def prompt_event(turn: Turn, prompt: object) -> Translated:
    """What a person, or for a sub-agent its parent, asked."""
    data = {
        "content": prompt,
        "question_type": "prompt",
        "format": turn.format,
        "record": turn.record,
    }
    saying = Saying(turn.timestamp, "user")
    return make_event("task:user_input", turn.owner, turn.identity, data, saying=saying)


def created(turn: Turn, record: ClaudeRecord, prompt: object) -> Translated:
    """The task, made of the session's first prompt."""
    data = known(
        {
            "input_message": prompt,
            "title": _title(prompt),
            "source": AGENT,
            "assigned_agent": AGENT,
            "cwd": record.cwd,
            "git_branch": record.git_branch,
            "version": record.version,
            "format": turn.format,
        }
    )
    saying = Saying(turn.timestamp, "user")
    identity = f"{turn.identity}#created"
    return make_event("task:created", turn.owner, identity, data, saying=saying)


def _title(prompt: object) -> str | None:
    """A title where the prompt's first line is none: a command of the program, notes before it."""
    said = plain_text(prompt) if isinstance(prompt, Raw) else str(prompt)
    if "<" not in said:
        return None
    name = COMMAND_NAME.search(said)
    if name is None:
        notes = NOTES.match(said)
        return said[notes.end() :].partition("\n")[0].strip() or None if notes else None
    given = COMMAND_ARGUMENTS.search(said)
    return f"{name[1]} {given[1] if given else ''}".strip()


def outcome_after(record: ClaudeRecord, message: Message, blocks: list[Block], before: str) -> str:
    """What the worker's life would be, were this message of an agent its last record."""
    if record.is_api_error_message:
        return "failed"
    if any(block.type == "tool_use" for block in blocks):
        return "cancelled"
    is_answer = message.model is not None and has_text(blocks)
    return "completed" if is_answer else before


def agent_end(turn: Turn, record: ClaudeRecord) -> list[Translated]:
    """The end of a sub-agent, where the record is what its parent got from it."""
    blob = bytes(record.tool_use_result)
    if b'"agentId"' not in blob or blob[:1] != b"{":
        return []
    try:
        result = _AGENT_RESULT.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    if result.agent_id is None or result.status not in AGENT_ENDS:
        return []
    session = turn.owner.key
    owner = Owner.of(session, session, worker_of(session, result.agent_id))
    return ended(owner, turn.identity, AGENT_ENDS[result.status], turn.timestamp, is_main=False)


def titled(turn: Turn, title: str) -> Translated:
    """The task has a title now."""
    data = {"title": title, "message": f"title: {title}"}
    identity = f"{turn.identity}#title"
    saying = Saying(turn.timestamp, "agent", "debug")
    return make_event("task:titled", turn.owner, identity, data, saying=saying)


def synthetic(turn: Turn, record: ClaudeRecord, blocks: list[Block]) -> Translated:
    """A message that no model wrote: the program's own words, often about a failed call."""
    data = {
        "message": text_of_blocks(blocks) or "synthetic message",
        "metadata": {},
        "format": turn.format,
        "record": turn.record,
    }
    level = "error" if record.is_api_error_message else "info"
    saying = Saying(turn.timestamp, "agent", level)
    return make_event("task:log", turn.owner, turn.identity, data, saying=saying)


def call_fields(record: ClaudeRecord, agent: str | None) -> dict[str, object]:
    """What the record around a message says of the call."""
    fields: dict[str, object] = {}
    if record.request_id:
        fields["request_id"] = record.request_id
    if agent is not None or record.is_sidechain:
        fields["is_sidechain"] = True
    if bytes(record.cost)[:1].isdigit():
        fields["cost_usd"] = record.cost
    return fields


def plain_events(turn: Turn, record: ClaudeRecord) -> list[Translated]:
    """The record as an event of its own kind, whatever it is."""
    if record.type == "queue-operation" and record.operation == "enqueue":
        return [prompt_event(turn, flat_text(record.content))]
    kind = record.type or "unknown"
    attached = _kind_of(record.attachment)
    if attached.type == "queued_command" and bytes(attached.prompt):
        return [prompt_event(turn, flat_text(attached.prompt))]
    part = record.subtype or attached.type
    name = f"{kind}.{part}" if part else kind
    data = known(
        {
            "message": _message(record, name),
            "pr_number": record.pr_number,
            "pr_url": record.pr_url,
            "duration_ms": record.duration_ms,
            "format": turn.format,
            "record": turn.record,
        }
    )
    saying = Saying(turn.timestamp, "agent", _level(name))
    return [make_event(f"claude:{name}", turn.owner, turn.identity, data, saying=saying)]


def _level(name: str) -> str:
    if name in ERRORS:
        return "error"
    if name in WARNINGS:
        return "warning"
    return "info" if name in PLAIN_INFO else "debug"


def _message(record: ClaudeRecord, name: str) -> object:
    if bytes(record.content)[:1] == b'"' and bytes(record.content) != b'""':
        return record.content
    if record.type == "user":
        return text_of_blocks(blocks_of(record.message)) or name
    if record.pr_url:
        return record.pr_url
    title = record.custom_title or record.ai_title or record.summary
    return title or name


def progress_events(turn: Turn, record: ClaudeRecord) -> list[Translated]:
    """How something that still runs is doing; a sub-agent's messages are copies of its file."""
    try:
        progress = _PROGRESS.decode(record.data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return plain_events(turn, record)
    data: dict[str, object] = {"message": _progress_text(progress), "format": turn.format}
    dropped = len(bytes(progress.full_output))
    if dropped > len(b'""'):
        data["left_out"] = {f"data.{FULL_OUTPUT}": dropped}
        data["record"] = _without_full_output(turn.record)
    else:
        data["record"] = turn.record
    saying = Saying(turn.timestamp, "agent", "debug")
    shown = make_event("task:progress", turn.owner, turn.identity, data, saying=saying)
    if progress.type != "agent_progress":
        return [shown]
    return [shown, *_embedded_call(turn, record, progress)]


def _progress_text(progress: _Progress) -> str:
    parts = [progress.type or "progress"]
    if progress.elapsed_time_seconds is not None:
        parts.append(f"{progress.elapsed_time_seconds:g} s")
    if progress.total_lines is not None:
        parts.append(f"{progress.total_lines} lines")
    if progress.agent_id:
        parts.append(f"agent-{progress.agent_id}")
    return ", ".join(parts)


def _without_full_output(record: Raw) -> Raw:
    """The record without the output that each later record repeats."""
    fields = decode_fields(record)
    data = decode_fields(fields["data"])
    data.pop(FULL_OUTPUT, None)
    return Raw(encode(fields | {"data": Raw(encode(data))}))


class _Copy(Struct, rename="camel", gc=False):
    type: str = ""
    message: Raw = EMPTY
    timestamp: str | None = None
    request_id: str | None = None


_COPY: Final = msgspec.json.Decoder(_Copy)


def _embedded_call(turn: Turn, record: ClaudeRecord, progress: _Progress) -> list[Translated]:
    """The call in a copied message of a sub-agent: it counts where the agent's file is missing."""
    try:
        copy = _COPY.decode(progress.message)
        if copy.type != "assistant":
            return []
        message: Message = parse_message(copy.message)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidEvent):
        return []
    session = turn.owner.key
    more: dict[str, object] = {"is_sidechain": True, "is_embedded": True}
    if copy.request_id:
        more["request_id"] = copy.request_id
    owner = Owner.of(session, session, worker_of(session, progress.agent_id))
    place = replace(turn, owner=owner, timestamp=copy.timestamp or record.timestamp)
    call = call_event(place, message, more)
    return [] if call is None else [call]
