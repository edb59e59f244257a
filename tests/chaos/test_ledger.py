"""Ledgers: what was tried, what was accepted, what is open."""

from pathlib import Path

from tasktrail.chaos.ledger import Batch, Ledger, read_ledger


def test_a_ledger_tells_what_was_written(tmp_path: Path) -> None:
    """Tries and acceptances, with the ids of their entries."""
    ledger = Ledger(tmp_path / "one.ledger")
    ledger.note_try(Batch(0, 4))
    ledger.note_accepted(Batch(0, 4), ["1-0", "1-1"])
    ledger.close()
    story = read_ledger(tmp_path / "one.ledger")

    assert story.tried == [Batch(0, 4)]
    assert [(one.batch, one.ids) for one in story.accepted] == [(Batch(0, 4), ("1-0", "1-1"))]
    assert story.next_number == 5


def test_what_was_never_answered_is_open(tmp_path: Path) -> None:
    """A batch that was tried and not accepted waits, whatever came after it."""
    ledger = Ledger(tmp_path / "one.ledger")
    for batch in (Batch(0, 4), Batch(5, 9), Batch(0, 4)):
        ledger.note_try(batch)
    ledger.note_accepted(Batch(5, 9), [])
    ledger.close()

    assert read_ledger(tmp_path / "one.ledger").open_batches() == [Batch(0, 4)]


def test_an_unfinished_line_says_nothing(tmp_path: Path) -> None:
    """A producer that died while writing had not been accepted yet."""
    path = tmp_path / "one.ledger"
    path.write_text("try 0 4\ngot 0 4 17", encoding="ascii")

    assert read_ledger(path).accepted == []
    assert read_ledger(tmp_path / "none.ledger").next_number == 0
