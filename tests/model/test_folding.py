"""Lines that hide ASCII: every one is known."""

import sys

import pytest

from tasktrail.model.folding import FOLD_TO_ASCII, escape_of, hides_ascii

PLAIN = b'{"message":"said \\"so\\" \\n"}'


def test_the_letters_are_all_that_fold_to_ascii() -> None:
    """No other letter becomes one with ASCII in it when case is folded."""
    folding = [
        chr(code)
        for code in range(128, sys.maxunicode + 1)
        if any(one.isascii() for one in chr(code).casefold())
    ]

    assert tuple(folding) == FOLD_TO_ASCII


@pytest.mark.parametrize("letter", FOLD_TO_ASCII)
def test_a_letter_is_seen_however_it_is_written(letter: str) -> None:
    """As it is, and as an escape in either case."""
    escape = escape_of(letter)

    assert hides_ascii(PLAIN + letter.encode())
    assert hides_ascii(PLAIN + escape)
    assert hides_ascii(PLAIN + b"\\u" + escape[2:].upper())


def test_an_escaped_letter_of_ascii_is_seen() -> None:
    """Nobody needs to write it so, but somebody may."""
    assert hides_ascii(b"\\u0041")


@pytest.mark.parametrize("text", ["", "é", "“x”", "任务", "\\n", "\\u00e9", "\\u4efb", "ö" * 9])
def test_other_lines_hide_nothing(text: str) -> None:
    """Text in any other script, and its escapes."""
    assert not hides_ascii(PLAIN + text.encode())
