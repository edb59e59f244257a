"""Bytes searched: every place of a piece, with and without ripgrep, and the lines around places."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktrail.errors import StorageFailed
from tasktrail.model.ids import TrailKey
from tasktrail.model.spelling import spelled
from tasktrail.store import byte_search
from tasktrail.store.byte_search import (
    ChannelPart,
    Pattern,
    ask_for_places,
    blocks_down,
    blocks_up,
    find_places,
    lines_around,
)
from tests.support.store_trails import new_root

KEY = TrailKey("tasks", "gh-1")


def pattern_of(*texts: str) -> Pattern:
    """A pattern of these texts."""
    return Pattern(tuple(found for text in texts if (found := spelled(text))))


def by_blocks(blob: bytes, pattern: Pattern, *, start: int = 0, end: int | None = None) -> set[int]:
    """The numbers of the lines in which the pattern is found, the same in both directions."""
    fd = os.memfd_create("lines")
    os.write(fd, blob)
    size = len(blob) if end is None else end
    try:
        up = [
            one for block in blocks_up(fd, pattern, start=start, size=size) for one in block.places
        ]
        down = [block.places for block in blocks_down(fd, pattern, end=size)]
    finally:
        os.close(fd)
    fallen = [place for places in down for place in reversed(places) if place >= start]
    assert up == sorted(up)
    assert fallen == up[::-1]
    return {blob[:place].count(b"\n") for place in up}


def by_ripgrep(folder: Path, blob: bytes, pattern: Pattern) -> set[int] | None:
    """The same as the program finds them."""
    layout = new_root(folder)
    layout.trail(KEY).mkdir(parents=True)
    (layout.trail(KEY) / "08-log.jsonl").write_bytes(blob)
    found = find_places(layout, [ChannelPart(KEY, "log", len(blob))], pattern)
    if found is None:
        return None
    assert found[0] == sorted(found[0])
    return {blob[:place].count(b"\n") for place in found[0]}


LINES = (
    b"nothing",
    b"a NeeDle",
    "\u212aey needle".encode(),
    b"\\u212aEY",
    b"\\u004Eeedle",
    b"\xff\0needle",
    "Straße".encode(),
    b"STRA\\u00DFE",
    "ОШИБКА".encode(),
    b"\\u043e\\u0448\\u0438\\u0431\\u043a\\u0430",
)
CASES = pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("needle",), {1, 2, 4, 5}),
        (("key",), {2, 3, 4}),
        (("strasse",), {4, 6, 7}),
        (("ошибка",), {8, 9}),
        (("needle", "ошибка"), {1, 2, 4, 5, 8, 9}),
        (("nowhere",), {4}),
    ],
)


@CASES
def test_blocks_find_every_spelling(texts: tuple[str, ...], expected: set[int]) -> None:
    """Lines with the text in any spelling, and those with an escape that nobody needs."""
    assert by_blocks(b"\n".join([*LINES, b""]), pattern_of(*texts)) == expected


@CASES
def test_ripgrep_finds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: tuple[str, ...], expected: set[int]
) -> None:
    """Both read the same expressions."""
    if shutil.which("rg") is None:
        pytest.skip("needs ripgrep: apt-get install ripgrep")
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", 0)

    assert by_ripgrep(tmp_path, b"\n".join([*LINES, b""]), pattern_of(*texts)) == expected


def test_nothing_is_found_outside_of_what_is_asked_for() -> None:
    """Neither behind the size nor before the start."""
    assert by_blocks(b"needle\nneedle\nneedle\n", pattern_of("needle"), start=7, end=14) == {1}


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from([b"needle", b"x" * 30, b"", b"a needle here", b"y"]), max_size=9),
    st.sampled_from([1, 8, 16, 64]),
    st.sampled_from([b"", b"needle", b"z" * 40]),
)
def test_blocks_of_any_size_find_the_same(lines: list[bytes], size: int, torn: bytes) -> None:
    """They end with lines, however long a line is; what follows the last line end is no line."""
    blob = b"".join(one + b"\n" for one in lines) + torn
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(byte_search, "BLOCK_BYTES", size)
        changed.setattr(byte_search, "FIRST_BLOCK_BYTES", size)

        expected = {number for number, one in enumerate(lines) if b"needle" in one}
        assert by_blocks(blob, pattern_of("needle")) == expected


def test_a_program_that_fails_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody says where; blocks are looked at then."""
    broken = tmp_path / "rg"
    broken.write_text("#!/bin/sh\nexit 2\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", 0)

    assert by_ripgrep(tmp_path / "a", b"needle\n", pattern_of("needle")) is None


def test_a_program_that_has_too_much_to_say_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a frequent text gives would fill the memory."""
    if shutil.which("rg") is None:
        pytest.skip("needs ripgrep: apt-get install ripgrep")
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", 0)
    monkeypatch.setattr(byte_search, "MOST_PLACES_BYTES", 100)

    assert by_ripgrep(tmp_path / "a", b"needle\n" * 1_000, pattern_of("needle")) is None


def test_little_is_read_without_a_program(tmp_path: Path) -> None:
    """To start it would cost more."""
    assert by_ripgrep(tmp_path, b"needle\n", pattern_of("needle")) is None


@pytest.mark.skipif(shutil.which("rg") is None, reason="ripgrep is not installed")
def test_a_question_that_is_dropped_ends_its_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left of it, however much it still had to read and to say."""
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", 0)
    layout, blob = new_root(tmp_path), b"needle\n" * 500_000
    layout.trail(KEY).mkdir(parents=True)
    (layout.trail(KEY) / "08-log.jsonl").write_bytes(blob)
    parts = [ChannelPart(KEY, "log", len(blob))]
    question = ask_for_places(layout, parts, pattern_of("needle"))
    assert question is not None
    question.drop()

    assert question.is_over


def test_a_missing_channel_has_no_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trail that is gone holds nothing, whether a program looks or we do."""
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", 0)
    parts = [ChannelPart(KEY, "log", 9)]

    assert find_places(new_root(tmp_path), parts, pattern_of("needle")) in (None, [[]])


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
