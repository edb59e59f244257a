"""An agent's protocol on stdout becomes what the agent did; anything else stays text."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasktrail.cli.agent_output import MOST_TRIES, AgentOutput

AT = 1_700_000_000_000_000
INIT = {"type": "system", "subtype": "init", "session_id": "s-1", "model": "m", "uuid": "u-1"}


def line(**record: Any) -> bytes:  # noqa: ANN401 - JSON is anything
    """A line of the protocol."""
    return json.dumps({"session_id": "s-1", **record}).encode()


def result(**said: Any) -> bytes:  # noqa: ANN401 - as above
    """A run's last line."""
    return line(type="result", subtype="success", is_error=False, **said)


def told(agent: AgentOutput, *lines: bytes) -> list[dict[str, Any]]:
    """The events of these lines."""
    return [json.loads(event) for one in lines for event in agent.take(one, AT) or ()]


def test_an_agent_s_events_are_the_task_s() -> None:
    """With the task's id, and the time at which they came."""
    text = {"id": "m-1", "model": "m", "content": [{"type": "text", "text": "hello"}]}
    message = {**text, "usage": {"input_tokens": 3, "output_tokens": 4}}
    events = told(
        AgentOutput("gh-1"), json.dumps(INIT).encode(), line(type="assistant", message=message)
    )
    kinds = [event["type"] for event in events]

    assert {event["task_id"] for event in events} == {"gh-1"}
    assert all(event["timestamp"] == "2023-11-14T22:13:20.000000Z" for event in events)
    assert not any("timestamp_is_estimated" in event for event in events)
    assert {"task:started", "task:output", "task:api_call"} <= set(kinds)


def test_its_end_is_told_as_figures_and_waits_for_the_command_s() -> None:
    """A task has one end, and who runs the command knows it best."""
    agent = AgentOutput("gh-1")
    events = told(agent, json.dumps(INIT).encode(), result(result="Done", total_cost_usd=0.5))

    kinds = [event["type"] for event in events]
    assert kinds.count("task:metrics") == 1
    assert not {"task:completed", "task:failed"} & set(kinds)
    assert agent.verdict is not None
    assert not agent.verdict.is_failure
    assert (agent.verdict.said["result"], agent.verdict.said["cost_usd"]) == ("Done", 0.5)


def test_a_failure_that_calls_itself_success_is_one() -> None:
    """`is_error` decides."""
    agent = AgentOutput("gh-1")
    told(agent, line(type="result", subtype="success", is_error=True, result="API Error: 529"))

    assert agent.verdict is not None
    assert agent.verdict.is_failure
    assert agent.verdict.said["error"] == "API Error: 529"


def test_several_turns_add_up() -> None:
    """Each result tells its own share; the last one's words count."""
    agent = AgentOutput("gh-1")
    told(
        agent,
        result(result="one", total_cost_usd=0.5, usage={"input_tokens": 10, "output_tokens": 1}),
        result(result="two", total_cost_usd=0.75, usage={"input_tokens": 20, "output_tokens": 2}),
    )

    assert agent.verdict is not None
    assert agent.verdict.said["result"] == "two"
    assert (agent.verdict.said["cost_usd"], agent.verdict.said["input_tokens"]) == (0.75, 30)


@pytest.mark.parametrize(
    "text",
    [
        b"hello",
        b'{"message": "a log line of JSON"}',
        b'{"session_id": 1}',
        b'{"session_id": "s", "type": ',
        b'[{"type": "system", "session_id": "s"}]',
        b'say {"type": "system", "session_id": "s"}',
    ],
)
def test_other_output_is_text(text: bytes) -> None:
    """Also where it is JSON."""
    agent = AgentOutput("gh-1")

    assert agent.take(text, AT) is None
    assert agent.verdict is None


def test_text_between_the_records_stays_text() -> None:
    """What else the command prints, before and after."""
    agent = AgentOutput("gh-1")
    taken = [agent.take(one, AT) for one in (b"starting", json.dumps(INIT).encode(), b"warning")]

    assert [one is None for one in taken] == [True, False, True]


def test_a_command_that_is_no_agent_is_soon_left_alone() -> None:
    """So that a flood of lines costs nothing more."""
    agent = AgentOutput("gh-1")
    for _ in range(MOST_TRIES):
        agent.take(b"x", AT)

    assert not agent.is_at_work


def test_recorded_streams_are_understood(samples: Path) -> None:
    """Every line of real runs."""
    for path in sorted((samples / "stream_json").rglob("*.jsonl")):
        agent = AgentOutput("gh-1")
        lines = [one for one in path.read_bytes().splitlines() if one.strip()]
        taken = [agent.take(one, AT) for one in lines]

        assert sum(one is None for one in taken) <= 1, path
