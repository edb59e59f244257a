"""A Celery app whose tasks are recorded. A broker in a folder, so that nothing else is needed.

export TASKTRAIL_DATA=/tmp/demo CELERY_FOLDER=/tmp/demo-broker
celery --app celery_app --workdir examples/integrations worker --loglevel INFO --concurrency 1
python examples/integrations/celery_app.py
"""

import os
import signal
from pathlib import Path
from typing import Any

from celery import Celery  # type: ignore[import-untyped]
from celery.utils.log import get_task_logger  # type: ignore[import-untyped]

from tasktrail.sdk.integrations.celery_tasks import record_celery_tasks

FOLDER = Path(os.environ.get("CELERY_FOLDER", "/tmp/tasktrail-celery"))  # noqa: S108 - an example
for name in ("queue", "control"):
    (FOLDER / name).mkdir(parents=True, exist_ok=True)

app = Celery(
    "shop",
    broker="filesystem://",
    backend=f"file://{FOLDER}",
    broker_transport_options={
        "data_folder_in": str(FOLDER / "queue"),
        "data_folder_out": str(FOLDER / "queue"),
        "control_folder": str(FOLDER / "control"),
    },
    worker_lost_wait=0.5,  # how soon a child that was killed is given up
)
record_celery_tasks()
log = get_task_logger("shop.tasks")


@app.task(name="shop.add")
def add(first: int, second: int) -> int:
    """A task that ends well."""
    log.info("adding %d and %d", first, second)
    return first + second


@app.task(name="shop.fail")
def fail() -> None:
    """A task that raises."""
    raise LookupError("nothing there")


@app.task(name="shop.retry_once", bind=True, max_retries=2)
def retry_once(self: Any) -> str:  # noqa: ANN401 - Celery's task
    """A task whose second attempt ends well."""
    if self.request.retries < 1:
        raise self.retry(exc=TimeoutError("busy"), countdown=0)
    return "second time"


@app.task(name="shop.be_killed")
def be_killed() -> None:
    """A task whose process dies under it."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    for task, arguments in ((add, (2, 3)), (fail, ()), (retry_once, ()), (be_killed, ())):
        print(task.name, task.delay(*arguments).id)
