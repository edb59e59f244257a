"""Spellings: what stands for a text in the bytes of a line, and little else."""

import re
import sys

import pytest

from tasktrail.model.spelling import CASED, Spelling, spelled


def spelling_of(text: str) -> Spelling:
    """The spelling of a text of something."""
    found = spelled(text)
    assert found is not None
    return found


def is_found(text: str, line: bytes) -> bool:
    """Whether one of the expressions finds the text in the line."""
    lowered = line.lower()
    return any(re.search(one, lowered) for one in spelling_of(text).regexes)


def test_letters_with_case_are_where_they_are_looked_for() -> None:
    """No other letter of Unicode changes when case is folded."""
    folding = (
        code for code in range(0x80, sys.maxunicode + 1) if chr(code).casefold() != chr(code)
    )

    assert [code for code in folding if not any(code in one for one in CASED)] == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("kelvin", "\u212aelvin"),
        ("STRASSE", "Straße"),
        ("sand", "Fußand"),
        ("file", "ﬁle"),
        ("waffle", "waﬄe"),
        ("größe", "GRÖSSE"),
        ("ошибка", "ОШИБКА"),
        ("σοφός", "ΣΟΦΌΣ"),
        ("任务🎉", "任务🎉"),
        ("i̇x", "İx"),
        ("ΐ", "\u03b9\u0308\u0301"),
    ],
)
def test_a_text_is_found_however_it_is_written(text: str, written: str) -> None:
    """In another case, as it is or as escapes in either case."""
    codes = written.encode("utf-16-be").hex()
    escaped = "".join(f"\\u{codes[at : at + 4]}" for at in range(0, len(codes), 4))

    assert is_found(text, f"hay {written} hay".encode())
    assert is_found(text, escaped.encode())
    assert is_found(text, b"\\u" + escaped[2:].upper().replace("\\U", "\\u").encode())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("parser", "Maße, Straße, groß"),
        ("needle", "\\u003cb\\u003e \\u0026 \\u00e9 ß"),
        ("ошибка", "ошибки"),
        ("任务", "任 务"),
        ("a<b", "a b"),
    ],
)
def test_other_lines_are_left_alone(text: str, line: str) -> None:
    """Letters that stand for nothing in the text, and escapes that producers do write."""
    assert not is_found(text, line.encode())


def test_what_is_usual_is_looked_for_as_it_is() -> None:
    """One plain text, wherever case and JSON leave one way."""
    assert spelling_of("Big 100%").plain == b"big 100%"
    assert spelling_of("任务").plain == "任务".encode()
    assert spelling_of("é").plain is None
    assert spelling_of('"').plain is None


def test_only_the_beginning_of_a_long_text_is_looked_for() -> None:
    """A command has room for so much, and it is rare enough."""
    assert len(spelling_of("x" * 9_999).plain or b"") < 100


@pytest.mark.parametrize("text", ["", " ", "  "])
def test_nothing_can_be_anywhere(text: str) -> None:
    """Spaces alone may stand between a tool and what it is told, and in no line."""
    assert spelled(text) is None
