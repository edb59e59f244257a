"""The quick fold gives what the whole fold gives."""

from contextlib import suppress

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktrail.index.fold import fold_line, fold_run
from tasktrail.index.glimpses import Glimpses
from tasktrail.index.peek import look
from tasktrail.index.runs import Run, Text, joined
from tasktrail.model.channels import CHANNELS
from tasktrail.model.entry import Entry, parse_line
from tasktrail.model.event import parse_event
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task, apply
from tests.support.event_strategies import event_blobs, task_steps
from tests.support.make import START, TRAIL, entry, line_of

SESSION = TrailKey("sessions", "s-1")
one_task = st.just({"task_id": TRAIL.id})
one_session = st.just({"session_id": SESSION.id})


def folds(blobs: list[bytes], trail: TrailKey, size: int = 100) -> tuple[tuple[Task, Task], Task]:
    """The summary by the quick fold, line by line and in runs, and by the whole one."""
    kind = "task" if trail.family == "tasks" else "session"
    quick, in_runs, whole = (Task(trail.id, kind=kind) for _ in range(3))
    news: list[Run] = []
    for seq, blob in enumerate(blobs, 1):
        one = Entry(seq, f"t:{seq}", START + seq * 1_000, seq * 100, parse_event(blob))
        channel, line = line_of(one, trail)
        number, glimpse = CHANNELS.index(channel), look(line, channel, trail)
        fold_line(quick, line, number, glimpse)
        news.append(Glimpses(channel, trail).of(Text(0, line)))
        with suppress(ValueError, ArithmeticError, RecursionError, msgspec.MsgspecError):
            apply(whole, parse_line(line, channel, trail))
    for start in range(0, len(news), size):
        fold_run(in_runs, joined(news[start : start + size]))
    return (quick, in_runs), whole


@settings(max_examples=80)
@given(st.lists(st.one_of(task_steps(one_task), event_blobs(one_task)), max_size=25))
def test_the_quick_fold_equals_the_whole_one(blobs: list[bytes]) -> None:
    """Whatever the events, the summary is the one of a full fold."""
    quick, whole = folds(blobs, TRAIL)

    assert quick == (whole, whole)


@given(st.lists(event_blobs(one_session), max_size=10))
def test_the_quick_fold_equals_the_whole_one_for_sessions(blobs: list[bytes]) -> None:
    """The same for a session's own trail."""
    quick, whole = folds(blobs, SESSION)

    assert quick == (whole, whole)


@settings(max_examples=150)
@given(st.lists(task_steps(one_task), max_size=12), st.integers(1, 12))
def test_the_quick_fold_equals_the_whole_one_over_attempts(blobs: list[bytes], size: int) -> None:
    """Statuses, attempts and progress, in whatever order they are told, in runs of any length."""
    quick, whole = folds(blobs, TRAIL, size)

    assert quick == (whole, whole)


def test_most_entries_of_a_running_task_are_not_parsed() -> None:
    """Once the task is active, an entry that only counts costs no look at its line."""
    task = Task(TRAIL.id)
    for seq in (1, 2):
        channel, line = line_of(entry(seq, "task:log", data={"message": "a"}))
        fold_line(task, line, CHANNELS.index(channel), look(line, channel, TRAIL))
    channel, line = line_of(entry(3, "task:output", data={"content": "b"}))
    fold_line(task, b"not even looked at", CHANNELS.index(channel), look(line, channel, TRAIL))

    assert (task.as_of, task.counts.entries, task.status) == (3, 3, "active")
