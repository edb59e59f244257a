"""A link of structlog's chain records what passes it and changes nothing."""

from pathlib import Path
from typing import Any

import structlog

from tasktrail.sdk.integrations.structlog_entries import TaskEntries
from tests.support.job_programs import EXAMPLES, run_program
from tests.support.outboxes import Told, events_in


def test_an_event_passes_as_it_came(told: Told) -> None:
    """And is an entry, with level, source and what was bound."""
    passed: list[Any] = []

    def keep(_logger: Any, _name: str, event: Any) -> str:  # noqa: ANN401 - structlog's
        passed.append(dict(event))
        return ""

    log: Any = structlog.wrap_logger(
        structlog.PrintLogger(), processors=[TaskEntries(told.task()), keep], customer="acme"
    )
    log.warning("rounded", cents=2, logger="billing")

    (event,) = told.events
    assert passed == [{"customer": "acme", "event": "rounded", "cents": 2, "logger": "billing"}]
    assert (event["level"], event["source"]) == ("warning", "billing")
    assert event["data"] == {"message": "rounded", "metadata": {"customer": "acme", "cents": 2}}


def test_without_a_task_it_only_passes_on(told: Told) -> None:
    """Nothing is recorded and nothing is changed."""
    event = {"event": "x"}

    assert TaskEntries()(None, "info", event) is event
    assert told.events == []


def test_a_broken_event_harms_nobody(told: Told) -> None:
    """It passes, and the loss is counted."""

    class Broken(dict[str, Any]):
        def items(self) -> Any:  # noqa: ANN401 - never returns
            raise ValueError

    event = Broken(event="x")
    passed = TaskEntries(told.task())(None, "info", event)

    assert passed is event
    assert told.client.lost == 1


def test_the_example_does_what_it_shows(tmp_path: Path) -> None:
    """Bound values, a stage and an exception."""
    outcome = run_program(EXAMPLES / "structlog_job.py", tmp_path)

    logs = [event for event in events_in(tmp_path) if event["type"] == "task:log"]
    assert outcome.code == 0
    assert [(e["level"], e["source"], e.get("stage")) for e in logs] == [
        ("info", "billing", None),
        ("warning", "billing", "total"),
        ("error", "billing", None),
    ]
    assert logs[2]["data"]["metadata"]["error_type"] == "ZeroDivisionError"
