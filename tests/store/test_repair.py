"""Opening a trail after whatever happened."""

import os
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import sync_files
from tasktrail.store.layout import Layout
from tasktrail.store.repair import open_state
from tasktrail.store.trail import TrailWriter
from tests.support.store_trails import (
    KEY,
    POS_STEP,
    Synced,
    add,
    files_of,
    new_root,
    open_descriptors,
    record,
)

ALL = range(1, 41)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    """What is synced from here on."""
    kept = Synced()
    monkeypatch.setattr(os, "fsync", kept)
    monkeypatch.setattr(os, "fdatasync", kept)
    return kept


def reopened(layout: Layout, keep_below: int | None) -> tuple[int, int]:
    """The last seq and the damaged lines that an owner finds."""
    writer = TrailWriter.open(layout, KEY, keep_below=keep_below)
    writer.close()
    return writer.seq, writer.damaged


def test_a_torn_tail_is_cut(tmp_path: Path) -> None:
    """A half line is no entry, and the next one does not continue it."""
    layout = new_root(tmp_path)
    record(layout, ALL)
    before = files_of(layout.trail(KEY))
    for name in ("08-log.jsonl", "10-events.jsonl"):
        with (layout.trail(KEY) / name).open("ab") as file:
            file.write(b'{"seq":99,"id":"half')

    assert reopened(layout, None) == (40, 0)
    assert files_of(layout.trail(KEY)) == before


@pytest.mark.parametrize("kept", [0, 1, 17, 39, 40])
def test_what_is_replayed_gives_the_same_bytes(tmp_path: Path, kept: int) -> None:
    """Cut at any checkpoint and recorded again, every file is what it was."""
    layout = new_root(tmp_path)
    record(layout, ALL)
    before = files_of(layout.trail(KEY))
    keep_below = (kept + 1) * POS_STEP
    found = reopened(layout, keep_below)
    left = b"".join(path.read_bytes() for path in layout.trail(KEY).glob("*.jsonl"))
    record(layout, range(kept + 1, 41), keep_below=keep_below)

    assert found == (kept, 0)
    assert left.count(b"\n") == kept
    assert files_of(layout.trail(KEY)) == before


def test_a_hole_below_the_checkpoint_takes_nothing_with_it(tmp_path: Path) -> None:
    """NULs in the middle cost the lines they cover, not the valid ones after them."""
    layout = new_root(tmp_path)
    record(layout, ALL)
    path = layout.channel(KEY, "log")
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    start, end = len(lines[0]) + 10, sum(map(len, lines[:3])) + 10
    holed = whole[:start] + b"\0" * (end - start) + whole[end:]
    path.write_bytes(holed)

    assert reopened(layout, 41 * POS_STEP) == (40, 1)
    assert path.read_bytes() == holed


def test_a_hole_above_the_checkpoint_is_cut_and_filled(tmp_path: Path) -> None:
    """Valid lines behind a hole that a power cut left are replayed with what it covers."""
    layout = new_root(tmp_path)
    record(layout, ALL)
    before = files_of(layout.trail(KEY))
    path = layout.channel(KEY, "log")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[6] = b"\0" * len(lines[6])
    lines[7] = b"\0" * (len(lines[7]) - 1) + b"\n"
    path.write_bytes(b"".join(lines))
    record(layout, range(20, 41), keep_below=20 * POS_STEP)

    assert files_of(layout.trail(KEY)) == before


def test_damage_right_before_the_checkpoint_is_skipped_or_cut_whole(tmp_path: Path) -> None:
    """A damaged line behind which nothing is kept leaves no half line behind."""
    layout = new_root(tmp_path)
    record(layout, ALL)
    path = layout.channel(KEY, "log")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + b"\0" * 19 + b"\n")

    assert reopened(layout, 41 * POS_STEP)[0] == 40
    assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[:-1])


def test_without_a_checkpoint_all_whole_lines_stay(tmp_path: Path) -> None:
    """When the spool no longer has them, the trail is the only copy."""
    layout = new_root(tmp_path)
    record(layout, ALL)
    with layout.channel(KEY, "log").open("ab") as file:
        file.write(b"\0\0\0\n")
    before = files_of(layout.trail(KEY))

    assert reopened(layout, None) == (40, 1)
    assert files_of(layout.trail(KEY)) == before


def test_lines_of_an_earlier_program_are_never_cut(tmp_path: Path) -> None:
    """A trail begun by an older logger keeps its lines, and goes on behind them."""
    layout = new_root(tmp_path)
    layout.trail(KEY).mkdir()
    old = b'{"timestamp":"2026-02-01T00:00:00","type":"output","content":"old"}\n'
    layout.channel(KEY, "agent_output").write_bytes(old)
    record(layout, ALL, keep_below=POS_STEP)

    assert layout.channel(KEY, "agent_output").read_bytes().startswith(old + b'{"seq":4,')
    assert reopened(layout, 41 * POS_STEP) == (40, 1)


def test_the_state_of_a_reopened_trail_is_the_same(tmp_path: Path) -> None:
    """Number, chain, documents and identities come back out of the files alone."""
    layout = new_root(tmp_path)
    writer = TrailWriter.open(layout, KEY, keep_below=0)
    add(writer, ALL)
    sync_files(writer.write())
    again = TrailWriter.open(layout, KEY, keep_below=41 * POS_STEP)

    assert (again.seq, again.h) == (writer.seq, writer.h)
    assert again.documents == writer.documents
    assert [again.find(f"src:{n}") for n in (1, 40, 41)] == [True, True, False]
    writer.close()
    again.close()


@pytest.mark.parametrize("planted", ["trail", "channel"])
def test_planted_links_are_refused(tmp_path: Path, planted: str) -> None:
    """An owner neither reads nor cuts through a link, and leaves nothing open."""
    layout = new_root(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "08-log.jsonl").write_bytes(b"half a line")
    if planted == "trail":
        layout.trail(KEY).symlink_to(outside)
    else:
        record(layout, range(2, 5))
        layout.channel(KEY, "log").symlink_to(outside / "08-log.jsonl")
    before = open_descriptors()

    with pytest.raises(StorageFailed, match="is a link"):
        open_state(layout, KEY, keep_below=None)
    assert (outside / "08-log.jsonl").read_bytes() == b"half a line"
    assert open_descriptors() == before


def test_a_session_folds_no_documents(tmp_path: Path) -> None:
    """A session's trail is numbered and chained like any other; its summary is the index's."""
    layout = new_root(tmp_path)
    key = TrailKey("sessions", "s1")
    record(layout, ALL, key=key)
    state = open_state(layout, key, keep_below=None)
    state.rest()

    assert (state.seq, state.documents.task.as_of) == (40, 0)
    assert not layout.document(key, "metadata").exists()


def test_what_is_found_is_synced_before_it_is_trusted(tmp_path: Path, synced: Synced) -> None:
    """Lines of an owner that died before its sync are in memory only, and their names too."""
    layout = new_root(tmp_path)
    record(layout, ALL)
    synced.paths.clear()
    open_state(layout, KEY, keep_below=None).rest()

    channels = {path.name for path in layout.trail(KEY).glob("*.jsonl")}
    assert set(synced.names()) == channels | {"gh-1", "tasks"}
