"""The scan of one trail: each entry once, in order, judged by what its line says."""

from pathlib import Path

import pytest

from tasktrail.model.filters import EntryFilter
from tasktrail.query.needle import Needle
from tasktrail.query.text_scan import Hit, TextScan, suspects_in
from tests.query.histories import reader_of, said
from tests.support.make_trails import Trails, key_of


def scanned(
    trails: Trails, wanted: EntryFilter, *, down: bool = False, bound: int = 0
) -> list[int]:
    """The hits behind the bound; 99 is before everything where the scan goes down."""

    def scan_of(view: object) -> list[int]:
        needle = Needle(wanted)
        channels = ("log", "agent_output")
        suspects = suspects_in(trails.layout, view, channels)  # type: ignore[arg-type]
        below = trails.pos[0]
        with TextScan(trails.layout, suspects, wanted, needle, below=below) as scan:
            steps = scan.down(before=bound or 99) if down else scan.up(after=bound)
            return [step.seq for step in steps if isinstance(step, Hit)]

    return reader_of(trails).on_trail(key_of(), scan_of)


@pytest.mark.parametrize("text", ["word", "É"])
def test_channels_are_merged_in_both_directions(tmp_path: Path, text: str) -> None:
    """With a piece to look for, and where every line must be looked at."""
    with Trails(tmp_path) as trails:
        for n in range(6):
            kind = "task:log" if n % 2 else "task:output"
            trails.record(said(kind, data={"message": f"word é {n}"}))
        wanted = EntryFilter(search=(text,))

        assert scanned(trails, wanted) == [1, 2, 3, 4, 5, 6]
        assert scanned(trails, wanted, down=True) == [6, 5, 4, 3, 2, 1]
        assert scanned(trails, wanted, bound=4) == [5, 6]
        assert scanned(trails, wanted, down=True, bound=3) == [2, 1]


def test_a_line_twice_in_a_file_is_one_entry(tmp_path: Path) -> None:
    """As the index has it."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("word"))
        path = trails.layout.tasks / "gh-1" / "08-log.jsonl"
        path.write_bytes(2 * path.read_bytes() + b"\0\0word\n")

        assert scanned(trails, EntryFilter(search=("word",))) == [1]


def test_what_is_not_recorded_is_not_found(tmp_path: Path) -> None:
    """A line behind the checkpoint may still be cut."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("word"))
        recorded = trails.pos[0]
        trails.record(trails.log("word"), move_checkpoint=False)
        trails.pos[0] = recorded

        assert scanned(trails, EntryFilter(search=("word",))) == [1]
