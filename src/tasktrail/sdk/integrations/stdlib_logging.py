"""Entries of the standard library's `logging` to the task that they belong to.

    logging.getLogger().addHandler(TaskLogHandler())

Message, level, logger's name as source, and everything given in `extra` as metadata; `source` and
`stage` in `extra` mean what they say. A formatter changes nothing: the parts of an entry stand on
their own. Where records pass a queue, their task is remembered on the
way in: `queue_handler.addFilter(remember_task)`.
"""

import logging
import threading
from typing import Final

from tasktrail.sdk.encoding import text_of_any
from tasktrail.sdk.joining import failure_of, level_of, task_now, tell
from tasktrail.sdk.task_context import TaskContext

REMEMBERED: Final = "tasktrail_task"
# What every record has, and what is said of it otherwise.
KNOWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    *("message", "asctime", "taskName", REMEMBERED),
}


def remember_task(record: logging.LogRecord) -> bool:
    """True, always; the record knows the task in which it was made. A filter."""
    if not hasattr(record, REMEMBERED):
        setattr(record, REMEMBERED, task_now())
    return True


class TaskLogHandler(logging.Handler):
    """Records as entries of a task: the given one, else the current one; without one, ignored."""

    def __init__(self, level: int | str = 0, *, task: TaskContext | None = None) -> None:
        super().__init__(level)
        self._task = task
        self._busy = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """One entry; never raises, and says nothing about what is logged meanwhile."""
        if getattr(self._busy, "is_busy", False):
            return
        self._busy.is_busy = True
        try:
            self._tell(record)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self._fail(error)
        finally:
            self._busy.is_busy = False

    def _tell(self, record: logging.LogRecord) -> None:
        task = self._task or getattr(record, REMEMBERED, None) or task_now()
        if task is None:
            return
        fields = {name: one for name, one in vars(record).items() if name not in KNOWN}
        fields["where"] = f"{record.filename}:{record.lineno}"
        fields.update(failure_of(record.exc_info))
        source = None if record.name == "root" else record.name
        at = record.created if hasattr(record, REMEMBERED) else None
        tell(task, level_of(record.levelno), _message(record), source=source, fields=fields, at=at)

    def _fail(self, error: Exception) -> None:
        task = self._task or task_now()
        if task is not None:
            task.client.trouble.lose(1, repr(error))


def _message(record: logging.LogRecord) -> str:
    """What was said; arguments that do not fit stand behind it."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - the job's own mistake must not cost the entry
        return " ".join(text_of_any(one) for one in (record.msg, record.args))
