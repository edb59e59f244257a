"""The task recorder that never lies: what a job needs to be recorded.

    import tasktrail

    client = tasktrail.connect()
    with client.task("gh-450", title="Fix login", source="github") as task:
        task.logger.info("cloning", repo="acme/app")

The names are loaded when they are first used: a command that logs nothing pays nothing for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tasktrail.sdk.client import Client, connect
    from tasktrail.sdk.coordinator_log import CoordinatorLog
    from tasktrail.sdk.emitter import CapturingEmitter
    from tasktrail.sdk.integrations.stdlib_logging import TaskLogHandler
    from tasktrail.sdk.task_context import TaskContext
    from tasktrail.sdk.task_logger import TaskLogger
    from tasktrail.sdk.task_runner import TaskRunner

__version__ = "0.1.0"

__all__ = [
    "CapturingEmitter",
    "Client",
    "CoordinatorLog",
    "TaskContext",
    "TaskLogHandler",
    "TaskLogger",
    "TaskRunner",
    "__version__",
    "connect",
]

_HOMES: Final = {
    "CapturingEmitter": "tasktrail.sdk.emitter",
    "Client": "tasktrail.sdk.client",
    "CoordinatorLog": "tasktrail.sdk.coordinator_log",
    "TaskContext": "tasktrail.sdk.task_context",
    "TaskLogHandler": "tasktrail.sdk.integrations.stdlib_logging",
    "TaskLogger": "tasktrail.sdk.task_logger",
    "TaskRunner": "tasktrail.sdk.task_runner",
    "connect": "tasktrail.sdk.client",
}


def __getattr__(name: str) -> object:
    """The public name, loaded now."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tasktrail' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
