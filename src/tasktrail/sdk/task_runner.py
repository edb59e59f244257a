"""Runs plugins as tasks: new ones with their context, older ones as they are.

The task tells its beginning, its input and its end by itself. An older plugin's entries reach the
task through Python's logging, see TaskLogHandler.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tasktrail.sdk.encoding import encode_any
from tasktrail.sdk.names import new_task_id
from tasktrail.sdk.plugins import Plugin, prepare
from tasktrail.sdk.task_context import TaskContext

if TYPE_CHECKING:
    from tasktrail.sdk.client import Client

ORIGIN: Final = "plugin"  # where a task came from of which nothing else was said


class TaskRunner:
    """Runs plugins, each call a task; safe from many threads."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def run(
        self,
        plugin: object,
        params: object = None,
        *,
        task_id: str | None = None,
        title: str | None = None,
        source: str = ORIGIN,
    ) -> object:
        """What the plugin gave back; a coroutine is run to its end.

        `plugin` is a function, or a module, an object or a class with `execute`. Without `task_id`
        one is made of its name. Raises TypeError for what is no plugin, before there is a task,
        and whatever the plugin raises.
        """
        ready = prepare(plugin)
        task = self._client.task(
            task_id or new_task_id(ready.name),
            title=title or ready.name,
            source=source,
            input_message=_text(params),
        )
        with _living(task, ready.name):
            result = _outcome(ready, params, task)
            if not task.is_joined and not task.is_ended:
                task.result(result)
        return result


@contextmanager
def _living(task: TaskContext, name: str) -> Iterator[None]:
    """The task from its beginning to its end; a stage where somebody else tells both."""
    with task:
        if not task.is_joined:
            yield
            return
        with task.stage(name):
            yield


def _outcome(plugin: Plugin, params: object, task: TaskContext) -> object:
    found = plugin.call(params, task)
    if not inspect.isawaitable(found):
        return found
    # Event loops are loaded for who has coroutines.
    from tasktrail.sdk.coroutines import run_until_done  # noqa: PLC0415

    return run_until_done(found)


def _text(params: object) -> str | None:
    """The input as one reads it: text as it is, the rest as JSON."""
    if params is None or isinstance(params, str):
        return params
    return encode_any({"params": params}).decode().removeprefix('{"params":').removesuffix("}")
