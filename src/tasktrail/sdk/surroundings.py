"""What a thread, a coroutine or a process knows of the task that it works for.

`current.py` says it with its type. Of a process, its parent says it in the environment.
"""

import os
from contextvars import ContextVar, Token
from typing import Final

TASK_ID_VARIABLE: Final = "TASKTRAIL_TASK_ID"  # names the task to a child process

CURRENT: Final[ContextVar[object]] = ContextVar("tasktrail_task", default=None)


def set_current(task: object) -> Token[object]:
    """What `reset_current` needs to put back what was the task before."""
    return CURRENT.set(task)


def reset_current(token: Token[object]) -> None:
    """The task is again what it was before; left alone where another context is ended."""
    try:
        CURRENT.reset(token)
    except (ValueError, RuntimeError):  # ended by another thread or coroutine than it began in
        return


def inherited_task_id() -> str | None:
    """The task of which this process was started as a part."""
    return os.environ.get(TASK_ID_VARIABLE) or None
