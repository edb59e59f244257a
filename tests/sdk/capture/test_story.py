"""What a trail is told of a command: its beginning, its end and why."""

import resource
import signal
from collections.abc import Sequence

import pytest

from tasktrail.sdk.capture.child import Ended
from tasktrail.sdk.capture.story import Ending, StageStory, TaskStory, Verdict, command_text
from tests.support.outboxes import Told

USAGE = resource.getrusage(resource.RUSAGE_CHILDREN)
COMMAND = ("make", "all the things")


def ending(
    code: int | None = 0,
    *,
    killed_by: signal.Signals | None = None,
    asked_by: signal.Signals | None = None,
    last_words: str = "",
    verdict: Verdict | None = None,
) -> Ending:
    """The end of a command, as it was seen."""
    ended = Ended(code, killed_by, asked_by, 1.5, 1_700_000_000_000_000, USAGE)
    return Ending(ended, 4096, killed_by == signal.SIGKILL, last_words, verdict)


def test_a_command_is_a_task_and_its_worker(told: Told) -> None:
    """So that running it again after its end opens a new attempt."""
    story = TaskStory(told.client.send, "gh-1", COMMAND)
    story.begins(42)
    story.ends(ending())
    created, spawned, _, done, completed = told.events

    assert told.types() == [
        "task:created",
        "worker:spawned",
        "task:started",
        "worker:completed",
        "task:completed",
    ]
    assert created["data"] == {"title": "make 'all the things'", "source": "run"}
    assert (spawned["data"]["pid"], spawned["data"]["command"]) == (42, list(COMMAND))
    assert spawned["worker_id"] == done["worker_id"]
    assert completed["timestamp"] == "2023-11-14T22:13:20.000000Z"
    assert completed["data"]["status"] == "completed"
    assert (completed["data"]["exit_code"], completed["data"]["duration_seconds"]) == (0, 1.5)
    assert completed["data"]["peak_memory_bytes"] == 4096


@pytest.mark.parametrize(
    ("end", "kind", "status", "error"),
    [
        (ending(2, last_words="No rule"), "task:failed", "failed", "exit code 2: No rule"),
        (
            ending(None, killed_by=signal.SIGSEGV),
            "task:failed",
            "failed",
            "killed by SIGSEGV",
        ),
        (
            ending(None, killed_by=signal.SIGKILL),
            "task:failed",
            "failed",
            "killed by SIGKILL, out of memory",
        ),
        (
            ending(None, killed_by=signal.SIGINT, asked_by=signal.SIGINT),
            "task:completed",
            "cancelled",
            "killed by SIGINT",
        ),
        (ending(7, asked_by=signal.SIGTERM), "task:completed", "cancelled", "exit code 7"),
    ],
)
def test_why_it_did_not_end_well(
    told: Told, end: Ending, kind: str, status: str, error: str
) -> None:
    """Its code or signal and its last words; ended by somebody's wish, it is cancelled."""
    TaskStory(told.client.send, "gh-1", COMMAND).ends(end)
    last = told.events[-1]

    assert (last["type"], last["data"]["status"], last["data"]["error"]) == (kind, status, error)


def test_what_the_command_says_of_its_end_is_believed_when_it_fits(told: Told) -> None:
    """Its figures are kept; a failure that it reports is one, whatever its exit code."""
    verdict = Verdict(is_failure=True, said={"error": "max turns", "cost_usd": 0.5})
    TaskStory(told.client.send, "gh-1", COMMAND).ends(ending(verdict=verdict))
    said = told.events[-1]["data"]

    assert told.types()[-1] == "task:failed"
    assert (said["error"], said["cost_usd"], said["exit_code"]) == ("max turns", 0.5, 0)


def test_a_reported_success_does_not_hide_a_crash(told: Told) -> None:
    """The exit code has the last word."""
    verdict = Verdict(is_failure=False, said={"status": "completed", "result": "done"})
    TaskStory(told.client.send, "gh-1", COMMAND).ends(ending(1, verdict=verdict))
    said = told.events[-1]["data"]

    assert (said["status"], said["result"]) == ("failed", "done")
    assert said["error"] == "exit code 1, although it had reported success"


def test_a_command_that_cannot_run_is_a_task_that_failed(told: Told) -> None:
    """With the reason."""
    error = FileNotFoundError(2, "No such file or directory")
    TaskStory(told.client.send, "gh-1", COMMAND).cannot_begin(error)

    assert told.types()[-2:] == ["worker:failed", "task:failed"]
    assert told.events[-1]["data"]["error"] == "cannot be run: No such file or directory: make"


@pytest.mark.parametrize(
    ("end", "last"), [(ending(), "stage:completed"), (ending(3), "stage:failed")]
)
def test_a_command_inside_of_a_task_is_a_stage(told: Told, end: Ending, last: str) -> None:
    """It does not tell the task's life: somebody else does."""
    story = StageStory(told.client.send, "gh-1", ["/usr/bin/make", "all"])
    story.begins(42)
    story.ends(end)

    assert told.types() == ["stage:started", last]
    assert {event["stage"] for event in told.events} == {"make"}


def test_a_stage_that_cannot_run_failed(told: Told) -> None:
    """Begun and failed at once."""
    StageStory(told.client.send, "gh-1", ["nothing"]).cannot_begin(PermissionError(13, "denied"))

    assert told.types() == ["stage:started", "stage:failed"]


@pytest.mark.parametrize(
    ("command", "text"), [(["a", "b c"], "a 'b c'"), (["sh", "-c", "x\ny"], "sh -c 'x y'")]
)
def test_a_command_is_shown_as_one_would_type_it(command: Sequence[str], text: str) -> None:
    """On one line."""
    assert command_text(command) == text
