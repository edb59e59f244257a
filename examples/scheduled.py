"""A job that a scheduler starts again and again: each time an execution with a trail of its own.

    python examples/scheduled.py 10        for ten seconds

Then `tasktrail executions nightly-report` lists them, `tasktrail stages nightly-report` what they
did, and `tasktrail log ID` all that one of them said.
"""

import sys
import time

from apscheduler.events import EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

import tasktrail
from tasktrail.sdk.current import current_task
from tasktrail.sdk.executions import executed

JOB = "nightly-report"


def report() -> int:
    """The work; every third time it fails."""
    task = current_task()
    if task is not None:
        task.logger.info("counting", rows=12)
    if int(time.time() * 10) % 3 == 0:
        raise RuntimeError("the numbers do not add up")
    return 12


def main(seconds: float, every: float = 1.0) -> None:
    """Schedule it for so long."""
    client = tasktrail.connect()
    scheduler = BackgroundScheduler()

    def missed(event: JobExecutionEvent) -> None:
        """An execution that the scheduler left out is told in a trail of the job's name."""
        said = {"message": f"missed at {event.scheduled_run_time}"}
        client.send("task:log", task_id=event.job_id, data=said, level="warning", job_id=JOB)

    scheduler.add_listener(missed, EVENT_JOB_MISSED)
    scheduler.add_job(executed(client, report, JOB), "interval", seconds=every, id=JOB)
    scheduler.start()
    time.sleep(seconds)
    scheduler.shutdown()
    client.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
