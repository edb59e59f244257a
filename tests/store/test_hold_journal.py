"""Held webhook events on disk."""

from pathlib import Path
from typing import Literal

from msgspec import Raw

from tasktrail.store.hold_journal import HoldJournal, HoldLine, iter_holds
from tasktrail.store.layout import Layout
from tests.support.store_trails import new_root

EVENT = b'{"type":"webhook:received","webhook_event_id":"w","data":{"a": [1,  2]}}'


def held(pos: int, webhook: str = "w") -> HoldLine:
    """The line of a held event."""
    return HoldLine(
        pos=pos, kind="hold", webhook_event_id=webhook, at=pos, identity="i", event=Raw(EVENT)
    )


def closed(pos: int, kind: Literal["bind", "skip", "expire"], webhook: str = "w") -> HoldLine:
    """The line that ends a flow."""
    return HoldLine(pos=pos, kind=kind, webhook_event_id=webhook, task_id="gh-1")


def write(layout: Layout, *lines: HoldLine, keep_below: int | None = None) -> None:
    """Those lines appended by partition 0."""
    journal = HoldJournal.open(layout, 0, keep_below=keep_below)
    journal.append(lines)
    journal.close()


def test_a_held_flow_is_readable_with_its_events_as_sent(tmp_path: Path) -> None:
    """What waits for its task can be looked at."""
    layout = new_root(tmp_path)
    write(layout, held(5), held(6))

    (flow,) = iter_holds(layout)
    assert (flow.webhook_event_id, flow.state, flow.first_at, flow.p) == ("w", "held", 5, 0)
    assert flow.event_types() == ["webhook:received", "webhook:received"]
    assert [bytes(one.event or b"") for one in flow.events] == [EVENT, EVENT]


def test_a_bound_flow_is_held_no_longer(tmp_path: Path) -> None:
    """It was handed over; the others stay, with what became of them."""
    layout = new_root(tmp_path)
    write(layout, held(1), held(2, "x"), held(3, "y"), closed(4, "bind"))
    write(layout, closed(5, "skip", "x"), closed(6, "expire", "y"))

    assert {flow.webhook_event_id: flow.state for flow in iter_holds(layout)} == {
        "x": "skipped",
        "y": "expired",
    }


def test_lines_that_will_be_replayed_are_cut(tmp_path: Path) -> None:
    """A binding whose checkpoint never came is undone with everything after it."""
    layout = new_root(tmp_path)
    write(layout, held(1), closed(2, "bind"), held(3))
    journal = HoldJournal.open(layout, 0, keep_below=2)
    left = [(line.pos, line.kind) for line in journal.lines()]
    journal.close()

    assert left == [(1, "hold")]
    assert [flow.state for flow in iter_holds(layout)] == ["held"]


def test_a_damaged_line_costs_itself(tmp_path: Path) -> None:
    """The flows around it stay readable."""
    layout = new_root(tmp_path)
    write(layout, held(1, "a"))
    with layout.holds(0).open("ab") as file:
        file.write(b"\0\0\0\n")
    write(layout, held(2, "b"))
    (layout.hold_journals / "copy of 0.jsonl").write_bytes(layout.holds(0).read_bytes())

    assert [flow.webhook_event_id for flow in iter_holds(layout)] == ["a", "b"]


def compact(layout: Layout) -> None:
    """The journal is compacted, as its owner does when it has grown."""
    journal = HoldJournal.open(layout, 0, keep_below=None)
    journal.compact(bound_since=0)
    journal.close()


def test_closed_flows_leave_the_journal_and_stay_readable(tmp_path: Path) -> None:
    """Skipped and expired ones move into an archive; what waits stays, what is bound goes."""
    layout = new_root(tmp_path)
    write(layout, held(1, "s"), closed(2, "skip", "s"), held(3, "e"), closed(4, "expire", "e"))
    write(layout, held(5, "w"), held(6, "b"), closed(7, "bind", "b"))
    before = [(one.webhook_event_id, one.state) for one in iter_holds(layout)]
    compact(layout)
    after = [(one.webhook_event_id, one.state, len(one.events)) for one in iter_holds(layout)]

    assert before == [("s", "skipped"), ("e", "expired"), ("w", "held")]
    assert after == [("s", "skipped", 1), ("e", "expired", 1), ("w", "held", 1)]
    assert layout.holds(0).read_bytes().count(b'hold"') == 1


def test_a_crash_between_archive_and_journal_doubles_nothing(tmp_path: Path) -> None:
    """The same lines in both files are the same events."""
    layout = new_root(tmp_path)
    write(layout, held(1, "s"), closed(2, "skip", "s"))
    whole = layout.holds(0).read_bytes()
    compact(layout)
    layout.holds(0).write_bytes(whole)
    compact(layout)
    (flow,) = iter_holds(layout)

    assert (flow.state, len(flow.events)) == ("skipped", 1)
    assert layout.holds(0).read_bytes() == b""


def test_a_flow_that_went_on_after_its_end_is_not_closed(tmp_path: Path) -> None:
    """What came later may still be claimed by a task, so all of it stays."""
    layout = new_root(tmp_path)
    write(layout, held(1, "s"), closed(2, "skip", "s"), held(3, "s"))
    compact(layout)

    assert layout.holds(0).read_bytes().count(b"\n") == 3
