"""The agent's own part of a story."""

from random import Random
from typing import Any

import pytest

from tasktrail.cli.demo_engine import engine_run
from tasktrail.cli.demo_teller import Step, Teller
from tasktrail.cli.demo_texts import PLOTS, PYDANTIC, RATE_LIMIT, VAT, Plot


def told(plot: Plot) -> list[Step]:
    """The whole run of a plot."""
    return list(engine_run(Teller(Random(1), speed=1), plot, "t"))


def data_of(step: Step) -> Any:  # noqa: ANN401 - JSON is anything
    """What the event says."""
    return step.event["data"]


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.title)
def test_a_run_begins_and_ends_as_the_engine_does(plot: Plot) -> None:
    """Created, started, work; then the answer and how it was posted, or an error."""
    types = [step.event["type"] for step in told(plot)]

    assert types[:2] == ["task:created", "task:started"]
    if plot.error:
        assert types[-1] == "task:failed"
    else:
        assert types[-4:] == [
            "task:raw_output",
            "task:output",
            "task:completed",
            "task:response_posted",
        ]


def test_every_event_of_a_run_names_the_task() -> None:
    """The engine's id stands at the top level and, but for the client's, in `data` too."""
    steps = told(VAT)

    assert {step.event["task_id"] for step in steps} == {"t"}
    assert {data_of(step)["task_id"] for step in steps if step.producer == "engine"} == {"t"}


def test_a_question_blocks_the_task_until_it_is_answered() -> None:
    """Asked, blocked, answered by a person, active again: in this order."""
    types = [step.event["type"] for step in told(VAT)]
    asked = types.index("task:status")

    assert types[asked - 1] == "task:output"
    assert types[asked : asked + 3] == ["task:status", "task:user_input", "task:status"]


def test_a_result_follows_its_call() -> None:
    """Each tool result comes right after the call of the same tool."""
    steps = told(PYDANTIC)
    calls = [i for i, step in enumerate(steps) if step.event["type"] == "task:tool_call"]

    assert calls
    for place in calls:
        assert steps[place + 1].event["type"] == "task:tool_result"
        assert data_of(steps[place])["name"] == data_of(steps[place + 1])["name"]


def test_a_failure_says_why() -> None:
    """A failed run either completes as failed with a result or fails with an error."""
    completed = next(s for s in told(PYDANTIC) if s.event["type"] == "task:completed")

    assert data_of(completed)["status"] == "failed"
    assert "does not apply" in data_of(completed)["result"]
    assert "overloaded" in data_of(told(RATE_LIMIT)[-1])["error"]


def test_the_reported_duration_is_the_time_that_was_told() -> None:
    """A task does not claim to have run longer than its events did."""
    steps = told(VAT)
    completed = next(i for i, s in enumerate(steps) if s.event["type"] == "task:completed")
    took = sum(step.wait for step in steps[: completed + 1])

    assert data_of(steps[completed])["duration_seconds"] == pytest.approx(took, abs=0.02)
