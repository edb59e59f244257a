"""The fold of a trail's summary, without a full look at entries that change nothing but counts.

The summary is what `model.task.apply` makes of every entry. Most entries of a running task only
count; for those the glimpse is enough. Held to the full fold by a property test.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress

import msgspec

from tasktrail.index.peek import Glimpse, Words
from tasktrail.index.runs import Run, Says
from tasktrail.model.channels import CHANNELS, EVENTS, WEBHOOK_FLOW
from tasktrail.model.entry import parse_line
from tasktrail.model.event_types import channel_of
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task, apply, count, count_in, only_counts
from tasktrail.model.view import WORK_CHANNELS


def fold_run(task: Task, run: Run) -> None:
    """The summary after the entries of a run: from where all only count, they are counted."""
    said = Counter(run.says)
    folded = _behind_telling(run, said)
    for number in range(folded):
        _fold_one(task, run, number)
    while folded < len(run):
        if all(_only_counts(task, one.words) for one in said):
            rest = run.part(folded, len(run))
            _count_all(task, rest, Counter(rest.says) if folded else said)
            return
        _fold_one(task, run, folded)
        folded += 1


def _fold_one(task: Task, run: Run, number: int) -> None:
    channel = run.says[number].channel
    fold_line(task, run.line(number), channel, run.glimpse(number))


def _behind_telling(run: Run, said: Iterable[Says]) -> int:
    """The number of entries up to the last that tells of the task itself."""
    telling = {one for one in said if _tells(one.words)}
    if not telling:
        return 0
    return 1 + max(number for number, one in enumerate(run.says) if one in telling)


def _tells(words: Words) -> bool:
    home = channel_of(words.event_type)
    return home in {EVENTS, WEBHOOK_FLOW} or (home in WORK_CHANNELS and _is_special(words))


def _only_counts(task: Task, words: Words) -> bool:
    return only_counts(task, channel_of(words.event_type), is_special=_is_special(words))


def _count_all(task: Task, run: Run, said: Mapping[Says, int]) -> None:
    for says, entries in said.items():
        words = says.words
        count(task, channel_of(words.event_type), words.level, entries=entries)
    task.as_of, task.updated_at = run.seqs[-1], run.recorded_at(-1)
    is_staged = any(one.words.stage for one in said)
    stages = (one.words.stage for one in reversed(run.says)) if is_staged else ()
    task.stage = next(filter(None, stages), task.stage)


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
