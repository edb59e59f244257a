"""Dead letters on disk."""

from pathlib import Path

from tasktrail.store.dead_letters import (
    DeadLetter,
    DeadLetters,
    Replayed,
    append_dead,
    count_dead,
    iter_dead,
    note_replayed,
    raw_text,
    read_replayed,
)
from tests.support.store_trails import new_root

RAW = b"\0 not { JSON \xff\n"


def letter(pos: int | None, p: int | str = 0) -> DeadLetter:
    """A dead letter."""
    return DeadLetter(at=1, p=p, pos=pos, code="invalid_event", reason="no id", raw=raw_text(RAW))


def test_a_dead_letter_keeps_every_byte(tmp_path: Path) -> None:
    """Bytes that no JSON could hold come back as they came."""
    layout = new_root(tmp_path)
    append_dead(layout, "redis-task_events", [letter(None, "redis-task_events")])

    (found,) = iter_dead(layout)
    assert found == letter(None, "redis-task_events")
    assert found.blob == RAW


def test_a_replay_does_not_double_dead_letters(tmp_path: Path) -> None:
    """Letters of events that will be read again are cut when the owner opens the journal."""
    layout = new_root(tmp_path)
    append_dead(layout, 0, [letter(10), letter(20), letter(30)])
    letters = DeadLetters.open(layout, 0, keep_below=20)
    letters.append([letter(20), letter(30)])
    letters.close()

    assert [one.pos for one in iter_dead(layout)] == [10, 20, 30]


def test_a_letter_that_was_met_twice_is_told_once(tmp_path: Path) -> None:
    """A pump that dies before it has told Redis meets the same entries again."""
    layout = new_root(tmp_path)
    door = "redis-task_events"
    letters = [letter(None, door), letter(1, door)]
    append_dead(layout, door, letters)
    append_dead(layout, door, letters)

    assert list(iter_dead(layout)) == letters


def test_a_damaged_letter_costs_itself(tmp_path: Path) -> None:
    """The letters around it stay readable, in every journal."""
    layout = new_root(tmp_path)
    append_dead(layout, 0, [letter(1)])
    with layout.dead(0).open("ab") as file:
        file.write(b"\0\0\0\n")
    append_dead(layout, 0, [letter(2)])
    append_dead(layout, 1, [letter(3, 1)])
    append_dead(layout, 2, [])

    assert [(one.p, one.pos) for one in iter_dead(layout)] == [(0, 1), (0, 2), (1, 3)]
    assert not layout.dead(2).exists()


def test_a_journal_that_has_grown_is_set_aside(tmp_path: Path) -> None:
    """Every letter is still listed, in its order, and the open journal stays short."""
    layout = new_root(tmp_path)
    letters = DeadLetters.open(layout, 0, keep_below=None, rotate_bytes=300)
    for pos in range(10):
        letters.append([letter(pos)])
    letters.close()

    assert [one.pos for one in iter_dead(layout)] == list(range(10))
    assert layout.dead(0).stat().st_size < 600
    assert count_dead(layout, 0) == 10


def test_a_letter_has_one_key(tmp_path: Path) -> None:
    """The key comes out of what the letter says, so it is the same after any restart."""
    layout = new_root(tmp_path)
    append_dead(layout, 0, [letter(10), letter(20)])
    first, second = iter_dead(layout)

    assert first.key == letter(10).key
    assert first.key != second.key


def test_what_was_replayed_is_remembered(tmp_path: Path) -> None:
    """By key, with the latest time; a damaged line costs itself."""
    layout = new_root(tmp_path)
    note_replayed(layout, [Replayed("a", 1), Replayed("b", 2)])
    with (layout.dead_letters / "replayed.log").open("ab") as file:
        file.write(b"\0\n")
    note_replayed(layout, [Replayed("a", 3)])

    assert read_replayed(layout) == {"a": 3, "b": 2}
    assert list(iter_dead(layout)) == []
