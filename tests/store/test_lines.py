"""Complete lines, forwards and from the end."""

import os
import random
from pathlib import Path

import pytest

from tasktrail.store import lines
from tasktrail.store.files import open_to_read
from tasktrail.store.lines import Line, iter_lines, iter_tail, iter_texts_of

SIZES = (0, 1, 5, 300, 7)


def from_the_end(path: Path, size: int | None = None) -> list[Line]:
    """The file's complete lines as `iter_tail` gives them."""
    fd = open_to_read(path)
    try:
        return list(iter_tail(fd, os.fstat(fd).st_size if size is None else size))
    finally:
        os.close(fd)


@pytest.mark.parametrize("chunk", [1, 2, 7, 1024])
def test_lines_are_whole_whatever_is_read_at_once(tmp_path: Path, chunk: int) -> None:
    """A line longer than a chunk comes in one piece, at its place."""
    path = tmp_path / "file"
    expected = [b"x" * size for size in SIZES]
    path.write_bytes(b"".join(line + b"\n" for line in expected))
    found = list(iter_lines(path, chunk=chunk))

    assert [one.line for one in found] == expected
    assert [path.read_bytes()[one.offset : one.end] for one in found] == [
        line + b"\n" for line in expected
    ]


@pytest.mark.parametrize("chunk", [1, 2, 7, 1024])
def test_lines_can_be_read_as_they_stand(tmp_path: Path, chunk: int) -> None:
    """With their line ends; only one that is longer than what is read at once comes without."""
    path = tmp_path / "file"
    whole = b"".join(b"x" * size + b"\n" for size in SIZES)
    path.write_bytes(whole + b"unfinished")
    fd = open_to_read(path)
    texts = list(iter_texts_of(fd, 0, chunk))
    os.close(fd)

    ends = [start + len(text) + (not text.endswith(b"\n")) for start, text in texts]
    assert [0, *ends] == [*(start for start, _ in texts), len(whole)]
    assert b"".join(text.removesuffix(b"\n") + b"\n" for _, text in texts) == whole


def test_an_unfinished_last_line_is_not_seen(tmp_path: Path) -> None:
    """What has no line end yet is left to its writer."""
    path = tmp_path / "file"
    path.write_bytes(b"one\ntwo\nthr")

    assert [one.line for one in iter_lines(path)] == [b"one", b"two"]
    assert [one.line for one in from_the_end(path)] == [b"two", b"one"]


def test_reading_starts_where_it_is_told(tmp_path: Path) -> None:
    """Offsets stay those of the file."""
    path = tmp_path / "file"
    path.write_bytes(b"one\ntwo\nthree\n")

    assert list(iter_lines(path, 4)) == [Line(4, b"two"), Line(8, b"three")]
    assert list(iter_lines(tmp_path / "missing")) == []


def test_both_directions_see_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from the end, the lines are the same ones, wherever the steps fall."""
    path, dice = tmp_path / "file", random.Random(7)
    path.write_bytes(b"".join(dice.randbytes(dice.randrange(40)) for _ in range(200)) + b"\nend")
    forwards = list(iter_lines(path))
    for chunk in (1, 3, 64, 1 << 16):
        monkeypatch.setattr(lines, "TAIL_CHUNK", chunk)

        assert from_the_end(path)[::-1] == forwards
    assert from_the_end(path, forwards[3].end)[::-1] == forwards[:4]


def test_a_file_without_a_line_end_has_no_line(tmp_path: Path) -> None:
    """Neither an empty file nor a torn first line is a line."""
    for content in (b"", b"torn"):
        (tmp_path / "file").write_bytes(content)

        assert from_the_end(tmp_path / "file") == list(iter_lines(tmp_path / "file")) == []
