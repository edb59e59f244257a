"""Live ends: moved on by new lines, made anew where these do not fit."""

from pathlib import Path

import pytest

from tasktrail.errors import TaskNotFound
from tasktrail.query import live_ends
from tasktrail.query.live_ends import End, LiveEnds
from tests.query.histories import reader_of
from tests.support.make_trails import Trails, key_of, log_lines


def end_after_fifty_more(folder: Path) -> End:
    """The end of a trail that had one line when it was looked at before."""
    with Trails(folder) as trails:
        trails.record(trails.log("a"))
        ends = LiveEnds(reader_of(trails))
        ends.end_of(key_of())
        trails.record(*log_lines(trails, 50))
        return ends.end_of(key_of())


def test_an_end_moves_on_by_its_new_lines(tmp_path: Path) -> None:
    """It folds to what the reader says; its lines are kept for who follows."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        reader = reader_of(trails)
        ends = LiveEnds(reader)
        before = ends.end_of(key_of())
        trails.record(trails.log("bad", level="error"))
        after = ends.end_of(key_of())

        assert (before.head, before.first, after.head, after.first) == (3, 3, 4, 3)
        assert [hit.seq for hit in after.behind(3)] == [4]
        assert after.task.counts.errors == reader.task("gh-1")["counts"]["errors"] == 1
        assert before.task.counts.errors == 0
        assert ends.end_of(key_of()) is after


def test_lines_that_do_not_follow_make_the_end_anew(tmp_path: Path) -> None:
    """One that cannot be read in between: the reader's view holds."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        ends = LiveEnds(reader_of(trails))
        ends.end_of(key_of())
        trails.record(trails.log("b"), trails.log("c"))
        path = trails.layout.tasks / "gh-1" / "08-log.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"seq":2', b'"xxx":2'))
        end = ends.end_of(key_of())

    assert (end.head, end.first, list(end.kept)) == (3, 3, [])


def test_an_end_that_is_far_away_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index knows it; to read all that came would take long."""
    monkeypatch.setattr(live_ends, "MOST_BYTES", 1_000)
    end = end_after_fifty_more(tmp_path)

    assert (end.head, end.first, list(end.kept)) == (51, 51, [])


def test_only_the_newest_lines_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded; who is further back reads by the index."""
    monkeypatch.setattr(live_ends, "KEPT_BYTES", 1_000)
    end = end_after_fifty_more(tmp_path)

    assert end.head == 51
    assert 0 < len(end.kept) < 10
    assert end.first == end.kept[0].seq - 1


def test_ends_are_forgotten_when_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made again when they are asked for."""
    monkeypatch.setattr(live_ends, "REMEMBERED_TRAILS", 1)
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"), trails.log("b", task_id="gh-2"))
        ends = LiveEnds(reader_of(trails))

        assert [ends.end_of(key_of(name)).head for name in ("gh-1", "gh-2", "gh-1")] == [1, 1, 1]


def test_an_unknown_trail_has_no_end(tmp_path: Path) -> None:
    """Nor is it remembered."""
    with Trails(tmp_path) as trails, pytest.raises(TaskNotFound):
        LiveEnds(reader_of(trails)).end_of(key_of("no"))
