"""A logger writes one entry per call, with level, source, stage and metadata."""

from collections.abc import Mapping

import pytest

from tasktrail.sdk.task_logger import TaskLogger


class Told:
    """Notes what a logger hands on."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, object], dict[str, object]]] = []

    def __call__(self, event_type: str, said: Mapping[str, object], /, **envelope: object) -> None:
        """Note one event."""
        self.events.append((event_type, said, envelope))


def test_a_message_is_one_entry() -> None:
    """Level, source and stage stand in the envelope; fields join the metadata."""
    told = Told()
    TaskLogger(told).info("cloning", stage="plan", metadata={"a": 1}, repo="acme/app")

    assert told.events == [
        (
            "task:log",
            {"message": "cloning", "metadata": {"a": 1, "repo": "acme/app"}},
            {"level": "info", "source": None, "stage": "plan"},
        )
    ]


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
def test_every_level_has_its_call(level: str) -> None:
    """The call's name is the level, and `log` takes it as text."""
    told = Told()
    getattr(TaskLogger(told), level)("x")
    TaskLogger(told).log(level, "x")

    first, second = told.events
    assert first == second
    assert first[2]["level"] == level


def test_a_source_makes_a_new_logger() -> None:
    """The one it was made from keeps its own; a call's own source wins."""
    told = Told()
    logger = TaskLogger(told)
    git = logger.with_source("git")
    for one, source in ((logger, None), (git, None), (git, "llm")):
        one.info("x", source=source)

    assert [envelope["source"] for _, _, envelope in told.events] == [None, "git", "llm"]


def test_progress_tells_how_far() -> None:
    """The percentage is given as it was said; clamping is the reader's."""
    told = Told()
    TaskLogger(told).progress("fetching", percent=40, objects=7)
    TaskLogger(told).progress("fetching")

    assert told.events[0][0] == "task:progress"
    assert told.events[0][1] == {"message": "fetching", "percent": 40, "metadata": {"objects": 7}}
    assert told.events[1][1] == {"message": "fetching"}


def test_a_message_may_be_anything() -> None:
    """A job that logs an object gets its text; metadata that is no mapping is kept."""
    told = Told()
    TaskLogger(told).error(ValueError("no"), metadata=["x"])  # type: ignore[arg-type]

    assert told.events[0][1] == {"message": "ValueError('no')", "metadata": {"metadata": ["x"]}}
