"""The fold of a trail's summary, without a full look at entries that change nothing but counts.

The summary is what `model.task.apply` makes of every entry. Most entries of a running task only
count; for those the glimpse is enough. Held to the full fold by a property test.
"""

from contextlib import suppress

import msgspec

from tasktrail.index.advance import Run
from tasktrail.index.peek import Glimpse, Words
from tasktrail.model.channels import CHANNELS
from tasktrail.model.entry import parse_line
from tasktrail.model.event_types import channel_of
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task, apply, count, count_in, only_counts


def fold_run(task: Task, run: Run) -> None:
    """The summary after the entries of a run: from the first that only counts, all do."""
    words = run.words
    home = channel_of(words.event_type)
    is_special = _is_special(words)
    for number, new in enumerate(run.lines):
        if only_counts(task, home, is_special=is_special):
            last, entries = run.lines[-1], len(run.lines) - number
            count(task, home, words.level, entries=entries)
            task.as_of, task.updated_at = last.seq, last.glimpse.recorded_at
            task.stage = words.stage or task.stage
            return
        fold_line(task, new.line, run.channel, new.glimpse)


def _is_special(words: Words) -> bool:
    return words.names_attempt or words.event_type == "task:progress"


def fold_line(task: Task, line: bytes, channel: int, glimpse: Glimpse) -> None:
    """The summary after the entry in that line; lines must come in the order of `seq`.

    A value that no figure can be made of costs its figure, here as in the trail's own documents.
    """
    words = glimpse.words
    home = channel_of(words.event_type)
    if only_counts(task, home, is_special=_is_special(words)):
        count_in(task, home, words.level, seq=glimpse.seq, recorded_at=glimpse.recorded_at)
        task.stage = words.stage or task.stage
        return
    family = "tasks" if task.kind == "task" else "sessions"
    trail = TrailKey(family, task.task_id)
    with suppress(ValueError, ArithmeticError, RecursionError, msgspec.MsgspecError):
        apply(task, parse_line(line, CHANNELS[channel], trail))
