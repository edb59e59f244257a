"""What is missing, as gaps and losses tell it."""

from pathlib import Path

import pytest

from tasktrail.index.indexer import Indexer
from tasktrail.index.state import open_index
from tasktrail.model.ids import OWN_SESSION
from tasktrail.upkeep.missing import iter_missing, losses_in_tasks
from tests.support.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty root."""
    return Workshop(tmp_path)


def tell(workshop: Workshop, event_type: str, **words: object) -> None:
    """Something in Tasktrail's own session."""
    workshop.accept(event_type, None, session_id=OWN_SESSION, data=words)


def test_gaps_and_losses_are_told_with_their_places(workshop: Workshop) -> None:
    """Each door names itself; how many is known or not."""
    tell(workshop, "gap", stream="s", after="1-0", before=None, missing=6, message="6 of s")
    tell(workshop, "gap", partition=2, after=10, before=90, message="a hole")
    tell(workshop, "gap", outbox="ab.jsonl", missing=None, message="damaged")
    tell(workshop, "loss", src="cd", lost=3, message="3 are lost")
    workshop.record()

    told = [(one.kind, one.place, one.missing) for one in iter_missing(workshop.layout)]
    assert told == [
        ("gap", "Redis stream s", 6),
        ("gap", "spool of partition 2", None),
        ("gap", "outbox ab.jsonl", None),
        ("loss", "producer cd", 3),
    ]


def test_what_is_no_gap_is_not_told(workshop: Workshop) -> None:
    """Other entries of that session, and a gap that somebody sent without words."""
    tell(workshop, "coordinator:event", message="a budget is spent")
    workshop.accept("gap", None, session_id=OWN_SESSION, data={"missing": "many"})
    workshop.record()
    (found,) = iter_missing(workshop.layout)

    assert (found.place, found.missing, found.message) == ("-", None, "gap")


def test_a_root_without_gaps_has_none(workshop: Workshop) -> None:
    """Nor has one whose own session never was."""
    assert list(iter_missing(workshop.layout)) == []


def test_losses_of_tasks_are_found_in_their_trails(workshop: Workshop) -> None:
    """The oldest first, with the task that lost something, and each once."""
    layout, root = workshop.layout, workshop.root
    for task_id, lost in (("gh-1", 16_201), ("gh-2", 2), ("gh-1", 3)):
        workshop.accept("task:log", task_id, data={"message": "m"})
        workshop.accept("loss", task_id, data={"message": "no room", "lost": lost, "src": "ab"})
    tell(workshop, "loss", src="cd", lost=7, message="7 are lost")
    workshop.record()
    before = losses_in_tasks(layout, root)
    Indexer(layout, root, open_index(layout, root).database).catch_up()
    found = losses_in_tasks(layout, root)

    assert before is None  # no index says where they are
    assert found is not None
    assert [(one.kind, one.place, one.missing) for one in found] == [
        ("loss", "task gh-1", 16_201),
        ("loss", "task gh-2", 2),
        ("loss", "task gh-1", 3),
    ]
