"""What waits is bounded, and the right one is told of it, as seldom as may be."""

from pathlib import Path
from typing import Any

from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.records import event_record
from tasktrail.sdk.trouble import Trouble
from tests.support.outboxes import frames_of as frames

NOW = 1_763_776_000_000_000
EVENT = b'{"type":"x","task_id":"t"}'


def make(directory: Path, **chosen: Any) -> Outbox:  # noqa: ANN401 - any of its settings
    """An outbox that tells nobody of its troubles."""
    return Outbox(directory, clock=lambda: NOW, trouble=Trouble(lambda _text: None), **chosen)


def test_a_thread_is_nudged_once_until_what_waits_is_written(tmp_path: Path) -> None:
    """Half of a full buffer nudges; the calls after it cost nothing more."""
    nudges: list[int] = []
    outbox = make(tmp_path, buffered=True, buffered_events=10)
    outbox.wake = lambda: None
    outbox.nudge = lambda: nudges.append(len(outbox.waiting))
    for _ in range(9):
        outbox.append(EVENT, task_id="t")
    first = [*nudges]
    outbox.flush()
    for _ in range(5):
        outbox.append(EVENT, task_id="t")

    assert (first, nudges) == ([5], [5, 5])


def test_no_more_may_wait_than_was_stated(tmp_path: Path) -> None:
    """Whichever way records come: each takes a seat, and who has none writes."""
    most = 0
    outbox = make(tmp_path, buffered=True, buffered_events=10)
    outbox.wake = lambda: None
    for n in range(200):
        if n % 3:
            outbox.append(EVENT, task_id="t")
        else:
            seat = next(outbox.seats.stamps, None)
            outbox.waiting.append(event_record(NOW, "t", EVENT))
            if seat is None:
                outbox.press()
        most = max(most, len(outbox.waiting))
    outbox.close()

    assert most == 9
    assert len(frames(tmp_path)) == 200
