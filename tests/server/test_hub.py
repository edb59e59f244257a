"""The hub wakes whom it concerns and lets followers at one place share a look."""

import asyncio
from contextlib import AbstractContextManager
from typing import Any

from tasktrail.model.filters import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.server.hub import Hub, Look
from tests.server.fakes import FakeBackend


def look(after_seq: int = 0, **wanted: Any) -> Look:  # noqa: ANN401
    """A look at gh-1."""
    return Look(TrailKey("tasks", "gh-1"), EntryFilter(**wanted), after_seq)


def test_a_follower_is_woken_by_its_task_only() -> None:
    """Word of another task, or of a session of that name, wakes nobody here."""
    backend = FakeBackend()

    async def scenario() -> tuple[bool, bool]:
        hub = Hub(backend)
        with hub.running(), hub.waiting("gh-1") as event:
            backend.watch.notify({TrailKey("tasks", "gh-2"): 1, TrailKey("sessions", "gh-1"): 1})
            await asyncio.sleep(0)
            before = event.is_set()
            backend.watch.notify({TrailKey("tasks", "gh-1"): 1})
            await asyncio.sleep(0)
            return before, event.is_set()

    assert asyncio.run(scenario()) == (False, True)


def test_what_is_told_twice_wakes_nobody_again() -> None:
    """What our recorder tells is found in its files, too; a head that moved on is news."""
    backend, key = FakeBackend(), TrailKey("tasks", "gh-1")

    async def scenario() -> list[bool]:
        hub, woken = Hub(backend), []
        with hub.running(), hub.waiting("gh-1") as event, hub.waiting(None):
            for head in (1, 1, 2, 2):
                event.clear()
                backend.watch.notify({key: head})
                await asyncio.sleep(0.05)  # longer than the pause between two beats
                woken.append(event.is_set())
        return woken

    assert asyncio.run(scenario()) == [True, False, True, False]


def test_an_empty_word_wakes_everybody() -> None:
    """It means that any trail may have advanced."""
    backend = FakeBackend()

    async def scenario() -> bool:
        hub = Hub(backend)
        with hub.running(), hub.waiting("gh-1") as event:
            backend.watch.notify({})
            await asyncio.sleep(0)
            return event.is_set()

    assert asyncio.run(scenario())


def test_the_same_look_is_taken_once() -> None:
    """Who asks while it is read waits for it; another filter or place is another look."""
    backend = FakeBackend()
    backend.record("gh-1")

    async def scenario() -> int:
        hub = Hub(backend)
        with hub.waiting("gh-1"):
            same = [hub.look(look()) for _ in range(5)]
            others = [hub.look(look(after_seq=1)), hub.look(look(level=("error",)))]
            await asyncio.gather(*same, *others)
            await asyncio.gather(*(hub.look(look()) for _ in range(5)))
        return backend.looks

    assert asyncio.run(scenario()) == 3


def test_a_look_is_remembered_until_the_next_beat() -> None:
    """Between two beats all see the same, then the trail as it is."""
    backend = FakeBackend()
    backend.record("gh-1")

    async def scenario() -> list[int]:
        hub = Hub(backend)
        heads = []
        with hub.running(), hub.waiting("gh-1") as event:
            for is_told in (False, False, True):
                heads.append((await hub.look(look())).batch.head)
                backend.record("gh-1", notify=is_told)
            await event.wait()
            heads.append((await hub.look(look())).batch.head)
        return heads

    assert asyncio.run(scenario()) == [1, 1, 1, 4]


def test_one_that_joins_sees_what_is_there() -> None:
    """Whatever the others have seen, and although nobody was told."""
    backend = FakeBackend()
    backend.record("gh-1")

    async def scenario() -> tuple[int, int]:
        hub = Hub(backend)
        with hub.waiting("gh-1"):
            before = await hub.look(look())
            backend.record("gh-1", notify=False)
            with hub.waiting("gh-1"):
                after = await hub.look(look())
        return before.batch.head, after.batch.head

    assert asyncio.run(scenario()) == (1, 2)


def test_who_does_not_wait_looks_alone() -> None:
    """Nothing is remembered for it."""
    backend = FakeBackend()
    backend.record("gh-1")

    async def scenario() -> tuple[int, int]:
        hub = Hub(backend)
        first = await hub.look(look())
        backend.record("gh-1")
        second = await hub.look(look())
        return first.batch.head, second.batch.head

    assert asyncio.run(scenario()) == (1, 2)


def test_one_that_leaves_takes_nobody_along() -> None:
    """A follower that is cancelled while it looks leaves the look to the others."""
    backend = FakeBackend()
    backend.record("gh-1")

    async def scenario() -> int:
        hub = Hub(backend)
        with hub.waiting("gh-1"):
            leaving = asyncio.create_task(hub.look(look()))
            staying = asyncio.create_task(hub.look(look()))
            await asyncio.sleep(0)
            leaving.cancel()
            return (await staying).batch.head

    assert asyncio.run(scenario()) == 1


def test_after_the_server_nobody_is_called() -> None:
    """The hub lets go of the watch, so that a late word meets no dead loop."""
    backend = FakeBackend()

    async def scenario() -> AbstractContextManager[None]:
        running = Hub(backend).running()
        with running:
            pass
        return running

    asyncio.run(scenario())
    backend.watch.notify({TrailKey("tasks", "gh-1"): 1})

    assert not backend.watch._callbacks  # noqa: SLF001 - nobody is left
