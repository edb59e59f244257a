"""The page of one task."""

import pytest

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.task_page import TaskPage
from tests.cli.readers import MemoryReader, connection_to
from tests.cli.test_stage_rows import stage


def page_of(reader: MemoryReader, url: str | None = None, *, raw: bool = False) -> None:
    """Write the page of gh-1, as a pipe gets it."""
    call = Invocation(data=None, server=None, as_json=False, color=None, raw=raw)
    TaskPage(call, connection_to(reader, url), reader.task("gh-1")).write()


def failed_task() -> MemoryReader:
    """A task whose first attempt failed in its test stage, and whose second did too."""
    reader = MemoryReader()
    reader.add("task:created", data={"title": "Fix login", "source": "github"})
    for attempt in (1, 2):
        reader.add("worker:spawned", attempt=attempt, worker_id=f"w-{attempt}")
        reader.add("stage:started", attempt=attempt, stage="plan")
        reader.add("stage:completed", attempt=attempt, stage="plan")
        reader.add("stage:started", attempt=attempt, stage="test")
        reader.add("task:log", level="error", source="pytest", data={"message": f"red {attempt}"})
        reader.add("stage:failed", attempt=attempt, stage="test", data={"error": "2 of 64 red"})
        reader.add(
            "task:completed",
            attempt=attempt,
            data={"status": "failed", "result": f"no luck {attempt}", "cost_usd": 0.25},
        )
    reader.stage_rows = [stage(), stage(stage="test", status="failed", attempt=2, error="2 red")]
    return reader


def test_a_failed_task_says_where_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    """Stages, attempts, cost, the error and the errors that led to it stand on one page."""
    page_of(failed_task())
    page = capsys.readouterr().out

    for piece in (
        "✕ failed  gh-1\n  Fix login\n",
        "origin   github\n",
        "cost     $0.50\n",
        "worker   w-2\n",
        "✓ completed  plan    12s    1,200     1    0  attempt 1\n",
        "✕ failed     test    12s    1,200     1    0  2 red\n",
        "✕ failed  attempt 1  6.0s  $0.25  no luck 1\n",
        "\nWHY IT FAILED\n  no luck 2\n",
        "pytest          red 2\n",
    ):
        assert piece in page


def test_a_result_is_shown_whole_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """What the task gave stands on its page, every line of it."""
    reader = MemoryReader()
    lines = [f"line {number}" for number in range(40)]
    reader.add("task:completed", data={"result": "\n".join(lines), "cost_usd": 0.1})
    page_of(reader)

    assert "\nRESULT\n" + "".join(f"  {line}\n" for line in lines) in capsys.readouterr().out


def test_a_result_cannot_pass_for_a_part_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines of a result are indented, so none of them looks like an address or a heading."""
    reader = MemoryReader()
    reader.add("task:completed", data={"result": "fine\n\nweb: http://evil.example/"})
    page_of(reader)

    assert "\nweb:" not in capsys.readouterr().out


def test_what_nobody_said_is_not_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """A task of one log entry has no cost of zero, no empty parts and no address."""
    reader = MemoryReader()
    reader.add("task:log", data={"message": "hi"})
    page_of(reader)
    page = capsys.readouterr().out

    assert "(no title)" in page
    for word in ("cost", "$", "STAGES", "RESULT", "FAILED", "web:", "None"):
        assert word not in page


def test_an_active_task_that_fell_silent_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside how long it has run; one that has ended says no such thing."""
    reader = MemoryReader()
    reader.add("task:started")
    page_of(reader)
    active = capsys.readouterr().out
    reader.add("task:completed")
    page_of(reader)

    assert "\nsilent for  " in active
    assert "silent for" not in capsys.readouterr().out


def test_the_page_names_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    """Behind a server, the page says where it is in the browser."""
    reader = MemoryReader()
    reader.add("task:log", data={"message": "hi"})
    page_of(reader, "http://127.0.0.1:8090")

    assert capsys.readouterr().out.endswith("\nweb: http://127.0.0.1:8090/t/gh-1\n")


@pytest.mark.parametrize("raw", [False, True])
def test_a_result_cannot_act_on_the_terminal_unless_asked(
    capsys: pytest.CaptureFixture[str], *, raw: bool
) -> None:
    """Escape sequences in results are spelled out; --raw lets them through."""
    reader = MemoryReader()
    reader.add("task:completed", data={"result": "\x1b[2Jgone", "title": "\x1b]0;x\x07"})
    page_of(reader, raw=raw)
    page = capsys.readouterr().out

    assert ("\x1b[2Jgone" in page) is raw
    assert ("\\x1b[2Jgone" in page) is not raw
    assert "\x1b]" not in page


def test_a_result_of_an_earlier_attempt_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """What a failed attempt did not give is not passed off as its result."""
    reader = MemoryReader()
    reader.add("task:completed", timestamp="2026-02-14T10:00:00Z", data={"result": "fine"})
    reader.add("worker:spawned", attempt=2, worker_id="w-2")
    reader.add("task:failed", attempt=2, timestamp="2026-02-14T10:00:00Z", data={"error": "boom"})
    page_of(reader)
    page = capsys.readouterr().out

    assert "\nRESULT OF ATTEMPT 1\n  fine\n" in page
    assert "\nRESULT\n" not in page


def test_the_result_is_the_latest_attempt_s(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where both ended within the same second."""
    reader = MemoryReader()
    for attempt in (1, 2):
        reader.add("worker:spawned", attempt=attempt, worker_id=f"w-{attempt}")
        said = {"result": f"fine {attempt}"}
        reader.add("task:completed", timestamp="2026-02-14T10:00:00Z", data=said)
    page_of(reader)

    assert "\nRESULT\n  fine 2\n" in capsys.readouterr().out


def test_how_long_it_took_is_what_its_producer_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The times of the entries say only when they were sent."""
    reader = MemoryReader()
    reader.add("task:started")
    reader.add("task:completed", data={"duration_seconds": 77.5, "result": "fine"})
    page_of(reader)

    assert "1m18s\n" in capsys.readouterr().out
