"""Records of `logging` become entries of the task in which they were made."""

import logging
import threading
from pathlib import Path

import pytest

from tasktrail.sdk.integrations.stdlib_logging import TaskLogHandler
from tests.support.job_programs import EXAMPLES, run_program
from tests.support.outboxes import Told, events_in


@pytest.fixture
def log() -> logging.Logger:
    """A logger of no tree: only our handler hears it."""
    return logging.Logger("tests.shop", 1)  # noqa: LOG001 - see there


def test_a_record_is_an_entry(told: Told, log: logging.Logger) -> None:
    """Message, level, source, and what was given in `extra`."""
    log.addHandler(TaskLogHandler())
    with told.task():
        log.warning("%d of %d", 1, 2, extra={"repo": "acme", "stage": "plan"})

    entry = told.events[2]
    assert (entry["level"], entry["source"], entry["stage"]) == ("warning", "tests.shop", "plan")
    assert entry["data"]["message"] == "1 of 2"
    assert entry["data"]["metadata"]["repo"] == "acme"
    assert entry["data"]["metadata"]["where"].startswith("test_stdlib_logging.py:")


def test_without_a_task_nothing_is_recorded(told: Told, log: logging.Logger) -> None:
    """A given task is always there; a level is respected."""
    log.addHandler(TaskLogHandler())
    log.info("for nobody")
    log.addHandler(TaskLogHandler("ERROR", task=told.task("given")))
    log.info("too low")
    log.error("heard")

    assert [event["data"]["message"] for event in told.events] == ["heard"]


def test_a_mistake_of_the_job_costs_no_entry(told: Told, log: logging.Logger) -> None:
    """Arguments that do not fit stand behind the message."""
    log.addHandler(TaskLogHandler(task=told.task()))
    log.info("%d", "no number")
    log.info("%s and %s", *["one"])

    assert [event["data"]["message"] for event in told.events] == [
        "%d ('no number',)",
        "%s and %s ('one',)",
    ]


def test_what_is_logged_while_logging_does_not_come_back(told: Told, log: logging.Logger) -> None:
    """A value that logs in its own text would never end."""

    class Chatty:
        def __str__(self) -> str:
            log.info("inside")
            return "chatty"

    log.addHandler(TaskLogHandler(task=told.task()))
    log.info("%s", Chatty())

    assert [event["data"]["message"] for event in told.events] == ["chatty"]


def test_a_value_that_raises_is_counted_and_harms_nobody(told: Told, log: logging.Logger) -> None:
    """Whatever it raises from."""

    class Broken:
        def __str__(self) -> str:
            raise ValueError

        def __repr__(self) -> str:
            raise ValueError

    log.addHandler(TaskLogHandler(task=told.task()))
    log.info(Broken())
    log.info("%s", Broken(), extra={"broken": Broken()})

    texts = [event["data"]["message"] for event in told.events]
    assert texts[0].startswith("<unprintable Broken>")
    assert len(texts) == 2


def test_many_threads_lose_nothing(told: Told, log: logging.Logger) -> None:
    """A hundred of them, each carried into the task."""
    log.addHandler(TaskLogHandler())

    def work() -> None:
        for n in range(20):
            log.info("m", extra={"n": n})

    with told.task() as task:
        threads = [threading.Thread(target=task.carry(work)) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert told.types().count("task:log") == 2_000


def test_the_example_does_what_it_shows(tmp_path: Path) -> None:
    """Threads, coroutines, a pool, a queue and an exception in one trail."""
    outcome = run_program(EXAMPLES / "stdlib_logging.py", tmp_path)

    logs = [event for event in events_in(tmp_path) if event["type"] == "task:log"]
    assert (outcome.code, outcome.err) == (0, "")
    assert {event["task_id"] for event in logs} == {"import-7"}
    assert sorted(event["data"]["message"] for event in logs) == [
        *("begins", "fetched prices", "from a thread", "item 4 is left out"),
        *("page 1", "page 2", "through a queue"),
    ]
    assert logs[-1]["data"]["metadata"]["error_type"] == "KeyError"
