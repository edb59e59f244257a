"""A job that uses loguru: one sink more, also behind its queue.

TASKTRAIL_DATA=/tmp/demo python examples/integrations/loguru_job.py
"""

from loguru import logger

import tasktrail
from tasktrail.sdk.integrations.loguru_entries import TaskSink


def main() -> None:
    """What is bound becomes metadata; `enqueue` needs the patcher."""
    logger.remove()
    sink = TaskSink()
    logger.configure(patcher=sink.remember_task)
    logger.add(sink, enqueue=True)
    with tasktrail.connect() as client, client.task("crawl-3", title="Crawl"):
        logger.info("page {}", 1)
        logger.bind(url="https://example.org/a").warning("slow")
        with logger.contextualize(worker=4):
            logger.debug("parsed")
        try:
            _ = {"page 1": "x"}["page 2"]
        except KeyError:
            logger.exception("page 2 failed")
        logger.complete()


if __name__ == "__main__":
    main()
