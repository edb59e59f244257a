"""A logger writes one entry per call, with level, source, stage and metadata."""

import logging
from pathlib import Path

import pytest

from tests.support.outboxes import Told, events_in

LEVELS = ["debug", "info", "warning", "error", "critical"]


def test_a_message_is_one_entry(told: Told) -> None:
    """Level, source and stage stand in the envelope; fields join the metadata."""
    task = told.task(session_id="s-1")
    task.logger.info("cloning", stage="plan", metadata={"a": 1}, repo="acme/app")

    (event,) = told.events
    assert {name: event[name] for name in event if name != "timestamp"} == {
        "type": "task:log",
        "task_id": "gh-1",
        "session_id": "s-1",
        "level": "info",
        "stage": "plan",
        "data": {"message": "cloning", "metadata": {"a": 1, "repo": "acme/app"}},
    }


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_has_its_call(told: Told, level: str) -> None:
    """The call's name is the level, and `log` takes it as text, in any spelling."""
    logger = told.task().logger
    getattr(logger, level)("x")
    logger.log(level.upper(), "x")
    getattr(logger, level)("x", n=1)

    assert [event["level"] for event in told.events] == [level] * 3


def test_a_source_makes_a_new_logger(told: Told) -> None:
    """The one it was made from keeps its own; a call's own source wins."""
    logger = told.task().logger
    git = logger.with_source("git")
    for one, source in ((logger, None), (git, None), (git, "llm")):
        one.info("x", source=source)
    git.info("x")

    assert [event.get("source") for event in told.events] == [None, "git", "llm", "git"]


def test_no_source_is_the_task_itself(told: Told) -> None:
    """A source that is not known is not written as a word."""
    told.task().logger.with_source("git").with_source(None).info("x")

    assert "source" not in told.events[0]


def test_every_way_to_say_it_names_the_stage(told: Told) -> None:
    """With and without fields, told by the call or by the block."""
    task = told.task()
    with task.stage('pl"an'):
        task.logger.info("x")
        task.logger.info("x", n=1)
        task.logger.info("x", n=[1])
        task.logger.info("x", stage="other")

    stages = [event["stage"] for event in told.events if event["type"] == "task:log"]
    assert stages == ['pl"an'] * 3 + ["other"]


def test_progress_tells_how_far(told: Told) -> None:
    """From 0 to 100, whatever was said; without a number it is an entry only."""
    logger = told.task().logger
    logger.progress("fetching", percent=40, objects=7)
    logger.progress("fetching", 140)
    logger.progress("fetching", -3.5)
    logger.progress("fetching")

    assert {event["type"] for event in told.events} == {"task:progress"}
    assert [event["data"].get("percent") for event in told.events] == [40, 100, 0, None]
    assert told.events[0]["data"]["metadata"] == {"objects": 7}


def test_a_message_may_be_anything(told: Told) -> None:
    """A job that logs an object gets its text; metadata that is no mapping is kept."""
    logger = told.task().logger
    logger.error(ValueError("no"), metadata=["x"])  # type: ignore[arg-type]
    logger.info("half \ud800 a pair")
    logger.info(message="named")

    first, second, third = (event["data"] for event in told.events)
    assert first == {"message": "ValueError('no')", "metadata": {"metadata": ["x"]}}
    assert second == {"message": "half \\ud800 a pair"}
    assert third == {"message": "named"}


def test_arguments_fill_the_message(told: Told) -> None:
    """As in the standard library; those that do not fit stand behind it."""
    logger = told.task().logger
    logger.info("%s of %d", "one", 2)
    logger.info("%(a)s", {"a": 1})
    logger.info("100 %", "done")

    assert [event["data"]["message"] for event in told.events] == ["one of 2", "1", "100 % done"]


def test_metadata_of_any_kind_is_kept(told: Told) -> None:
    """What has no JSON stands there as its repr, and the event says which it is."""
    odd = object()
    told.task().logger.info("x", odd=odd, deep={"list": [1, odd]}, fine=Path("a/b"))

    (event,) = told.events
    assert event["data"]["metadata"] == {
        "odd": repr(odd),
        "deep": {"list": [1, repr(odd)]},
        "fine": "a/b",
    }
    assert event["tasktrail_repr"] == ["data.metadata.odd", "data.metadata.deep.list.1"]


