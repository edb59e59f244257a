"""Dead letters on disk."""

from pathlib import Path

from tasktrail.store.dead_letters import DeadLetter, DeadLetters, append_dead, iter_dead, raw_text
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
