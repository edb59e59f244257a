"""Stored lines of plain events: what folding has to know of them, read in one go.

A long trail is folded when it is opened, and nearly all of its lines are output and log lines that
say nothing unusual. One typed decode tells what they change of their task: counts, stage, time.
Whatever a line says beyond that makes it no plain one; the two ways are held equal by a property
test.
"""

from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from tasktrail.model.channels import AGENT_OUTPUT, LOG
from tasktrail.model.levels import parse_level
from tasktrail.model.task import Task, count, only_counts
from tasktrail.model.times import parse_time


class _Event(Struct, forbid_unknown_fields=True, gc=False):
    event_type: str
    level: str | UnsetType = UNSET
    source: str | UnsetType = UNSET
    stage: str | UnsetType = UNSET


class _Line(Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    seq: int
    id: str
    timestamp: Raw
    recorded_at: str
    pos: int
    event: _Event
    h: str


class _OutputLine(_Line, kw_only=True):
    type: str
    content: Raw


class _LogLine(_Line, kw_only=True):
    level: str
    source: str | None
    stage: str | None
    message: Raw
    metadata: Raw


_DECODERS: Final[dict[str, msgspec.json.Decoder[_OutputLine] | msgspec.json.Decoder[_LogLine]]] = {
    AGENT_OUTPUT: msgspec.json.Decoder(_OutputLine),
    LOG: msgspec.json.Decoder(_LogLine),
}
_TYPES: Final = {AGENT_OUTPUT: frozenset({"task:output", "task:thinking"}), LOG: {"task:log"}}


class PlainFold:
    """Folds plain lines into a task; lines come in the order of `seq`, and are readable."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._recorded_at: str | None = None  # of the last line, where it was a plain one

    def take(self, line: bytes, channel: str) -> bool:
        """Whether the line is folded; else it has to go the general way."""
        task = self._task
        plain = _plain(line, channel) if only_counts(task, channel, is_special=False) else None
        if plain is None:
            self._recorded_at = None
            return False
        level, stage = plain.event.level or None, plain.event.stage or None
        if isinstance(plain, _LogLine):
            level, stage = level or plain.level, stage or plain.stage
        count(task, channel, parse_level(level) or "info")
        task.as_of = plain.seq
        task.stage = stage or task.stage
        self._recorded_at = plain.recorded_at
        return True

    def finish(self) -> None:
        """The task says when its last line was recorded."""
        if self._recorded_at is not None:
            self._task.updated_at = parse_time(self._recorded_at) or 0


def _plain(line: bytes, channel: str) -> _OutputLine | _LogLine | None:
    decoder = _DECODERS.get(channel)
    if decoder is None:
        return None
    try:
        found = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if found.event.event_type in _TYPES[channel] else None
