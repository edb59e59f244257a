"""Beats wake together, the later the more there are, and share what is seen."""

import asyncio
import threading
from typing import Any, NamedTuple

import pytest

from tasktrail.server import beats
from tasktrail.server.beats import Beat, Moment


class Sight(NamedTuple):
    """What a look gives here."""

    number: int
    is_full: bool = False


def counting() -> Any:  # noqa: ANN401 - something to call
    """1, then 2 and so on: how often it was asked."""
    return iter(range(1, 100)).__next__


def test_the_first_word_after_a_rest_wakes_at_once() -> None:
    """Who waits alone does not wait for others."""

    async def scenario() -> bool:
        beat = Beat(counting())
        event = beat.join()
        beat.advance()
        return event.is_set()

    assert asyncio.run(scenario())


def test_under_load_all_are_woken_together_after_a_pause() -> None:
    """Words in between are one."""

    async def scenario() -> list[bool]:
        beat = Beat(counting())
        events = [beat.join() for _ in range(3)]
        beat.strike()
        for event in events:
            event.clear()
        for _ in range(5):
            beat.advance()
        before = [event.is_set() for event in events]
        await asyncio.wait([asyncio.create_task(event.wait()) for event in events])
        return [*before, *(event.is_set() for event in events)]

    assert asyncio.run(scenario()) == [False, False, False, True, True, True]


def test_the_pause_grows_with_those_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telling many takes its time, and others are to be served, too."""
    monkeypatch.setattr(beats, "FOLLOWER_SECONDS", 10.0)

    async def due(followers: int) -> float:
        beat = Beat(counting())
        for _ in range(followers):
            beat.join()
        beat.strike()
        began = asyncio.get_running_loop().time()
        beat.advance()
        assert beat._next is not None  # noqa: SLF001 - nothing else says when
        return beat._next.when() - began  # noqa: SLF001

    assert round(asyncio.run(due(3)) - asyncio.run(due(1))) == 20


def test_nobody_is_woken_when_all_are_gone() -> None:
    """What the pause still holds reaches nobody."""

    async def scenario() -> bool:
        beat = Beat(counting())
        event = beat.join()
        beat.strike()
        event.clear()
        beat.advance()
        beat.leave(event)
        await asyncio.sleep(2 * beats.LEAST_PAUSE_SECONDS)
        return beat.is_heard or event.is_set()

    assert not asyncio.run(scenario())


def test_all_looks_of_a_beat_see_one_moment() -> None:
    """Also different ones; the next beat has its own moment."""

    async def scenario() -> list[int]:
        beat = Beat(counting())
        beat.join()
        first = await asyncio.gather(*(beat.look(name, Sight) for name in "aab"))
        second = await beat.look("a", Sight)
        beat.strike()
        third = await beat.look("a", Sight)
        return [one.number for one in (*first, second, third)]

    assert asyncio.run(scenario()) == [1, 1, 1, 1, 2]


def test_a_full_look_is_not_remembered() -> None:
    """There is more behind it: nobody will ask the same again, and it is large."""

    async def scenario() -> int:
        beat, asked = Beat(int), counting()
        for _ in range(3):
            await beat.look("a", lambda _: Sight(asked(), is_full=True))
        return int(asked())

    assert asyncio.run(scenario()) == 4


def test_only_some_looks_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may hold a batch, and every follower may have a filter of its own."""
    monkeypatch.setattr(beats, "MOST_REMEMBERED", 2)

    async def scenario() -> int:
        beat, asked = Beat(int), counting()
        for name in "abcabc":
            await beat.look(name, lambda _: Sight(asked()))
        return int(asked())

    assert asyncio.run(scenario()) == 5


def test_a_look_that_fails_is_taken_again() -> None:
    """The trouble may be over."""
    asked = counting()

    def read() -> int:
        if asked() == 1:
            raise OSError("away")
        return 7

    async def scenario() -> int:
        beat = Beat(read)
        with pytest.raises(OSError, match="away"):
            await beat.look("a", Sight)
        return (await beat.look("a", Sight)).number

    assert asyncio.run(scenario()) == 7


def test_a_moment_is_read_once_by_many_threads() -> None:
    """Whoever comes while it is read waits for it."""
    moment, found = Moment(counting()), list[int]()
    threads = [threading.Thread(target=lambda: found.append(moment.get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [1] * 8
