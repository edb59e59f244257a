"""Stories of jobs and of a coordinator."""

from random import Random
from typing import Any

from tasktrail.cli.demo_jobs import BACKUP, ORDERS, Job, coordinator_run, job_task
from tasktrail.cli.demo_teller import Step, Teller
from tasktrail.model.levels import LEVELS


def told(job: Job, seed: int = 1) -> list[Step]:
    """One execution of the job."""
    return list(job_task(Teller(Random(seed), speed=1), job))


def types(steps: list[Step]) -> list[Any]:
    """The event types of the steps."""
    return [step.event["type"] for step in steps]


def failed_backup() -> list[Step]:
    """An execution of the backup that fails."""
    every = (told(BACKUP, seed) for seed in range(20))
    return next(steps for steps in every if "stage:failed" in types(steps))


def test_a_job_goes_through_its_stages() -> None:
    """Each stage starts and ends before the next one starts."""
    steps = told(ORDERS)
    stages = [
        (s.event["stage"], s.event["type"]) for s in steps if "stage:" in str(s.event["type"])
    ]

    assert stages == [
        (name, f"stage:{verb}")
        for name in ("fetch", "validate", "load")
        for verb in ("started", "completed")
    ]


def test_progress_reaches_a_hundred() -> None:
    """A stage counts up to its end."""
    percents = [
        (str(step.event["stage"]), step.event["data"]["percent"])  # type: ignore[index]
        for step in told(ORDERS)
        if step.event["type"] == "task:progress"
    ]

    assert percents == sorted(percents, key=lambda one: ["fetch", "validate", "load"].index(one[0]))
    assert [one for one in percents if one[1] == 100] == [
        ("fetch", 100),
        ("validate", 100),
        ("load", 100),
    ]


def test_a_failing_job_says_so_everywhere() -> None:
    """The stage, the execution and the task all fail, with the same error."""
    steps = failed_backup()

    assert types(steps)[-3:] == ["stage:failed", "execution:failed", "task:failed"]
    assert {step.event["data"]["error"] for step in steps[-3:]} == {BACKUP.error}  # type: ignore[index]


def test_jobs_log_at_every_level() -> None:
    """Over good and bad runs each of the five levels is heard."""
    steps = [step for seed in range(20) for step in (*told(ORDERS, seed), *told(BACKUP, seed))]

    assert {s.event["level"] for s in steps if s.event["type"] == "task:log"} == set(LEVELS)


def test_a_coordinator_gives_a_failed_task_a_second_attempt() -> None:
    """Two workers work on the same task, the first fails, the second completes it."""
    steps = list(coordinator_run(Teller(Random(1), speed=1)))
    ends = [step.event for step in steps if step.event["type"] == "task:completed"]

    assert [(end["attempt"], end["data"]["status"]) for end in ends] == [  # type: ignore[index]
        (1, "failed"),
        (2, "completed"),
    ]
    assert len({end["worker_id"] for end in ends}) == 2
    assert (types(steps)[0], types(steps)[-1]) == ("session:started", "session:ended")
