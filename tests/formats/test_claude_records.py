"""Single records of a transcript, each with its own meaning."""

import pytest

from tasktrail.formats.claude_records import worker_of
from tests.support.importing import claude, only, prompt, translated, types_of

FORM = "claude_transcript"


def one(record: object) -> dict[str, object]:
    """The last event of a file with that record alone, behind the worker's."""
    event: dict[str, object] = translated(FORM, record)[1]
    return event


@pytest.mark.parametrize(
    ("subtype", "level"),
    [("api_error", "warning"), ("error", "error"), ("turn_duration", "info"), ("news", "debug")],
)
def test_what_the_system_says_has_the_level_it_deserves(subtype: str, level: str) -> None:
    """Retries warn, errors are errors, unknown things are there for who looks closely."""
    event = one(claude("system", 1, subtype=subtype, durationMs=7))

    assert (event["type"], event["level"]) == (f"claude:system.{subtype}", level)


def test_an_unknown_record_is_kept_whole() -> None:
    """A type that nobody has told us about is an entry like others."""
    record = claude("never-seen", 1, news={"a": [1, 2]})
    event = one(record)

    assert event["type"] == "claude:never-seen"
    assert event["data"]["record"] == record  # type: ignore[index]


def test_output_that_each_progress_repeats_is_left_out_and_counted() -> None:
    """The rest of the record stays; a second of a long command does not cost its whole output."""
    progress = {"type": "bash_progress", "output": "z", "fullOutput": "x" * 90, "totalLines": 3}
    data = one(claude("progress", 1, data=progress))["data"]

    assert data["record"]["data"] == {"type": "bash_progress", "output": "z", "totalLines": 3}  # type: ignore[index]
    assert data["left_out"] == {"data.fullOutput": 92}  # type: ignore[index]


def test_a_copied_message_of_a_sub_agent_is_an_embedded_call() -> None:
    """It counts only where the sub-agent's own file is missing, so it says what it is."""
    usage = {"input_tokens": 1, "output_tokens": 2}
    copy = {"type": "assistant", "message": {"id": "m", "model": "c", "usage": usage}}
    progress = {"type": "agent_progress", "agentId": "ab", "message": copy}
    call = only(translated(FORM, claude("progress", 1, data=progress)), "task:api_call")[0]

    assert call["data"]["is_embedded"] is True
    assert call["worker_id"] == worker_of("0a1b2c3d", "ab")


def test_a_pull_request_is_told_to_the_task() -> None:
    """Its number stands where the task's summary looks for it."""
    data = one(claude("pr-link", 1, prNumber=7, prUrl="https://example.invalid/7"))["data"]

    assert (data["pr_number"], data["pr_url"]) == (7, "https://example.invalid/7")  # type: ignore[index]


def test_what_waits_in_the_queue_is_user_input() -> None:
    """Typed while the agent worked, or attached later: a person said it."""
    queued = claude("queue-operation", 1, operation="enqueue", content="and test it")
    attached = claude("attachment", 2, attachment={"type": "queued_command", "prompt": "hurry"})
    events = only(translated(FORM, queued, attached), "task:user_input")

    assert [event["data"]["content"] for event in events] == ["and test it", "hurry"]


def test_a_command_makes_a_readable_title() -> None:
    """The program wraps commands into tags; nobody wants to read those in a list."""
    text = "<command-name>/init</command-name>\n<command-args>now</command-args>"
    created = only(translated(FORM, prompt(1, text)), "task:created")[0]

    assert created["data"]["title"] == "/init now"


def test_an_old_record_tells_its_cost() -> None:
    """What the source reported is kept beside what will be computed."""
    message = {"id": "m", "model": "c", "content": [], "usage": {"output_tokens": 1}}
    events = translated(FORM, claude("assistant", 1, message=message, costUSD=0.25))

    assert only(events, "task:api_call")[0]["data"]["cost_usd"] == 0.25
    assert "claude:assistant" in types_of(events)


def test_fields_of_another_type_are_no_record() -> None:
    """It is taken for a broken line, not for a record without a time."""
    events = translated(FORM, claude("user", 1, timestamp=5))

    assert types_of(events) == ["import:broken_line"]
