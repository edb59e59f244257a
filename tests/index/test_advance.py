"""Reading on in a trail: what is new, in its order, and only what is recorded."""

import random
from heapq import merge
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import astuple

from tasktrail.errors import StorageFailed
from tasktrail.index.advance import Advance, TrailReplaced, channel_sizes, waiting_bytes
from tasktrail.index.runs import Run
from tasktrail.model.channels import EVENTS, LOG
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines

KEY = key_of()


def read_on(trails: Trails, places: dict[str, int], *, below: int | None = None) -> list[int]:
    """The seqs of the new lines; the places move."""
    advance = Advance(trails.layout, KEY, places, below=trails.pos[0] if below is None else below)
    seqs = [seq for run in advance.runs() for seq in run.seqs]
    places |= advance.places
    return seqs


def rows(run: Run) -> list[tuple[Any, ...]]:
    """The lines with all that is known of them."""
    return list(zip(*astuple(run), strict=True))


def test_lines_come_in_the_order_of_seq_over_all_channels(tmp_path: Path) -> None:
    """Entries of several channels are merged as they were recorded."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2), event_bytes("task:started"), trails.log("again"))
        places: dict[str, int] = {}

        assert read_on(trails, places) == [1, 2, 3, 4]
        assert set(places) == {LOG, EVENTS}


def test_lines_come_in_runs_over_all_channels(tmp_path: Path) -> None:
    """As many as are asked for, whatever they say; the places are behind what was taken."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3), event_bytes("task:started"), trails.log("e"))
        trails.record(event_bytes("task:progress"), trails.log("last"))
        advance = Advance(trails.layout, KEY, {}, below=trails.pos[0])
        runs = advance.runs(most=3)
        first, places = next(runs).seqs, dict(advance.places)
        rest = [run.seqs for run in runs]

        assert (first, set(places), rest) == ([1, 2, 3], {LOG}, [[4, 5, 6], [7]])


@pytest.mark.parametrize(("seed", "size"), [(1, 1_500), (2, 1_500), (3, 4_000), (4, 1 << 17)])
def test_channels_are_merged_as_their_lines_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, size: int
) -> None:
    """Wherever the pieces end in which each channel is read, also when seqs do not rise."""
    monkeypatch.setattr("tasktrail.index.advance.TEXT_BYTES", size)
    chance = random.Random(seed)
    with Trails(tmp_path) as trails:
        for _ in range(60):
            text, is_log = "x" * chance.randint(1, 400), chance.random() < 0.5
            trails.record(trails.log(text) if is_log else event_bytes("task:started"))
        path = trails.layout.channel(KEY, LOG)
        lines = path.read_bytes().splitlines(keepends=True)
        lines.insert(2, lines.pop(5))
        path.write_bytes(b"".join(lines))
        advance = Advance(trails.layout, KEY, {}, below=trails.pos[0])
        with advance._opened() as streams:  # noqa: SLF001 - what is merged
            whole = [[one for piece in stream for one in rows(piece)] for stream in streams]

        found = [one for run in advance.runs() for one in rows(run)]

    assert len(whole) == 2
    assert found == list(merge(*whole, key=lambda one: one[0]))
    assert len(found) == 60


def test_long_lines_make_short_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is in memory as a whole, so it is bounded by its bytes, too."""
    monkeypatch.setattr("tasktrail.index.advance.MOST_RUN_BYTES", 2_000)
    monkeypatch.setattr("tasktrail.index.advance.TEXT_BYTES", 2_000)
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("x" * 600) for _ in range(6)))
        advance = Advance(trails.layout, KEY, {}, below=trails.pos[0])
        lengths = [len(run) for run in advance.runs()]

        assert (sum(lengths), max(lengths) <= 4) == (6, True)


def test_reading_on_begins_where_it_ended(tmp_path: Path) -> None:
    """Every line is read once."""
    places: dict[str, int] = {}
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        first = read_on(trails, places)
        trails.record(event_bytes("task:started"), trails.log("last"))

        assert (first, read_on(trails, places), read_on(trails, places)) == ([1, 2, 3], [4, 5], [])


def test_what_is_not_recorded_is_not_seen(tmp_path: Path) -> None:
    """A line whose place in the spool is not before the checkpoint waits."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 5))
        places: dict[str, int] = {}

        assert read_on(trails, places, below=300) == [1, 2, 3]
        assert read_on(trails, places) == [4, 5]


def test_an_unreadable_line_costs_itself(tmp_path: Path) -> None:
    """It is counted when a readable one follows; the others are read."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        path = trails.layout.channel(KEY, LOG)
        first, second, third = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(first + b"\0" * (len(second) - 1) + b"\n" + third)
        advance = Advance(trails.layout, KEY, {}, below=trails.pos[0])

        assert [seq for run in advance.runs() for seq in run.seqs] == [1, 3]
        assert advance.damaged == 1


def test_an_unreadable_end_is_left_for_later(tmp_path: Path) -> None:
    """Its owner may still cut it: the place stays before it."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        path = trails.layout.channel(KEY, LOG)
        whole = path.stat().st_size
        with path.open("ab") as file:
            file.write(b'{"seq":3,"torn\n')
        places: dict[str, int] = {}

        assert read_on(trails, places) == [1, 2]
        assert places == {LOG: whole}


def test_a_file_that_became_shorter_is_another_file(tmp_path: Path) -> None:
    """The places do not hold for it."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        sizes = channel_sizes(trails.layout, KEY) or {}

        with pytest.raises(TrailReplaced):
            waiting_bytes(sizes, {LOG: sizes[LOG] + 1})
        assert waiting_bytes(sizes, {LOG: 10}) == sizes[LOG] - 10


def test_a_place_inside_a_line_is_of_another_file(tmp_path: Path) -> None:
    """A file that was replaced by a longer one is noticed by its lines."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))

        with pytest.raises(TrailReplaced):
            read_on(trails, {LOG: 10})


def test_a_trail_that_is_not_there_has_no_sizes(tmp_path: Path) -> None:
    """Nor is a link followed to one that is."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 1))
        trails.layout.trail(key_of("linked")).symlink_to(trails.layout.trail(KEY))

        assert channel_sizes(trails.layout, key_of("other")) is None
        assert set(channel_sizes(trails.layout, KEY) or {}) == {LOG}
        with pytest.raises(StorageFailed):
            channel_sizes(trails.layout, key_of("linked"))
