"""Bytes searched: every place of a piece, with and without ripgrep, and the lines around places."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktrail.errors import StorageFailed
from tasktrail.model.ids import TrailKey
from tasktrail.store import byte_search
from tasktrail.store.byte_search import ChannelPart, Pattern, find_places, lines_around
from tests.support.store_trails import new_root

KEY = TrailKey("tasks", "gh-1")
NEEDLE = Pattern(b"needle", ("\u212a".encode(),), (b"\\u00e", b"\\u212a"))
BOTH = pytest.mark.parametrize("least", [0, 1 << 40], ids=["ripgrep", "blocks"])


def found(folder: Path, blob: bytes, *, size: int | None = None) -> set[int]:
    """The numbers of the lines in which the pattern was found."""
    layout = new_root(folder)
    layout.trail(KEY).mkdir(parents=True)
    (layout.trail(KEY) / "08-log.jsonl").write_bytes(blob)
    part = ChannelPart(KEY, "log", len(blob) if size is None else size)
    ((_, places),) = find_places(layout, [part], NEEDLE)
    assert places == sorted(places)
    return {blob[:place].count(b"\n") for place in places}


@BOTH
def test_a_piece_is_found_whatever_its_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """Lines with the piece, a letter or an escape that may hide it; no others."""
    if least == 0 and shutil.which("rg") is None:
        pytest.skip("needs ripgrep: apt-get install ripgrep")
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", least)
    lines = [b"nothing", b"a NeeDle", "\u212a".encode(), b"\\u00E9", b"\\u212A", b"\xff\0needle"]

    assert found(tmp_path, b"\n".join([*lines, b""])) == {1, 2, 3, 4, 5}


@BOTH
def test_nothing_is_found_behind_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """What was added since nobody asked for."""
    if least == 0 and shutil.which("rg") is None:
        pytest.skip("needs ripgrep: apt-get install ripgrep")
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", least)

    assert found(tmp_path, b"needle\nneedle\n", size=7) == {0}


def test_a_piece_on_the_edge_of_a_block_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks end with lines, however long a line is."""
    monkeypatch.setattr(byte_search, "BLOCK_BYTES", 16)

    assert found(tmp_path, b"x" * 13 + b"needle\n" + b"y" * 99 + b"\nneedle\n") == {0, 2}


def test_a_program_that_fails_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program, or when it says no, bytes are read here."""
    broken = tmp_path / "rg"
    broken.write_text("#!/bin/sh\nexit 2\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", 0)

    assert found(tmp_path / "a", b"needle\n") == {0}


def test_a_missing_channel_has_no_places(tmp_path: Path) -> None:
    """A trail that is gone holds nothing."""
    assert list(find_places(new_root(tmp_path), [ChannelPart(KEY, "log", 9)], NEEDLE)) == [
        (ChannelPart(KEY, "log", 9), [])
    ]


@settings(max_examples=100)
@given(
    st.lists(st.binary(max_size=30).map(lambda one: one.replace(b"\n", b"")), max_size=8), st.data()
)
def test_the_lines_around_places_are_those_that_hold_them(
    lines: list[bytes], data: st.DataObject
) -> None:
    """Each once, in the order of the places, in both directions."""
    blob = b"".join(one + b"\n" for one in lines)
    wanted = sorted(data.draw(st.sets(st.integers(0, max(0, len(blob) - 1)))) if blob else [])
    fd = os.memfd_create("lines")
    os.write(fd, blob)
    try:
        up = list(lines_around(fd, wanted, size=len(blob)))
        down = list(lines_around(fd, wanted[::-1], size=len(blob), down=True))
    finally:
        os.close(fd)

    starts = sorted({blob.rfind(b"\n", 0, place) + 1 for place in wanted})
    assert [one.offset for one in up] == starts
    assert down == up[::-1]
    assert all(blob[one.offset : one.end - 1] == one.line for one in up)


def test_a_line_that_is_not_complete_is_left_out(tmp_path: Path) -> None:
    """It ends behind the size; a file that became shorter is an error."""
    path = tmp_path / "x"
    path.write_bytes(b"one\ntwo\n")
    fd = os.open(path, os.O_RDONLY)
    try:
        assert [one.line for one in lines_around(fd, [1, 5], size=6)] == [b"one"]
        with pytest.raises(StorageFailed):
            list(lines_around(fd, [1], size=99))
    finally:
        os.close(fd)
