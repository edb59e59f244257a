"""A sink of loguru records to the task in which a record was made, also behind its queue."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from tasktrail.sdk.integrations.loguru_entries import TaskSink
from tests.support.job_programs import EXAMPLES, run_program
from tests.support.outboxes import Told, events_in


@pytest.fixture(autouse=True)
def _own_sinks() -> Iterator[None]:
    logger.remove()
    yield
    logger.remove()


def test_a_record_is_an_entry(told: Told) -> None:
    """Level, module as source, and what was bound."""
    logger.add(TaskSink())
    with told.task():
        logger.bind(url="a").warning("slow by {} s", 3)
    logger.info("for nobody")

    (event,) = [one for one in told.events if one["type"] == "task:log"]
    assert (event["level"], event["source"]) == ("warning", __name__)
    assert event["data"]["message"] == "slow by 3 s"
    assert event["data"]["metadata"]["url"] == "a"


def test_a_value_that_raises_harms_nobody(told: Told) -> None:
    """The entry is kept with a word in its place."""

    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    logger.add(TaskSink(told.task()))
    logger.bind(broken=Broken()).info("x")

    assert told.events[0]["data"]["metadata"]["broken"] == "<unprintable Broken>"


def test_the_example_does_what_it_shows(tmp_path: Path) -> None:
    """Behind the queue, each record knows its task and its time."""
    outcome = run_program(EXAMPLES / "loguru_job.py", tmp_path)

    events = events_in(tmp_path)
    logs = [event for event in events if event["type"] == "task:log"]
    assert (outcome.code, outcome.err) == (0, "")
    assert {event["task_id"] for event in logs} == {"crawl-3"}
    assert [event["level"] for event in logs] == ["info", "warning", "debug", "error"]
    assert logs[2]["data"]["metadata"]["worker"] == 4
    assert logs[3]["data"]["metadata"]["error_type"] == "KeyError"
    assert events[-1]["type"] == "task:completed"
