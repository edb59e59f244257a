"""A job that already uses `logging`: one handler, and every line is in its task's trail.

TASKTRAIL_DATA=/tmp/demo python examples/integrations/stdlib_logging.py
"""

import asyncio
import logging
import logging.handlers
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import tasktrail
from tasktrail.sdk.integrations.stdlib_logging import remember_task

log = logging.getLogger("shop.import")


def read_page(number: int) -> None:
    """Work of a thread of a pool."""
    log.info("page %d", number, extra={"rows": 50 * number})


async def fetch(name: str) -> None:
    """Work of a coroutine: it inherits the task."""
    await asyncio.sleep(0)
    log.info("fetched %s", name)


def main() -> None:
    """One task whose lines come from everywhere."""
    logging.basicConfig(level=logging.INFO, handlers=[tasktrail.TaskLogHandler()])
    with tasktrail.connect() as client, client.task("import-7", title="Import") as task:
        log.info("begins", extra={"source": "shop", "stage": "read"})
        with ThreadPoolExecutor() as pool:
            list(pool.map(task.carry(read_page), [1, 2]))
        thread = threading.Thread(target=task.carry(log.warning), args=("from a thread",))
        thread.start()
        thread.join()
        asyncio.run(fetch("prices"))
        through_a_queue()
        try:
            _ = {"item 1": 12}["item 4"]
        except KeyError:
            log.exception("item 4 is left out")


def through_a_queue() -> None:
    """A queue's thread has no task: each record remembers its own."""
    records: queue.Queue[logging.LogRecord] = queue.Queue()
    sender = logging.handlers.QueueHandler(records)
    sender.addFilter(remember_task)
    listener = logging.handlers.QueueListener(records, tasktrail.TaskLogHandler())
    quiet = logging.getLogger("queued")
    quiet.propagate = False
    quiet.addHandler(sender)
    listener.start()
    quiet.info("through a queue")
    listener.stop()


if __name__ == "__main__":
    main()
