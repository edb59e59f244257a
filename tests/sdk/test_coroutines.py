"""What a coroutine function gave back is run to its end, wherever we are called."""

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any

import pytest

from tasktrail.sdk.coroutines import run_until_done

WHO: ContextVar[str] = ContextVar("who", default="nobody")


async def work(value: int) -> tuple[int, str]:
    """Waits, then says for whom it worked."""
    await asyncio.sleep(0)
    return value, WHO.get()


class Later:
    """An awaitable that is no coroutine."""

    def __await__(self) -> Any:  # noqa: ANN401 - a generator
        """Wait a moment."""
        yield from asyncio.sleep(0).__await__()
        return "later"


def later() -> Awaitable[object]:
    """One of those."""
    return Later()


def test_a_coroutine_is_run_in_the_caller_s_context() -> None:
    """The current task is current inside."""
    token = WHO.set("me")
    try:
        assert run_until_done(work(5)) == (5, "me")
    finally:
        WHO.reset(token)


def test_anything_that_can_be_awaited_is_run() -> None:
    """Not only coroutines."""
    assert run_until_done(later()) == "later"


def test_inside_of_a_running_loop_it_is_run_beside_it() -> None:
    """In a thread, with the same context."""

    async def caller() -> object:
        WHO.set("loop")
        return run_until_done(work(6))

    assert asyncio.run(caller()) == (6, "loop")


def test_what_it_raises_is_raised() -> None:
    """As if it had been called."""

    async def fail() -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        run_until_done(fail())
