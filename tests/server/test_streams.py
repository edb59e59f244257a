"""What a follower follows, without a socket."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest

from tasktrail.errors import InvalidCursor
from tasktrail.model.filters import EntryFilter
from tasktrail.server.hub import ALL_TASKS, Hub
from tasktrail.server.streams import AllStream, TaskStream, Told, Wish, fields_of, gaps_in
from tests.server.fakes import FakeBackend, FakeBatch, row

ERRORS = EntryFilter(level=("error",))


async def task_stream(hub: Hub, wish: Wish) -> TaskStream:
    """A follower of gh-1."""
    return TaskStream(hub, await hub.end_of("gh-1"), wish)


def run(scenario: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - of any kind
    """What it comes to."""
    return asyncio.run(scenario)


def kinds_of(told: Told) -> list[str]:
    """The types of the messages."""
    return [msgspec.json.decode(one)["type"] for one in told.messages]


def backend_of(*levels: str) -> FakeBackend:
    """A backend with entries of these levels."""
    backend = FakeBackend()
    for level in levels:
        backend.record("gh-1", level=level)
    return backend


def test_a_look_is_told_in_messages() -> None:
    """Entries, then the head; when nothing is new, nothing."""
    hub = Hub(backend_of("info", "error"))

    async def scenario() -> list[Told]:
        stream = await task_stream(hub, Wish(EntryFilter(after_seq=0)))
        return [await stream.next(10), await stream.next(10)]

    first, second = run(scenario())

    assert (kinds_of(first), first.entries, first.has_more) == (["batch", "head"], 2, False)
    assert second.messages == []


def test_no_more_is_told_than_was_asked_for() -> None:
    """The rest comes with the next look."""
    hub = Hub(backend_of("info", "info", "info"))

    async def scenario() -> list[Told]:
        stream = await task_stream(hub, Wish(EntryFilter(after_seq=0)))
        return [await stream.next(2), await stream.next(2)]

    first, second = run(scenario())

    assert (first.entries, first.has_more) == (2, True)
    assert (second.entries, second.has_more) == (1, False)


def test_another_filter_holds_from_here_or_from_a_place() -> None:
    """Its name is told back with what it lets through."""
    hub = Hub(backend_of("error", "info"))

    async def scenario() -> list[Told]:
        stream = await task_stream(hub, Wish(EntryFilter()))
        await stream.refilter(Wish(ERRORS, gen=1))
        from_here = await stream.next(10)
        await stream.refilter(Wish(EntryFilter(level=("error",), after_seq=0), gen=2))
        return [from_here, await stream.next(10)]

    from_here, from_the_start = run(scenario())

    assert from_here.entries == 0
    assert from_the_start.entries == 1
    assert msgspec.json.decode(from_the_start.messages[0])["gen"] == 2


def test_skipping_goes_to_the_end_when_it_is_far() -> None:
    """And says what was left out."""
    hub = Hub(backend_of(*["info"] * 9))

    async def scenario() -> list[str | None]:
        stream = await task_stream(hub, Wish(EntryFilter(after_seq=0)))
        return [await stream.skip(9), await stream.skip(8), await stream.skip(0)]

    near, far, nothing = run(scenario())

    assert (near, nothing) == (None, None)
    assert msgspec.json.decode(far)["to"] == 9


def test_all_tasks_are_followed_by_cursor() -> None:
    """The cursor moves also past what does not match."""
    hub = Hub(backend_of("info", "error"))

    async def scenario() -> tuple[list[Told], str, str | None]:
        stream = AllStream(hub, await hub.end_of_all(), Wish(ERRORS))
        await stream.refilter(Wish(ERRORS, cursor="0"))
        told = [await stream.next(1), await stream.next(1), await stream.next(1)]
        return told, stream.pulse(), stream.topic

    told, pulse, topic = run(scenario())

    assert [one.entries for one in told] == [0, 1, 0]
    assert msgspec.json.decode(pulse)["cursor"] == "2"
    assert topic is ALL_TASKS


def test_a_cursor_of_nobody_changes_nothing() -> None:
    """The follower stands where it stood."""
    hub = Hub(backend_of("info"))

    async def scenario() -> str:
        stream = AllStream(hub, await hub.end_of_all(), Wish(EntryFilter()))
        with pytest.raises(InvalidCursor):
            await stream.refilter(Wish(ERRORS, gen=5, cursor="nonsense"))
        return stream.pulse()

    assert msgspec.json.decode(run(scenario())) == {"type": "head", "gen": 0, "cursor": "1"}


def test_gaps_are_runs_of_what_is_not_there() -> None:
    """Before, between and behind the entries that are."""
    batch = FakeBatch([row("gh-1", 3), row("gh-1", 4)], 6, 6, {}, "active")

    assert list(gaps_in(batch, 0)) == [(1, 2), (5, 6)]


def test_a_message_reads_like_a_query() -> None:
    """Lists are several values, null is none."""
    assert fields_of({"level": ["a", "b"], "after_seq": 3, "q": None}) == {
        "level": ["a", "b"],
        "after_seq": ["3"],
        "q": [],
    }
