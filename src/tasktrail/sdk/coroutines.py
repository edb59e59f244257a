"""Runs what a coroutine function gave back, from code that is none.

The one place below the server that knows of event loops: a plugin may be written as a coroutine.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


def run_until_done(awaited: Awaitable[object]) -> object:
    """What it comes to, in an event loop of its own.

    Where a loop runs in this thread already, that one stands still meanwhile: call from
    `asyncio.to_thread` instead.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(awaited)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(copy_context().run, _run, awaited).result()


def _run(awaited: Awaitable[object]) -> object:
    with asyncio.Runner() as runner:
        if inspect.iscoroutine(awaited):
            coroutine: Coroutine[object, object, object] = awaited
            return runner.run(coroutine)
        return runner.get_loop().run_until_complete(awaited)
