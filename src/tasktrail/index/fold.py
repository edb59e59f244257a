"""The fold of a trail's summary, without a full look at entries that change nothing but counts.

The summary is what `model.task.apply` makes of every entry. Most entries of a running task only
count; for those the glimpse is enough. Held to the full fold by a property test.
"""

from contextlib import suppress
from typing import Final

import msgspec

from tasktrail.index.peek import Glimpse, Words
from tasktrail.model.channels import AGENT_OUTPUT, API_CALLS, CHANNELS, EVENTS, LOG, WEBHOOK_FLOW
from tasktrail.model.entry import parse_line
from tasktrail.model.event_types import channel_of
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task, apply, count

ACTIVE: Final = frozenset({AGENT_OUTPUT, LOG, API_CALLS})  # entries there show that work goes on
TELLING: Final = frozenset({EVENTS, WEBHOOK_FLOW})  # entries there may say anything of the task


def fold_line(task: Task, line: bytes, channel: int, glimpse: Glimpse) -> None:
    """The summary after the entry in that line; lines must come in the order of `seq`.

    A value that no figure can be made of costs its figure, here as in the trail's own documents.
    """
    words = glimpse.words
    home = channel_of(words.event_type)
    if _only_counts(task, home, words):
        count(task, home, words.level)
        task.as_of = glimpse.seq
        task.updated_at = glimpse.recorded_at
        task.stage = words.stage or task.stage
        return
    family = "tasks" if task.kind == "task" else "sessions"
    trail = TrailKey(family, task.task_id)
    with suppress(ValueError, ArithmeticError, RecursionError, msgspec.MsgspecError):
        apply(task, parse_line(line, CHANNELS[channel], trail))


def _only_counts(task: Task, home: str, words: Words) -> bool:
    """Whether the entry changes nothing of the summary but counts, stage and time."""
    if home in TELLING or task.created_at is None:
        return False
    if home not in ACTIVE:
        return True
    if words.names_attempt or words.event_type == "task:progress" or not task.attempts:
        return False
    attempt = task.attempts[-1]
    if attempt.started_at is None:
        return False
    return attempt.is_over or (task.status == "active" and task.started_at is not None)
