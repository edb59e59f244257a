"""The timeline of a task: who did what, from when to when, in columns.

The index says of each entry what it is, whose and when; its line is read for words and durations.
Columns are a fifth of what rows would be, and a page has thousands of deeds to draw.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from tasktrail.errors import TornEntry
from tasktrail.index.entries import Mark
from tasktrail.index.peek import UNVIEWABLE
from tasktrail.model.deeds import DEED_KINDS, Deed, Told, fold_deeds
from tasktrail.model.entry_filter import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.query.rows import Row, row_at
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout
from tasktrail.store.scan import iter_ranges

MOST_BYTES: Final = 192 << 20  # of lines that are read for one answer
WORDS: Final = 120  # characters of what was said
NO_MODEL: Final = "a model"
FAILED: Final = frozenset({"error", "critical"})
TELLING: Final = EntryFilter(event_type=tuple(DEED_KINDS))


class _Call(Struct, gc=False):
    """What the line of a model call tells besides what the index has of it."""

    model: Any = None
    duration_ms: Any = None
    success: Any = None


class _Data(Struct, gc=False):
    sent_use: Any = field(name="_tool_use_id", default=None)
    use: Any = field(name="tool_use_id", default=None)


class _Event(Struct, gc=False):
    data: _Data = field(default_factory=_Data)


class _Tool(Struct, gc=False):
    """What the line of a tool's call tells, or that of its result."""

    tool_name: Any = None
    is_error: Any = None
    tool_use_id: Any = None
    event: _Event = field(default_factory=_Event)

    @property
    def use(self) -> str | None:
        """Which call it is about."""
        data = self.event.data
        return _text(data.sent_use) or _text(data.use) or _text(self.tool_use_id)


_CALL: Final = msgspec.json.Decoder(_Call)
_TOOL: Final = msgspec.json.Decoder(_Tool)


def timeline_of(layout: Layout, view: TrailView, *, limit: int) -> Row:
    """`workers`, `words` and `deeds`, whose columns name them by number; how much was read.

    Deeds stand by worker, and by their beginning. An entry that cannot be read is left out.
    """
    selection = view.select(TELLING, lambda _: True)
    marks = _that_fit(selection.marks(limit=limit))
    deeds = fold_deeds(_told(layout, view.key, marks))
    return {"total_count": selection.count(), "read": len(marks), **_columns(deeds)}


def _told(layout: Layout, key: TrailKey, marks: Sequence[Mark]) -> Iterator[Told]:
    lines = iter_ranges(layout, key, [mark.place for mark in marks])
    for mark, line in zip(marks, lines, strict=True):
        with suppress(TornEntry, *UNVIEWABLE):
            yield _told_of(mark, line or b"", key)


def _that_fit(marks: Sequence[Mark]) -> Sequence[Mark]:
    """The first of them, as many as may be read for one answer; one at least."""
    sizes = accumulate(mark.place[2] for mark in marks)
    return marks[: max(1, bisect_right(list(sizes), MOST_BYTES))]


def _told_of(mark: Mark, line: bytes, key: TrailKey) -> Told:
    event_type, at_ms = mark.kind.event_type, mark.at // 1_000
    is_failed, took_ms, tool, use = mark.kind.level in FAILED, 0, None, None
    if event_type == "task:api_call":
        call = _CALL.decode(line)
        words, took_ms = _text(call.model) or NO_MODEL, _took(call.duration_ms, at_ms)
        is_failed |= call.success is False
    else:
        words = _beginning(str(row_at(line, mark.place[0], key)["message"]))
    if DEED_KINDS[event_type] == "tool":
        told = _TOOL.decode(line)
        tool, use, is_failed = _text(told.tool_name), told.use, is_failed or told.is_error is True
    who = mark.whom.worker_id
    return Told(mark.seq, event_type, who, at_ms, words, is_failed, took_ms, tool, use)


def _beginning(message: str) -> str:
    """What is read at a glance; where there is more it says so."""
    words = message.partition("\n")[0][:WORDS]
    return words if len(words) == len(message) else f"{words}…"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _took(value: object, most: int) -> int:
    """Whole milliseconds; nothing began before the epoch."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return 0
    return round(max(0, min(value, most)))


def _columns(deeds: Sequence[Deed]) -> Row:
    workers, words = _numbers(one.worker for one in deeds), _numbers(one.words for one in deeds)
    return {
        "workers": list(workers),
        "words": list(words),
        "deeds": {
            "worker": [workers[one.worker] for one in deeds],
            "kind": [one.kind for one in deeds],
            "start_ms": [one.start_ms for one in deeds],
            "took_ms": [one.took_ms for one in deeds],
            "words": [words[one.words] for one in deeds],
            "is_failed": [one.is_failed for one in deeds],
            "seq": [one.seq for one in deeds],
        },
    }


def _numbers(names: Iterator[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}
