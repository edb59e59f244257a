"""Events of coordinators, as they are answered."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidCursor
from tests.support.make_trails import Trails, key_of
from tests.support.money import coordinated, ledger_of, told


def test_an_event_says_what_happened_and_where(tmp_path: Path) -> None:
    """With its text and details out of the trail."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        answer = ledger_of(trails).events({"type": ["decision"]})
    (event,) = answer["events"]

    assert (event["message"], bytes(event["details"])) == ("Preserved worktree", b'{"age":0.2}')
    assert (event["severity"], event["context_type"], event["context_id"]) == (
        "warning",
        "worktree",
        "gh-450",
    )
    assert (event["task_id"], event["session_id"], event["event_id"]) == (
        "gh-450",
        "s-1",
        "gh-450#7",
    )


def test_starts_and_ends_are_events_too(tmp_path: Path) -> None:
    """Newest first."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        answer = ledger_of(trails).events()

    assert [one["event_type"] for one in answer["events"]] == [
        "session:ended",
        "decision",
        "session:started",
    ]
    assert answer["total_count"] == 3


def test_pages_follow_each_other(tmp_path: Path) -> None:
    """Events of one moment are each on one page; a cursor keeps to its filter."""
    with Trails(tmp_path) as trails:
        trails.record(
            *(
                told("coordinator:event", task_id=f"t{n % 3}", event_type="x", message=str(n))
                for n in range(7)
            )
        )
        ledger, seen = ledger_of(trails), list[str]()
        cursor: str | None = ""
        while cursor is not None:
            page = ledger.events({"limit": ["2"], "cursor": [cursor], "type": ["x"]})
            seen += [one["message"] for one in page["events"]]
            cursor = page["next_cursor"]

            if cursor:
                with pytest.raises(InvalidCursor):
                    ledger.events({"cursor": [cursor]})
    assert sorted(seen) == [str(n) for n in range(7)]


def test_an_event_whose_line_is_lost_is_still_listed(tmp_path: Path) -> None:
    """What the index knows of it is shown; its text is null."""
    with Trails(tmp_path) as trails:
        trails.record(told("coordinator:event", task_id="t", event_type="x", message="hello"))
        ledger = ledger_of(trails)
        trails.close()
        trails.layout.channel(key_of("t"), "events").unlink()
        (event,) = ledger.events()["events"]

    assert (event["event_type"], event["message"], bytes(event["details"])) == ("x", None, b"null")
