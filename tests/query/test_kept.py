"""Holds and dead letters as rows."""

from pathlib import Path

import msgspec

from tasktrail.query.kept import dead_rows, hold_rows
from tasktrail.store.dead_letters import DeadLetter, append_dead, raw_text
from tasktrail.store.hold_journal import HoldJournal, HoldLine
from tests.support.make import START, event_bytes
from tests.support.make_trails import Trails


def test_a_hold_says_what_waits_and_since_when(tmp_path: Path) -> None:
    """Its events are as they were sent."""
    event = msgspec.Raw(event_bytes("webhook:received", None, webhook_event_id="w-1"))
    line = HoldLine(
        pos=0, kind="hold", webhook_event_id="w-1", at=START, identity="a:1", event=event
    )
    with Trails(tmp_path) as trails:
        journal = HoldJournal.open(trails.layout, 0, keep_below=None)
        journal.append([line])
        journal.close()
        (row,) = hold_rows(trails.layout)

    assert (row["webhook_event_id"], row["state"]) == ("w-1", "held")
    assert row["first_at"] == "2025-11-22T01:46:40.000000Z"
    assert row["event_types"] == ["webhook:received"]
    assert row["events"][0]["event"] == event


def test_a_dead_letter_says_why_and_holds_its_bytes(tmp_path: Path) -> None:
    """Each has a number by which it can be shown and replayed."""
    letters = [
        DeadLetter(at=START, p="redis-x", code="invalid_event", reason=name, raw=raw_text(b"\xff"))
        for name in ("a", "b")
    ]
    with Trails(tmp_path) as trails:
        append_dead(trails.layout, "redis-x", letters)
        first, second = dead_rows(trails.layout)

    assert (first["number"], second["number"], second["reason"]) == (1, 2, "b")
    assert (first["raw"], first["p"]) == ("/w==", "redis-x")
    assert first["at"] == "2025-11-22T01:46:40.000000Z"
