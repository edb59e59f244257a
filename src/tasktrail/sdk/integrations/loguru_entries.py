"""Entries of loguru to the current task: a sink.

    sink = TaskSink()
    logger.configure(patcher=sink.remember_task)
    logger.add(sink, enqueue=True)

The patcher is only needed with `enqueue=True`, where the sink runs in another thread: each record
knows then the task in which it was made. What is bound or contextualised becomes metadata.
"""

from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from tasktrail.sdk.joining import failure_of, level_of, task_now, tell
from tasktrail.sdk.task_context import TaskContext

if TYPE_CHECKING:
    from loguru import Message, Record

REMEMBERED: Final = "tasktrail_task"


class TaskSink:
    """A sink of loguru; entries go to the given task, else to the current one."""

    def __init__(self, task: TaskContext | None = None) -> None:
        self._task = task
        self._remembered: WeakValueDictionary[int, TaskContext] = WeakValueDictionary()

    def remember_task(self, record: "Record") -> None:
        """The record knows the task in which it was made. A patcher."""
        task = task_now()
        if task is not None:  # by number: on its way through a queue a record is copied
            self._remembered[id(task)] = task
            record["extra"].setdefault(REMEMBERED, id(task))

    def __call__(self, message: "Message") -> None:
        """One entry; never raises."""
        record = message.record
        number = record["extra"].get(REMEMBERED)
        task = self._task or self._remembered.get(number or 0) or task_now()
        if task is None:
            return
        try:
            self._tell(task, record, has_waited=number is not None)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            task.client.trouble.lose(1, repr(error))

    def _tell(self, task: TaskContext, record: "Record", *, has_waited: bool) -> None:
        fields = {name: one for name, one in record["extra"].items() if name != REMEMBERED}
        fields["where"] = f"{record['file'].name}:{record['line']}"
        if record["exception"] is not None:
            fields.update(failure_of(record["exception"].value))
        at = record["time"].timestamp() if has_waited else None
        level = level_of(record["level"].no)
        tell(task, level, record["message"], source=record["name"], fields=fields, at=at)
