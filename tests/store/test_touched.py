"""The journal of touched trails."""

from pathlib import Path

from tasktrail.model.ids import TrailKey
from tasktrail.store.checkpoints import Checkpoint, write_checkpoint
from tasktrail.store.layout import Layout
from tasktrail.store.touched import TouchedJournal, read_touched
from tests.support.store_trails import KEY, new_root

OTHER = TrailKey("sessions", "s\x00 1")


def checkpoint(layout: Layout, pos: int) -> None:
    """The partition's checkpoint moved there."""
    write_checkpoint(layout, 0, Checkpoint(pos=pos, segment="s", offset=pos, crc=0, generation=1))


def positions(layout: Layout, after: int) -> list[int] | None:
    """The places of the batches after that one."""
    found = read_touched(layout, 0, after=after)
    return None if found is None else [one.pos for one in found]


def test_batches_are_told_from_any_place(tmp_path: Path) -> None:
    """A reader gets what came after its own place, with the last seq of every trail."""
    layout = new_root(tmp_path)
    journal = TouchedJournal(layout, 0)
    journal.append(10, {KEY: 3})
    journal.append(15, {})
    journal.append(20, {KEY: 4, OTHER: 1})
    journal.close()

    assert [positions(layout, after) for after in (0, 10, 20)] == [[10, 20], [20], []]
    (last,) = read_touched(layout, 0, after=15) or []
    assert last.heads() == {KEY: 4, OTHER: 1}


def test_a_journal_that_begins_later_sends_the_reader_to_the_catalog(tmp_path: Path) -> None:
    """Nothing is known about what came before the journal."""
    layout = new_root(tmp_path)
    checkpoint(layout, 50)
    journal = TouchedJournal(layout, 0)
    journal.append(60, {KEY: 3})
    journal.close()

    assert positions(layout, 50) == [60]
    assert positions(layout, 49) is None
    assert read_touched(layout, 7, after=0) is None


def test_batches_whose_checkpoint_never_came_are_cut(tmp_path: Path) -> None:
    """The next owner replays them, and tells of them anew."""
    layout = new_root(tmp_path)
    journal = TouchedJournal(layout, 0)
    journal.append(10, {KEY: 3})
    journal.append(20, {KEY: 4})
    journal.close()
    checkpoint(layout, 10)
    journal = TouchedJournal(layout, 0)
    journal.append(15, {KEY: 4})
    journal.close()

    assert positions(layout, 0) == [10, 15]


def test_a_long_journal_starts_anew_and_keeps_one_before(tmp_path: Path) -> None:
    """A reader follows across the change; only one who is far behind walks the catalog."""
    layout = new_root(tmp_path)
    journal = TouchedJournal(layout, 0, rotate_bytes=200)
    for pos in range(10, 310, 10):
        journal.append(pos, {KEY: pos})
        checkpoint(layout, pos)

        assert positions(layout, max(pos - 20, 0)) == ([pos] if pos == 10 else [pos - 10, pos])
    journal.close()
    assert positions(layout, 270) == [280, 290, 300]
    assert positions(layout, 0) is None
    assert layout.touched(0).stat().st_size < 400


def test_a_reader_between_two_journals_is_never_told_half(tmp_path: Path) -> None:
    """Where the journal before does not end where the present one begins, nothing is claimed."""
    layout = new_root(tmp_path)
    layout.touched_before(0).write_bytes(
        b'{"pos":0,"trails":[]}\n{"pos":10,"trails":[["tasks","a",1]]}\n'
    )
    layout.touched(0).write_bytes(
        b'{"pos":20,"trails":[]}\n{"pos":30,"trails":[["tasks","a",2]]}\n'
    )

    assert positions(layout, 5) is None
    assert positions(layout, 20) == [30]


def test_a_damaged_line_sends_the_reader_to_the_catalog(tmp_path: Path) -> None:
    """A hole in the journal may hide a trail."""
    layout = new_root(tmp_path)
    layout.touched(0).write_bytes(b'{"pos":0,"trails":[]}\n\0\0\0\n{"pos":9,"trails":[]}\n')

    assert positions(layout, 0) is None
    assert positions(layout, 9) == []
