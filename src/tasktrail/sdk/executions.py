"""One execution of a scheduled job: a task of its own that tells its beginning and end.

    with client.execution("nightly-report", title="Report") as task:
        …

Each execution has its own trail; the job's id is on every entry, so that the job's answers cover
all of them. Three entries are written without the job's help: that it starts, and that it completed
or failed, and after how long.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Final, ParamSpec, Protocol, TypeVar

from tasktrail.sdk.encoding import text_of_any
from tasktrail.sdk.task_context import TaskContext

P = ParamSpec("P")
R = TypeVar("R")
ORIGIN: Final = "schedule"  # where such a task came from
NANOS_PER_MILLI: Final = 1_000_000


class Tasks(Protocol):
    """Where tasks are made; `Client` is one."""

    def task(
        self,
        task_id: str,
        *,
        title: str | None = None,
        source: str | None = None,
        job_id: str | None = None,
        execution_id: str | None = None,
    ) -> TaskContext:
        """A task of those names."""


def new_execution_id() -> str:
    """An id that is nobody else's."""
    return f"PX_{secrets.token_hex(8)}"


@contextmanager
def execution(
    client: Tasks,
    job_id: str,
    *,
    execution_id: str | None = None,
    title: str | None = None,
    handler: str | None = None,
) -> Iterator[TaskContext]:
    """The task of one execution of that job; `handler` names the work, and is its stage.

    An exception makes it failed, and goes on.
    """
    execution_id = execution_id or new_execution_id()
    name = handler or job_id
    task = client.task(
        execution_id,
        title=title or name,
        source=ORIGIN,
        job_id=job_id,
        execution_id=execution_id,
    )
    began = time.monotonic_ns()
    with task:
        _tell(task, "started", name, {"message": f"Starting {name}"})
        try:
            yield task
        except BaseException as error:
            told = text_of_any(error)
            spent = _since(began)
            said = {"duration_ms": spent, "error": told, "error_message": told}
            message = f"Failed after {round(spent)} ms: {told}"
            _tell(task, "failed", name, {"message": message, **said})
            raise
        spent = _since(began)
        message = f"Completed in {round(spent)} ms"
        _tell(task, "completed", name, {"message": message, "duration_ms": spent})


def executed(
    client: Tasks, function: Callable[P, R], job_id: str, *, title: str | None = None
) -> Callable[P, R]:
    """The function, each call of it an execution of that job: what a scheduler is given."""
    handler = getattr(function, "__name__", job_id)

    @wraps(function)
    def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
        with execution(client, job_id, title=title, handler=handler):
            return function(*args, **kwargs)

    return recorded


def _tell(task: TaskContext, what: str, name: str, said: dict[str, object]) -> None:
    task.event(f"execution:{what}", said, stage=name)


def _since(began: int) -> float:
    return round((time.monotonic_ns() - began) / NANOS_PER_MILLI, 3)
