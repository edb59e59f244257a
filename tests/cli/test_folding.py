"""Folds long lines at the terminal's edge."""

from hypothesis import given
from hypothesis import strategies as st

from tasktrail.cli.folding import cells_of, folded

TEXTS = st.text(alphabet=st.sampled_from("ab ü日e\u0301🎉"), max_size=60)


def test_a_line_is_parted_at_blanks() -> None:
    """Words stay whole where they can."""
    assert folded("alpha beta gamma delta", 11, 12) == ["alpha beta", "gamma delta"]


def test_a_word_longer_than_the_line_is_cut_hard() -> None:
    """Without a blank near the edge, the line is full to its end."""
    assert folded("a " + "x" * 20, 10, 10) == ["a xxxxxxxx", "xxxxxxxxxx", "xx"]


def test_the_first_piece_has_room_of_its_own() -> None:
    """What stands before the first piece takes its room from it alone."""
    assert folded("abcdefgh", 2, 4) == ["ab", "cdef", "gh"]
    assert folded("", 2, 4) == [""]


def test_wide_characters_take_two_cells() -> None:
    """CJK and emoji are counted as terminals draw them, joined accents not at all."""
    assert cells_of("日本") == 4
    assert cells_of("e\u0301") == 1
    assert folded("日本語", 4, 4) == ["日本", "語"]


@given(text=TEXTS, first=st.integers(2, 12), rest=st.integers(2, 12))
def test_nothing_is_lost_and_everything_fits(text: str, first: int, rest: int) -> None:
    """All but the blanks at the folds is there, and no piece is wider than its room."""
    pieces = folded(text, first, rest)

    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert cells_of(pieces[0]) <= first
    assert all(cells_of(piece) <= rest for piece in pieces[1:])


def test_a_line_of_a_million_characters_is_no_trouble() -> None:
    """Folding takes time in proportion to the text."""
    assert len(folded("x" * 1_000_000, 80, 80)) == 12_500
