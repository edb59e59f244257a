"""The task that this thread or coroutine works for.

`with client.task(…)` sets it. Coroutines and `asyncio.to_thread` inherit it by themselves; a plain
thread or an executor gets it by `task.carry(function)`, a process by the environment or as an
argument, see docs/sdk.md.
"""

from tasktrail.sdk.surroundings import CURRENT
from tasktrail.sdk.task_context import TaskContext


def current_task() -> TaskContext | None:
    """The task of this thread or coroutine."""
    task = CURRENT.get()
    return task if isinstance(task, TaskContext) else None
