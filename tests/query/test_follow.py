"""Following a task: every matching entry once, in order."""

import threading
from pathlib import Path

import pytest

from tasktrail.errors import TaskNotFound
from tasktrail.model.filters import EntryFilter
from tasktrail.query.follow import Follow
from tasktrail.query.reader import Reader
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, log_lines

MORE = EntryFilter()


def follow_of(trails: Trails) -> Follow:
    """A follow whose reader never waits."""
    return Follow(Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0), trails.watch)


def seqs(rows: list[dict[str, object]]) -> list[object]:
    """Their seqs."""
    return [row["seq"] for row in rows]


def test_a_batch_is_what_came_after_a_place(tmp_path: Path) -> None:
    """With where to go on, and how the task stands."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 5), event_bytes("task:failed"))
        batch = follow_of(trails).next_batch("gh-1", MORE, after_seq=3)

        assert (seqs(batch.logs), batch.after_seq, batch.head) == ([4, 5, 6], 6, 6)
        assert (batch.status, batch.counts.errors, batch.is_complete) == ("failed", 1, True)


def test_entries_that_do_not_match_are_passed(tmp_path: Path) -> None:
    """The place moves past them, so that nobody looks at them again."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 5))
        follow = follow_of(trails)
        by_level = follow.next_batch("gh-1", EntryFilter(level=("error",)), after_seq=0)
        by_text = follow.next_batch("gh-1", EntryFilter(search=("line 2",)), after_seq=0)

        assert (by_level.logs, by_level.after_seq) == ([], 5)
        assert (seqs(by_text.logs), by_text.after_seq) == ([2], 5)


@pytest.mark.parametrize("wanted", [MORE, EntryFilter(search=("line",))])
def test_a_full_batch_ends_at_its_last_entry(tmp_path: Path, wanted: EntryFilter) -> None:
    """The next one goes on from there."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 5))
        follow, place, found = follow_of(trails), 0, []
        for _ in range(4):
            batch = follow.next_batch("gh-1", wanted, after_seq=place, max_entries=2)
            place = batch.after_seq
            found.append(seqs(batch.logs))

        assert found == [[1, 2], [3, 4], [5], []]


def test_a_batch_of_long_entries_ends_before_memory_does(tmp_path: Path) -> None:
    """What does not fit comes with the next one, whole."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("x" * 100_000) for _ in range(5)))
        follow, place, found = follow_of(trails), 0, []
        while place < 5:
            batch = follow.next_batch("gh-1", MORE, after_seq=place)
            place = batch.after_seq
            found.append(seqs(batch.logs))

        assert found == [[1, 2], [3, 4], [5]]


def test_a_place_in_the_filter_is_not_the_follower_s(tmp_path: Path) -> None:
    """`after_seq` of a socket's first filter does not hide or repeat anything later."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        wanted = EntryFilter(after_seq=1, before_seq=2)

        assert seqs(follow_of(trails).next_batch("gh-1", wanted, after_seq=1).logs) == [2, 3]


def test_who_names_an_end_sees_the_trail_as_it_was(tmp_path: Path) -> None:
    """Live entries and history alike: nothing that came later, until another end is named."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        follow = follow_of(trails)
        first = follow.end("gh-1")
        trails.record(*log_lines(trails, 3))
        second = follow.end("gh-1")
        trails.record(trails.log("7"))
        batches = [
            follow.next_batch("gh-1", MORE, after_seq=after, end=end)
            for end in (first, second)
            for after in (0, 3)
        ]

    assert [seqs(one.logs) for one in batches] == [[1, 2, 3], [], [1, 2, 3, 4, 5, 6], [4, 5, 6]]
    assert [one.head for one in batches] == [3, 3, 6, 6]


def test_nothing_new_costs_no_look_at_the_trail(tmp_path: Path) -> None:
    """Until the checkpoint moves, the end is known: the trail's files could be away."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        follow = follow_of(trails)
        first = follow.next_batch("gh-1", MORE, after_seq=0)
        path = trails.layout.channel(next(iter(trails._writers)), "log")  # noqa: SLF001
        path.rename(tmp_path / "away")
        again = follow.next_batch("gh-1", MORE, after_seq=3)
        (tmp_path / "away").rename(path)
        trails.record(trails.log("4"))
        later = follow.next_batch("gh-1", MORE, after_seq=3)

        assert (first.head, again.logs, again.head) == (3, [], 3)
        assert seqs(later.logs) == [4]


def test_a_follower_sees_history_and_live_once(tmp_path: Path) -> None:
    """Entries that were there, and those that came while it followed."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        stop, found = threading.Event(), []
        batches = follow_of(trails).batches("gh-1", MORE, after_seq=1, stop=stop)
        found += seqs(next(batches).logs)
        trails.record(*log_lines(trails, 2))
        trails.index_all()
        trails.record(trails.log("last"))
        while len(found) < 5:
            found += seqs(next(batches).logs)
        stop.set()

        assert found == [2, 3, 4, 5, 6]
        assert next(batches, None) is None


def test_without_a_place_only_what_comes_is_followed(tmp_path: Path) -> None:
    """The past is not sent."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        batches = follow_of(trails).batches("gh-1", MORE, after_seq=None, stop=threading.Event())
        trails.record(trails.log("4"))

        assert seqs(next(batches).logs) == [4]


def test_a_waiting_follower_is_woken(tmp_path: Path) -> None:
    """By news of its own task, told from another thread; no clock has to strike first."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("1"))
        reader = Reader(trails.layout, trails.root, trails.index)
        follow = Follow(reader, trails.watch, heartbeat_seconds=3_600)
        batches = follow.batches("gh-1", MORE, after_seq=1, stop=threading.Event())
        found: list[object] = []
        waiting = threading.Thread(target=lambda: found.extend(next(batches).logs), daemon=True)
        waiting.start()
        for n in range(100):  # the first news may come before it waits
            trails.record(trails.log(f"{n}"))
            waiting.join(timeout=0.1)
            if not waiting.is_alive():
                break

        assert found


def test_an_unknown_task_is_told_at_once(tmp_path: Path) -> None:
    """Not when the first batch is asked for."""
    with Trails(tmp_path) as trails:
        follow = follow_of(trails)

        with pytest.raises(TaskNotFound):
            follow.batches("nobody", MORE, after_seq=0, stop=threading.Event())
        with pytest.raises(TaskNotFound):
            follow.head("nobody")


def test_the_head_is_the_latest_entry(tmp_path: Path) -> None:
    """Also when the index has not seen it."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        trails.index_all()
        trails.record(trails.log("4"))

        assert follow_of(trails).head("gh-1") == 4