def test_numbers_that_json_does_not_have_are_told(told: Told) -> None:
    """Not a number is not nothing."""
    told.task().logger.info("x", loss=float("nan"), gap=float("inf"), none=None)

    (event,) = told.events
    assert event["data"]["metadata"] == {"loss": "nan", "gap": "inf", "none": None}
    assert event["tasktrail_repr"] == ["data.metadata.loss", "data.metadata.gap"]


def test_what_was_said_does_not_change_afterwards(tmp_path: Path) -> None:
    """Also where it waits in a buffer: the entry is what was meant when it was said."""
    told = Told(tmp_path, buffered=True)
    found = ["a"]
    told.task().logger.info("x", found=found)
    found.append("b")
    told.close()

    assert events_in(tmp_path)[0]["data"]["metadata"] == {"found": ["a"]}


def test_an_exception_brings_its_traceback(told: Told) -> None:
    """Level error, with text, type and traceback; without one it is only an entry."""
    logger = told.task().logger
    try:
        _ = {"here": 1}["gone"]
    except KeyError:
        logger.exception("lookup failed", key=1)
    logger.exception("nothing is wrong")  # noqa: LOG004 - it is the point

    first, second = told.events
    metadata = first["data"]["metadata"]
    assert (first["level"], metadata["error_type"], metadata["key"]) == ("error", "KeyError", 1)
    assert "gone" in metadata["traceback"]
    assert "metadata" not in second["data"]


def test_levels_below_the_lowest_are_not_kept(told: Told) -> None:
    """By the task's own lowest level; nothing of them reaches the outbox."""
    logger = told.task(level="warn").logger
    logger.info("x")
    logger.debug("x", n=1)
    logger.progress("x", 5)
    logger.log("info", "x")
    logger.warning("kept")

    assert [event["data"]["message"] for event in told.events] == ["kept"]
    assert (logger.is_enabled("INFO"), logger.is_enabled("error")) == (False, True)


def test_a_warning_does_not_wait_in_the_buffer(tmp_path: Path) -> None:
    """It is in the file when the call returns, with everything that was said before it."""
    told = Told(tmp_path, buffered=True)
    logger = told.task().logger
    logger.info("one")
    before = len(told.events)
    logger.warning("two")
    after = [event["data"]["message"] for event in told.events]
    told.close()

    assert before == 0
    assert after == ["one", "two"]


def test_a_number_is_a_level_too(tmp_path: Path) -> None:
    """A job that knows `logging.CRITICAL` loses nothing and is told as what it means."""
    told = Told(tmp_path)
    task = told.client.task("gh-1", level="error")
    task.logger.log(logging.CRITICAL, "kept")
    task.logger.log(logging.WARNING, "not kept")

    assert [(one["data"]["message"], one["level"]) for one in told.events] == [("kept", "critical")]
    assert task.logger.is_enabled(logging.ERROR)


def test_every_short_entry_of_a_full_buffer_is_kept_in_order(tmp_path: Path) -> None:
    """In and out of stages, by loggers of two lowest levels, across many fillings."""
    told = Told(tmp_path, buffered=True)
    every, few = told.task(), told.client.task("gh-1", level="info")
    numbers = [str(n) for n in range(5_000)]
    for one, two, three, four in zip(*[iter(numbers)] * 4, strict=True):
        every.logger.debug(one)
        few.logger.debug("not kept")
        few.logger.info(two)
        with every.stage("s"):
            every.logger.debug(three)
            few.logger.info(four)
    told.close()

    entries = [event for event in events_in(tmp_path) if event["type"] == "task:log"]
    assert [event["data"]["message"] for event in entries] == numbers
    assert [event.get("stage") for event in entries[:4]] == [None, None, "s", "s"]
    assert [event["level"] for event in entries[:4]] == ["debug", "info"] * 2
