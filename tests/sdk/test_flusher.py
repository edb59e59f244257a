"""What waits is written and synced a moment later, by a thread that sleeps when nothing does."""

import threading
from functools import partial
from pathlib import Path
from typing import Any

from tasktrail.sdk.flusher import Flusher
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.outbox_files import sizes_of
from tasktrail.sdk.trouble import Trouble
from tests.support.outboxes import frames_of
from tests.support.waiting import wait_until

EVENT = b'{"type":"x","task_id":"t"}'


def make(directory: Path, **chosen: Any) -> tuple[Outbox, Flusher]:  # noqa: ANN401 - any setting
    """An outbox with a quick flusher."""
    trouble = Trouble(lambda _text: None)
    outbox = Outbox(directory, clock=lambda: 1, trouble=trouble, **chosen)
    flusher = Flusher(outbox, trouble=trouble, seconds=0.01)
    outbox.wake = flusher.wake
    return outbox, flusher


def flushers() -> int:
    """How many flusher threads there are."""
    return sum(thread.name == "tasktrail-outbox" for thread in threading.enumerate())


def test_buffered_events_are_written_by_themselves(tmp_path: Path) -> None:
    """Nobody has to call flush."""
    outbox, flusher = make(tmp_path, buffered=True)
    outbox.append(EVENT, task_id="t")
    wait_until(lambda: sizes_of(tmp_path))
    flusher.close()

    assert len(sizes_of(tmp_path)) == 1


def are_there(directory: Path, count: int) -> bool:
    """Whether so many events are written."""
    return len(frames_of(directory)) == count


def test_what_is_said_after_a_flush_is_written_too(tmp_path: Path) -> None:
    """A flush takes back the seats: whoever speaks next wakes the thread again."""
    outbox, flusher = make(tmp_path, buffered=True)
    for count in range(1, 4):
        outbox.append(EVENT, task_id="t")
        wait_until(partial(are_there, tmp_path, count))
    flusher.close()

    assert len(frames_of(tmp_path)) == 3


def test_written_events_are_synced_by_themselves(tmp_path: Path) -> None:
    """A power cut costs no more than the last moment."""
    syncs: list[int] = []
    outbox, flusher = make(tmp_path, sync=syncs.append)
    outbox.append(EVENT, task_id="t")
    wait_until(lambda: syncs)
    flusher.close()

    assert len(syncs) == 1


def test_a_silent_process_has_no_thread(tmp_path: Path) -> None:
    """It is started by the first event, once, and ends when told."""
    others = flushers()
    outbox, flusher = make(tmp_path)
    before = flushers() - others
    outbox.append(EVENT, task_id="t")
    outbox.append(EVENT, task_id="t")
    during = flushers() - others
    flusher.close()

    assert (before, during, flushers() - others) == (0, 1, 0)


def test_who_is_always_hurried_syncs_all_the_same(tmp_path: Path) -> None:
    """A job that says much fills its buffer again and again: a power cut costs it no more."""
    syncs: list[int] = []
    outbox, flusher = make(tmp_path, buffered=True, sync=syncs.append)
    flusher.seconds = 0.2

    def say_much() -> bool:
        outbox.append(EVENT, task_id="t")
        flusher.hurry()
        return bool(syncs)

    wait_until(say_much)
    flusher.close()

    assert syncs
