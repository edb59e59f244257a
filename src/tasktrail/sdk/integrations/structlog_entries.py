"""Entries of structlog to the current task: a link of its chain that changes nothing.

    structlog.configure(processors=[
        structlog.contextvars.merge_contextvars, TaskEntries(), structlog.dev.ConsoleRenderer()])

It stands before the renderer. `event` is the message, `logger` or `source` the source, `stage` the
stage, and the rest metadata.
"""

from collections.abc import MutableMapping
from typing import Any, Final

from tasktrail.model.levels import parse_level
from tasktrail.sdk.joining import failure_of, task_now, tell
from tasktrail.sdk.task_context import TaskContext

METHODS: Final = {"exception": "error", "msg": "info"}
# Said otherwise: by the entry's own level, time and task.
SAID: Final = frozenset({"event", "level", "timestamp", "exc_info", "logger"})


class TaskEntries:
    """A link for structlog's chain; entries go to the given task, else to the current one."""

    def __init__(self, task: TaskContext | None = None) -> None:
        self._task = task

    def __call__(
        self,
        logger: Any,  # noqa: ANN401 - any logger that it wraps
        method: str,
        event: MutableMapping[str, Any],
    ) -> MutableMapping[str, Any]:
        """The event as it came, after its entry is told. Never raises."""
        task = self._task or task_now()
        if task is not None:
            try:
                self._tell(task, logger, method, event)
            except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
                task.client.trouble.lose(1, repr(error))
        return event

    def _tell(
        self,
        task: TaskContext,
        logger: Any,  # noqa: ANN401 - any logger that structlog wraps
        method: str,
        event: MutableMapping[str, Any],
    ) -> None:
        level = parse_level(METHODS.get(method, method)) or parse_level(event.get("level"))
        fields = {name: one for name, one in event.items() if name not in SAID}
        fields.update(failure_of(event.get("exc_info")))
        source = event.get("logger") or getattr(logger, "name", None)
        tell(task, level or "info", event.get("event", ""), source=source, fields=fields)
