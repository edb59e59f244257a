"""Times of other programs."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tasktrail.formats.foreign_times import from_epoch, from_local
from tasktrail.model.event import IS_ESTIMATED
from tests.support.importing import claude, translated


def test_seconds_and_milliseconds_since_the_epoch_are_told_apart() -> None:
    """By their size: no run was recorded in the year 5138."""
    assert from_epoch(1_755_100_406) == "2025-08-13T15:53:26.000000Z"
    assert from_epoch(1_755_100_406_500) == "2025-08-13T15:53:26.500000Z"


def test_what_is_no_number_is_no_time() -> None:
    """Nor is one that no calendar holds."""
    assert [from_epoch(one) for one in (None, "1", True, 1e300)] == [None] * 4


def test_a_time_without_a_zone_is_this_machines() -> None:
    """One with a zone stays as it was written; what is no time is none."""
    found = from_local("2026-01-02T03:04:05")

    assert found is not None
    assert datetime.fromisoformat(found) == datetime(2026, 1, 2, 3, 4, 5).astimezone()
    assert from_local("2026-01-02T03:04:05Z") == "2026-01-02T03:04:05Z"
    assert (from_local("soon"), from_local(5), from_local("")) == (None, None, None)


def _codex(at: str) -> dict[str, object]:
    return {
        "type": "event_msg",
        "timestamp": at,
        "payload": {"type": "agent_message", "message": at},
    }


def _stream(at: str) -> dict[str, object]:
    block = {"type": "text", "text": at}
    said = {"type": "assistant", "session_id": "s", "uuid": at, "timestamp": at}
    return said | {"message": {"id": at, "model": "m", "content": [block]}}


def _transcript(at: str) -> dict[str, object]:
    return claude("system", 1, uuid=at, timestamp=at)


@pytest.mark.parametrize(
    ("form", "record"),
    [("codex", _codex), ("claude_stream", _stream), ("claude_transcript", _transcript)],
)
def test_a_time_that_cannot_be_read_is_as_none(
    form: str, record: Callable[[str], dict[str, object]]
) -> None:
    """The one before stands in, marked; a later one is not harmed."""
    told = ("2026-01-02T03:04:05Z", "yesterday noon", "2026-01-02T03:04:09Z")
    events = translated(form, *map(record, told))[-3:]

    assert [(one["timestamp"], IS_ESTIMATED in one) for one in events] == [
        (told[0], False),
        (told[0], True),
        (told[2], False),
    ]
