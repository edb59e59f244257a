"""What the rooms below say on stderr."""

import logging
from collections.abc import Iterator

import pytest

from tasktrail.cli.logs import start_logging, start_talking


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """No test changes what the next one logs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_command_says_what_may_be_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings are lines of the program; what only interests a service is not said."""
    start_talking()
    logging.getLogger("tasktrail.x").warning("the newest events may be missing: %s", "x\n\x1b[2J")
    logging.getLogger("tasktrail.x").info("started")

    assert capsys.readouterr().err == (
        "tasktrail: the newest events may be missing: x\\n\\x1b[2J\n"
    )


def test_a_service_says_when_and_how_bad(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line has a time and a level, from the level that was set."""
    start_logging("INFO")
    logging.getLogger("tasktrail.x").info("started")
    logging.getLogger("tasktrail.x").debug("detail")
    said = capsys.readouterr().err

    assert said.endswith(" INFO started\n")
    assert said.count("\n") == 1


def test_the_libraries_chatter_is_not_ours(capsys: pytest.CaptureFixture[str]) -> None:
    """What the web server says of itself is heard from warnings up."""
    start_logging("INFO")
    logging.getLogger("uvicorn.error").info("Uvicorn running")
    logging.getLogger("uvicorn.error").warning("trouble")

    assert capsys.readouterr().err.count("\n") == 1
