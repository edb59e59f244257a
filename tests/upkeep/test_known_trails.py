"""Which trails there should be."""

from pathlib import Path

from tasktrail.index.indexer import Indexer
from tasktrail.index.state import open_index
from tasktrail.store.checkpoints import read_checkpoint, write_checkpoint
from tasktrail.store.touched import TouchedJournal
from tasktrail.upkeep.known_trails import known_heads
from tests.support.store_trails import KEY
from tests.support.workshop import Workshop


def recorded(folder: Path) -> Workshop:
    """A root with a trail of two entries."""
    workshop = Workshop(folder)
    for _ in range(2):
        workshop.accept("task:log", data={"message": "m"})
    workshop.record()
    return workshop


def test_what_the_recorder_noted_is_known(tmp_path: Path) -> None:
    """Up to the checkpoint, and not beyond it."""
    workshop = recorded(tmp_path)
    journal = TouchedJournal(workshop.layout, 0)
    journal.append(1_000_000, {KEY: 7})
    journal.close()

    assert known_heads(workshop.layout, workshop.root) == {KEY: 2}


def test_what_the_index_read_is_known(tmp_path: Path) -> None:
    """When the recorder's notes were started anew."""
    workshop = recorded(tmp_path)
    layout, root = workshop.layout, workshop.root
    Indexer(layout, root, open_index(layout, root).database).catch_up()
    layout.touched(0).unlink()

    assert known_heads(layout, root) == {KEY: 2}


def test_an_index_of_more_than_is_recorded_proves_nothing(tmp_path: Path) -> None:
    """After a power cut an index can know entries that are recorded again under other numbers."""
    workshop = recorded(tmp_path)
    layout, root = workshop.layout, workshop.root
    Indexer(layout, root, open_index(layout, root).database).catch_up()
    known = read_checkpoint(layout, 0)
    assert known is not None
    write_checkpoint(layout, 0, type(known)(0, known.segment, 0, 0, known.generation))

    assert known_heads(layout, root) == {}


def test_a_damaged_index_proves_nothing(tmp_path: Path) -> None:
    """It is derived, and no reason to accuse anybody."""
    workshop = recorded(tmp_path)
    workshop.layout.index.write_bytes(b"no database" * 1_000)

    assert known_heads(workshop.layout, workshop.root) == {KEY: 2}
