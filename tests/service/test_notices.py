"""The log tells what begins and what is over, once."""

import pytest

from tasktrail.ingest.pressure import Space
from tasktrail.ingest.pump_status import PumpStatus
from tasktrail.service.notices import Notices
from tasktrail.store.checkpoints import Counters

ROOM, SHORT = Space(free=10, needed=5), Space(free=1, needed=5)


def pump(*, gaps: int = 0, dead: int = 0, dead_in_a_row: int = 0) -> PumpStatus:
    """A pump that has counted so much."""
    return PumpStatus("task_events", "connected", None, 0, 0.0, gaps, dead, dead_in_a_row)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says since the last time."""
    found = [record.getMessage() for record in caplog.records]
    caplog.clear()
    return found


def test_new_gaps_and_dead_letters_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Wherever they were met; what was there before the start is no news."""
    notices = Notices()
    notices.look(Counters(gaps=3, dead_letters=7), [pump(gaps=1)], ROOM)
    before = said(caplog)
    for _ in range(2):
        notices.look(Counters(gaps=4, dead_letters=8), [pump(gaps=2, dead=4)], ROOM)
    notices.look(None, [], None)

    assert before == []
    gaps, dead = said(caplog)
    assert gaps.startswith("2 more place(s)")
    assert dead.startswith("5 more event(s)")


def test_an_alarm_and_a_full_disk_begin_and_end(caplog: pytest.LogCaptureFixture) -> None:
    """One line each at both ends, however long it lasts."""
    notices = Notices()
    for _ in range(2):
        notices.look(Counters(), [pump(dead_in_a_row=101)], SHORT)
    begun = said(caplog)
    for _ in range(2):
        notices.look(Counters(), [pump()], ROOM)

    assert [("101 dead" in one, "nearly full" in one) for one in begun] == [
        (True, False),
        (False, True),
    ]
    assert [one.startswith("it is over") for one in said(caplog)] == [True, True]
