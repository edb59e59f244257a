"""A job that uses structlog: one link more in its chain.

TASKTRAIL_DATA=/tmp/demo python examples/integrations/structlog_job.py
"""

import structlog

import tasktrail
from tasktrail.sdk.integrations.structlog_entries import TaskEntries

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        TaskEntries(),
        structlog.dev.ConsoleRenderer(colors=False),
    ]
)


def main() -> None:
    """What is bound, in whatever way, becomes metadata."""
    log = structlog.get_logger().bind(logger="billing")
    with tasktrail.connect() as client, client.task("invoice-9", title="Invoice") as task:
        structlog.contextvars.bind_contextvars(customer="acme")
        log.info("opened", lines=3)
        with task.stage("total"):
            log.bind(currency="EUR").warning("rounded", cents=2)
        try:
            _ = 1 // 0
        except ZeroDivisionError:
            log.exception("no discount")


if __name__ == "__main__":
    main()
