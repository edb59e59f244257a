"""Celery's tasks as tasks of ours: queued, started, retried, ended; each with its log entries.

    record_celery_tasks()        in the module that makes the Celery app

A trail has the id that Celery gave its task. In a pool of processes the child tells what its task
does; that a child was lost its parent is told by Celery, and says so in the trail of the task,
whose id comes with the signal. A retry is a further attempt.
"""

import logging
from typing import Any, Final

from celery import signals, states  # type: ignore[import-untyped]

from tasktrail.sdk.client import Client, connect
from tasktrail.sdk.integrations.stdlib_logging import TaskLogHandler
from tasktrail.sdk.task_context import TaskContext

ORIGIN: Final = "celery"


class CeleryTasks:
    """What Celery's signals come to; one for each process, and for the children it forks."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._running: dict[str, TaskContext] = {}

    def on_publish(self, *, headers: Any = None, body: Any = None, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """A task is queued; `headers` and `body` are what the broker gets."""
        told = headers if isinstance(headers, dict) and "id" in headers else body
        if isinstance(told, dict) and told.get("id") and not told.get("retries"):
            created = {
                "title": told.get("task"),
                "source": ORIGIN,
                "input_message": f"{told.get('argsrepr', '')} {told.get('kwargsrepr', '')}".strip(),
            }
            self._client.send("task:created", task_id=told["id"], data=created)

    def on_start(self, *, task_id: str, task: Any, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """A task begins in this process."""
        retries = getattr(task.request, "retries", 0) or 0
        context = self._client.task(
            task_id,
            title=task.name,
            source=ORIGIN,
            attempt=retries + 1,
        )
        self._running[task_id] = context.__enter__()

    def on_success(self, *, sender: Any, result: Any = None, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """A task came to its end."""
        context = self._running.get(sender.request.id)
        if context is not None:
            context.result(result)

    def on_failure(self, *, task_id: str, exception: Any = None, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """A task failed: here, or in a child that is gone."""
        self._of(task_id).fail(exception)

    def on_retry(self, *, request: Any, reason: Any = None, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """An attempt failed, and there will be another one."""
        self._of(request.id).logger.warning("will be tried again: %s", reason)

    def on_end(self, *, task_id: str, state: str | None = None, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """A task is done with in this process, however it ended."""
        context = self._running.pop(task_id, None)
        if context is None:
            return
        context.leave()
        if state in {states.IGNORED, states.REJECTED}:
            context.event("task:completed", {"status": "cancelled", "error": state})

    def on_revoked(
        self,
        *,
        request: Any,  # noqa: ANN401 - Celery's
        terminated: bool = False,
        expired: bool = False,
        **_: Any,  # noqa: ANN401 - Celery's
    ) -> None:
        """A task was called back, before or while it ran."""
        why = "expired" if expired else "terminated" if terminated else "revoked"
        said = {"status": "cancelled", "error": f"{why} by Celery"}
        self._of(request.id).event("task:completed", said)

    def on_internal_error(self, *, task_id: str, exception: Any = None, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """Celery itself failed with a task."""
        self._of(task_id).fail(exception)

    def on_unknown(self, *, id: str, name: str, **_: Any) -> None:  # noqa: A002, ANN401 - Celery's
        """A worker got a task that it does not have."""
        self._of(id).fail(f"no task {name} is registered in the worker")

    def on_logger(self, *, logger: logging.Logger, **_: Any) -> None:  # noqa: ANN401 - Celery's
        """Celery has set up a logger, and thrown out who listened before."""
        logger.addHandler(TaskLogHandler())

    def _of(self, task_id: str) -> TaskContext:
        """The running task, else one that ran elsewhere."""
        return self._running.get(task_id) or self._client.task(task_id)


def record_celery_tasks(client: Client | None = None, *, with_logs: bool = True) -> CeleryTasks:
    """From now on Celery's tasks are recorded, in this process and in those it forks.

    `with_logs`: what tasks and Celery log during them becomes entries.
    """
    tasks = CeleryTasks(client or connect())
    signals.before_task_publish.connect(tasks.on_publish, weak=False)
    signals.task_prerun.connect(tasks.on_start, weak=False)
    signals.task_success.connect(tasks.on_success, weak=False)
    signals.task_failure.connect(tasks.on_failure, weak=False)
    signals.task_retry.connect(tasks.on_retry, weak=False)
    signals.task_postrun.connect(tasks.on_end, weak=False)
    signals.task_revoked.connect(tasks.on_revoked, weak=False)
    signals.task_internal_error.connect(tasks.on_internal_error, weak=False)
    signals.task_unknown.connect(tasks.on_unknown, weak=False)
    if with_logs:
        signals.after_setup_logger.connect(tasks.on_logger, weak=False)
        signals.after_setup_task_logger.connect(tasks.on_logger, weak=False)
    return tasks
