"""The end of a task's log, and what comes after it."""

from collections.abc import Iterator

import pytest

from tasktrail.cli.connect import Answer
from tasktrail.cli.tail import PAGE_ENTRIES, Tail
from tasktrail.errors import TaskNotFound
from tasktrail.model.filters import EntryFilter
from tests.cli.readers import MemoryReader, connection_to

WARNINGS = EntryFilter(min_level="warning")


def filled(count: int) -> MemoryReader:
    """So many entries, every third of them a warning."""
    reader = MemoryReader()
    for number in range(1, count + 1):
        level = "warning" if number % 3 == 0 else "info"
        reader.add("task:log", level=level, data={"message": f"m{number}"})
    return reader


def tail_of(reader: MemoryReader, wanted: EntryFilter | None = None) -> Tail:
    """The tail of the task gh-1."""
    return Tail(connection_to(reader), "gh-1", wanted or EntryFilter())


def seqs(rows: Iterator[Answer]) -> list[int]:
    """The `seq` of each row."""
    return [row["seq"] for row in rows]


def test_the_last_entries_come_oldest_first() -> None:
    """The last n that match, in the order in which they were recorded."""
    assert seqs(tail_of(filled(10)).last(3)) == [8, 9, 10]
    assert seqs(tail_of(filled(10), WARNINGS).last(2)) == [6, 9]
    assert seqs(tail_of(filled(2)).last(100)) == [1, 2]
    assert seqs(tail_of(filled(2)).last(0)) == []


@pytest.mark.parametrize("count", [PAGE_ENTRIES, PAGE_ENTRIES + 1, 2 * PAGE_ENTRIES + 7, 99_999])
def test_many_entries_are_read_in_pages(count: int) -> None:
    """However many are asked for, none is missing, doubled or out of order."""
    reader = filled(2 * PAGE_ENTRIES + 50)
    found = seqs(tail_of(reader).last(count))

    everything = list(range(1, 2 * PAGE_ENTRIES + 51))
    assert found == everything[-count:]
    assert max(paging["limit"] for paging in reader.asked) <= PAGE_ENTRIES


def test_an_unknown_task_is_not_found() -> None:
    """Also where no entry was asked for."""
    with pytest.raises(TaskNotFound):
        list(Tail(connection_to(filled(1)), "gh-2", EntryFilter()).last(0))


def test_following_gives_every_new_entry_once() -> None:
    """What was recorded since the last look comes once, in order."""
    reader = filled(3)
    followed = tail_of(reader)
    found = [seqs(followed.last(2))]
    found.append(seqs(followed.following()))
    reader.add("task:log", data={"message": "new"})
    reader.add("task:log", data={"message": "newer"})
    found += [seqs(followed.following()), seqs(followed.following())]

    assert found == [[2, 3], [], [4, 5], []]


def test_following_shows_only_what_matches() -> None:
    """Entries that do not match are passed over, and never come back."""
    reader = filled(4)
    followed = tail_of(reader, WARNINGS)
    list(followed.last(100))
    for number in range(5, 10):
        level = "warning" if number % 2 else "info"
        reader.add("task:log", level=level, data={"message": "m"})

    assert seqs(followed.following()) == [5, 7, 9]
    assert seqs(followed.following()) == []


def test_what_was_passed_over_is_not_read_again() -> None:
    """A follower that nothing matches for does not go through the same entries at every look."""
    reader = filled(1)
    followed = tail_of(reader, WARNINGS)
    list(followed.last(100))
    reader.add("task:log", data={"message": "m"})
    first = seqs(followed.following())
    asked = len(reader.asked)

    assert (first, seqs(followed.following())) == ([], [])
    assert len(reader.asked) == asked


def test_following_from_nothing_shows_what_comes() -> None:
    """With no entry before, only entries recorded from now on are shown."""
    reader = filled(3)
    followed = tail_of(reader)
    list(followed.last(0))
    reader.add("task:log", data={"message": "new"})

    assert seqs(followed.following()) == [4]


def test_a_burst_larger_than_a_page_is_followed_whole() -> None:
    """More entries than a page holds come in one look, each once."""
    reader = filled(1)
    followed = tail_of(reader)
    list(followed.last(1))
    for _ in range(2 * PAGE_ENTRIES + 1):
        reader.add("task:log", data={"message": "m"})

    assert seqs(followed.following()) == list(range(2, 2 * PAGE_ENTRIES + 3))


def test_following_goes_on_where_it_broke_off() -> None:
    """A reader that fails in the middle loses and doubles nothing."""
    reader = filled(1)
    followed = tail_of(reader)
    list(followed.last(1))
    for _ in range(5):
        reader.add("task:log", data={"message": "m"})
    broken = followed.following()
    first = [next(broken)["seq"], next(broken)["seq"], next(broken)["seq"]]
    del broken

    again = seqs(followed.following())
    assert first == [2, 3, 4]
    assert again == [5, 6]


def test_pages_that_end_early_lose_nothing() -> None:
    """A reader that gives less than was asked for, because entries are large, is asked again."""
    reader = filled(50)
    reader.most = 7
    followed = tail_of(reader)
    found = seqs(followed.last(20))
    for _ in range(20):
        reader.add("task:log", data={"message": "m"})

    assert found == list(range(31, 51))
    assert seqs(followed.following()) == list(range(51, 71))


def test_entries_that_cannot_be_read_are_counted() -> None:
    """What is missing from an answer is not forgotten."""
    reader = filled(5)
    reader.unreadable = 2
    followed = tail_of(reader)
    list(followed.last(5))

    assert followed.unreadable == 2
