"""The needle: what makes a line suspect, and what does not."""

import pytest

from tasktrail.model.entry_filter import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.query.needle import Needle

KEY = TrailKey("tasks", "gh-1")


def needle_of(*texts: str) -> Needle:
    """A needle of these texts."""
    return Needle(EntryFilter(search=texts))


def test_the_longest_plain_piece_is_looked_for() -> None:
    """What JSON may write in several ways belongs to no piece."""
    pattern = needle_of("a/Longer piece", "b").pattern

    assert pattern is not None
    assert pattern.piece == b"longer"


def test_only_letters_that_can_hide_the_piece_are_looked_for() -> None:
    """The Kelvin sign hides a k and nothing else."""
    with_k, without = needle_of("kk").pattern, needle_of("oo").pattern

    assert with_k is not None
    assert without is not None
    assert (with_k.letters, without.letters) == (("\u212a".encode(),), ())


@pytest.mark.parametrize("text", ["任务", "سلام"])
def test_letters_without_case_are_looked_for_as_they_are(text: str) -> None:
    """And as the escape of the first of them."""
    pattern = needle_of(text).pattern

    assert pattern is not None
    assert pattern.piece == text.encode()
    assert len(pattern.escapes) == 1


def test_other_texts_leave_every_line_suspect() -> None:
    """A letter with case beyond ASCII, or nothing but what must not be there."""
    assert needle_of("é").pattern is None
    assert Needle(EntryFilter(without=("x",))).pattern is None


def test_a_line_that_cannot_be_read_holds_nothing() -> None:
    """It is no entry."""
    assert not needle_of("x").is_in(b"x", "log", KEY)
