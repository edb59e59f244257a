"""New lines, read back from the ends of files."""

from pathlib import Path

from tasktrail.query.fresh_lines import lines_behind
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of


def test_lines_behind_a_seq_come_in_order_over_all_channels(tmp_path: Path) -> None:
    """Up to what is recorded; lines that cannot be read are passed over."""
    with Trails(tmp_path) as trails:
        for n in range(4):
            trails.record(trails.log(f"{n}"), event_bytes("task:output", data={"content": "x"}))
        path = trails.layout.tasks / "gh-1" / "08-log.jsonl"
        path.write_bytes(path.read_bytes() + b"\0\n")
        found = lines_behind(
            trails.layout, key_of(), lambda one: one.seq <= 3, below=trails.pos[0] - 100
        )

    assert found is not None
    assert [hit.seq for hit in found] == [4, 5, 6, 7]


def test_too_many_lines_are_not_read_back(tmp_path: Path) -> None:
    """They are for the index."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("x" * 100) for _ in range(9)))
        read = lines_behind(
            trails.layout, key_of(), lambda _: False, below=trails.pos[0], most_bytes=500
        )

    assert read is None


def test_a_trail_that_is_gone_has_no_lines(tmp_path: Path) -> None:
    """Nobody can read it back."""
    with Trails(tmp_path) as trails:
        assert lines_behind(trails.layout, key_of("no"), lambda _: False, below=9) == []
