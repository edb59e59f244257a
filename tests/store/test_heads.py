"""Heads of lines."""

import pytest

from tasktrail.store.heads import Head, is_foreign, read_head

OURS = b'{"seq":3,"id":"a:1","timestamp":"x","pos":70,"content":"\\n","event":{},"h":"00"}'


def test_a_head_is_read_of_any_line_of_ours() -> None:
    """Whatever else the line holds, its place is known."""
    assert read_head(OURS) == Head(3, "a:1", 70)


@pytest.mark.parametrize(
    "line",
    [b"", b"\0\0\0\0", OURS[:-9], b'{"seq":3}', b"[1]", OURS.replace(b"x", b"\xff"), b"[" * 99_999],
)
def test_a_line_that_cannot_be_read_has_no_head(line: bytes) -> None:
    """Damage, other programs' lines and hostile depth are told, not raised."""
    assert read_head(line) is None


def test_lines_of_other_programs_are_told_from_damage() -> None:
    """A whole object without our seal is somebody else's; half a line is nobody's."""
    assert is_foreign(b'{"timestamp":"x","type":"output"}')
    assert not is_foreign(OURS)
    assert not is_foreign(OURS[:-9])
