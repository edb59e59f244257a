"""The coordinator's files of model calls."""

from tests.support.importing import recognised, translated, types_of

FORM = "coordinator_api_call"
CALL = {
    "timestamp": "2026-01-02T03:04:05",
    "start_time": 1_755_100_406,
    "task_id": "gh-1",
    "worker_id": "w-1",
    "model": "m",
    "tokens_input": 10,
    "tokens_output": 3,
    "duration_seconds": 1.5,
    "estimated_cost_usd": 0.01,
    "success": True,
}


def test_a_line_is_a_call_of_its_worker() -> None:
    """Its time is the epoch beside the local one, which names no zone."""
    event = translated(FORM, CALL)[0]
    data = event["data"]

    assert (event["task_id"], event["worker_id"]) == ("gh-1", "w-1")
    assert event["timestamp"] == "2025-08-13T15:53:26.000000Z"
    assert (data["input_tokens"], data["output_tokens"], data["duration_ms"]) == (10, 3, 1500)
    assert (data["cost_usd"], data["record"]) == (0.01, CALL)


def test_the_documented_names_are_read_too() -> None:
    """And null is what nobody knew."""
    old = {"model": "m", "worker_id": "w", "prompt_tokens": 7, "completion_tokens": None}
    data = translated(FORM, old | {"cache_creation_tokens": 5})[0]["data"]

    assert (data["input_tokens"], data["cache_write_5m_tokens"]) == (7, 5)
    assert "output_tokens" not in data


def test_a_call_of_nobody_is_kept() -> None:
    """Without a task and a worker it is heard in the session of the unassigned."""
    event = translated(FORM, {"model": "m", "tokens_input": 1})[0]

    assert event["session_id"] == "unassigned"


def test_equal_lines_are_as_many_calls() -> None:
    """And the same file again has the same names for them."""
    first, again = translated(FORM, CALL, CALL), translated(FORM, CALL, CALL)

    assert len({event["event_id"] for event in first}) == 2
    assert first == again


def test_calls_are_recognised() -> None:
    """By tokens and who spent them; anything else in the file is broken."""
    assert recognised(CALL) == FORM
    assert recognised({"model": "m", "tokens_input": 1}) is None
    assert types_of(translated(FORM, {"x": 1})) == ["import:broken_line"]
