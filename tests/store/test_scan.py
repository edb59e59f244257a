"""Reading trails: in order, and single lines by place."""

import random
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tasktrail.errors import StorageFailed, TornEntry
from tasktrail.model.ids import TrailKey
from tasktrail.store import scan
from tasktrail.store.layout import Layout
from tasktrail.store.scan import iter_trail, read_line_at, read_ranges
from tests.support.store_trails import KEY, new_root, record


def seqs(layout: Layout, *, below: int | None = None, skipped: Counter[str]) -> list[int]:
    """The numbers of the entries that can be read."""
    found = iter_trail(layout, KEY, below=below, skipped=skipped)
    return [msgspec.json.decode(line)["seq"] for _, line in found]


def ranges_of(layout: Layout) -> list[tuple[str, int, int]]:
    """The place of every line of the trail, channel by channel."""
    return [
        (channel, one.offset, len(one.line) + 1)
        for channel in ("agent_output", "log", "api_calls", "events")
        for one in scan.iter_lines(layout.channel(KEY, channel))
    ]


def test_entries_come_in_their_order_over_all_channels(tmp_path: Path) -> None:
    """Files are merged by seq; `below` leaves out what is not checkpointed."""
    layout = new_root(tmp_path)
    record(layout, range(1, 41))
    channels = [channel for channel, _ in iter_trail(layout, KEY, below=None)]

    assert seqs(layout, skipped=Counter()) == list(range(1, 41))
    assert seqs(layout, below=1000, skipped=Counter()) == list(range(1, 10))
    assert channels[:4] == ["log", "events", "api_calls", "agent_output"]


def test_damage_costs_the_damaged_lines_only(tmp_path: Path) -> None:
    """NULs, bad UTF-8 and a torn tail are skipped and counted; all else is read."""
    layout = new_root(tmp_path)
    record(layout, range(1, 41))
    lines = layout.channel(KEY, "log").read_bytes().splitlines(keepends=True)
    lines[2] = b"\0" * (len(lines[2]) - 1) + b"\n"
    lines[4] = lines[4].replace(b"words", b"w\xffrds")
    layout.channel(KEY, "log").write_bytes(b"".join(lines) + b'{"seq":')
    skipped = Counter[str]()
    found = seqs(layout, skipped=skipped)

    assert found == [seq for seq in range(1, 41) if seq not in {9, 17}]
    assert skipped == {"log": 2}


def test_a_trail_that_is_not_there_has_no_entries(tmp_path: Path) -> None:
    """Nothing to read is no failure."""
    layout = new_root(tmp_path)

    assert list(iter_trail(layout, TrailKey("tasks", "missing"), below=None)) == []
    assert read_ranges(layout, KEY, [("log", 0, 5)]) == [None]


@pytest.mark.parametrize("merged_bytes", [1, 700, scan.MERGED_BYTES])
def test_lines_are_found_by_place_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, merged_bytes: int
) -> None:
    """Asked for in whatever order, read together or one by one, each line is its own."""
    monkeypatch.setattr(scan, "MERGED_BYTES", merged_bytes)
    layout = new_root(tmp_path)
    record(layout, range(1, 41))
    wanted = ranges_of(layout)
    random.Random(3).shuffle(wanted)
    expected = [
        layout.channel(KEY, channel).read_bytes()[offset : offset + length - 1]
        for channel, offset, length in wanted
    ]

    assert read_ranges(layout, KEY, wanted) == expected
    assert [read_line_at(layout, KEY, *one) for one in wanted] == expected


@pytest.mark.parametrize("most_bytes", [1, 700, 1_000_000])
def test_lines_that_are_looked_at_one_by_one_are_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_bytes: int
) -> None:
    """The same lines, of which no more are held than said."""
    layout = new_root(tmp_path)
    record(layout, range(1, 41))
    wanted = ranges_of(layout)
    parts: list[list[scan.Range]] = []

    def spy(layout: Layout, key: TrailKey, ranges: list[scan.Range]) -> list[bytes | None]:
        parts.append(ranges)
        return read_ranges(layout, key, ranges)

    monkeypatch.setattr(scan, "read_ranges", spy)

    assert list(scan.iter_ranges(layout, KEY, wanted, most_bytes=most_bytes)) == read_ranges(
        layout, KEY, wanted
    )
    held = [sum(length for _, _, length in part) for part in parts if len(part) > 1]
    assert max(held, default=0) <= most_bytes
    assert [one for part in parts for one in part] == wanted


def test_a_place_beyond_the_file_is_none(tmp_path: Path) -> None:
    """An index that is ahead of its trail gets no other line instead."""
    layout = new_root(tmp_path)
    record(layout, range(1, 9))
    channel, offset, length = ranges_of(layout)[-1]

    assert read_ranges(layout, KEY, [(channel, offset + 1, length)]) == [None]
    assert read_ranges(layout, KEY, [("knowledge_interactions", 0, 1)]) == [None]
    with pytest.raises(TornEntry, match=r"expected 9999 bytes at 0 of tasks/gh-1 log"):
        read_line_at(layout, KEY, "log", 0, 9999)


def test_planted_links_are_refused(tmp_path: Path) -> None:
    """Neither a linked channel nor a linked trail is read."""
    layout = new_root(tmp_path)
    record(layout, range(1, 9))
    layout.channel(KEY, "user_inputs").symlink_to(layout.root_json)
    (layout.tasks / "linked").symlink_to(layout.trail(KEY))

    with pytest.raises(StorageFailed, match="is a link"):
        list(iter_trail(layout, KEY, below=None))
    with pytest.raises(StorageFailed, match="is a link"):
        read_line_at(layout, KEY, "user_inputs", 0, 5)
    with pytest.raises(StorageFailed, match="is a link"):
        read_line_at(layout, TrailKey("tasks", "linked"), "log", 0, 5)
