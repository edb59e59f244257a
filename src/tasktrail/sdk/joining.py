"""The task that an entry of another library belongs to, and that entry told to it."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from tasktrail.errors import TasktrailError
from tasktrail.model.times import MICROSECONDS, utc_text
from tasktrail.sdk.client import connect
from tasktrail.sdk.current import current_task
from tasktrail.sdk.encoding import text_of_any
from tasktrail.sdk.surroundings import inherited_task_id
from tasktrail.sdk.task_context import TaskContext
from tasktrail.sdk.task_logger import traceback_of
from tasktrail.sdk.trouble import say_on_stderr

# From a library's number to our level: it is at least so much.
BY_NUMBER: Final = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"))


def task_now() -> TaskContext | None:
    """The task of this thread or coroutine, else the one this process was started as a part of."""
    current = current_task()
    if current is not None:
        return current
    task_id = inherited_task_id()
    return None if task_id is None else _inherited(task_id)


@lru_cache(maxsize=4)  # one client for everything that other libraries say in this process
def _inherited(task_id: str) -> TaskContext | None:
    try:
        return connect().join(task_id)
    except TasktrailError as error:
        say_on_stderr(f"task {task_id} cannot be joined: {error}")
        return None


def level_of(number: int) -> str:
    """The level that a library's number means."""
    for least, name in BY_NUMBER:
        if number >= least:
            return name
    return "debug"


def tell(
    task: TaskContext,
    level: str,
    message: object,
    *,
    source: object,
    fields: Mapping[str, object],
    at: float | None = None,
) -> None:
    """An entry of another library; `source` may be none of its.

    `at`: when it was said, in seconds since the epoch, where that was a while ago.
    """
    metadata = dict(fields)
    stage = _text(metadata.pop("stage", None))
    source = _text(metadata.pop("source", None) or source)
    text = text_of_any(message)
    if at is None:
        task.logger.log(level, text, source=source, stage=stage, metadata=metadata or None)
        return
    said = {"message": text, "metadata": metadata} if metadata else {"message": text}
    when = utc_text(int(at * MICROSECONDS))
    task.event("task:log", said, level=level, source=source, stage=stage, timestamp=when)


def _text(value: object) -> str | None:
    return text_of_any(value) if value else None


def failure_of(exc_info: object) -> dict[str, object]:
    """Text, type and traceback of what a library calls `exc_info`; nothing for none."""
    found = exc_info
    if found is True:
        found = sys.exc_info()
    if isinstance(found, tuple) and len(found) > 1:
        found = found[1]
    return traceback_of(found) if isinstance(found, BaseException) else {}
