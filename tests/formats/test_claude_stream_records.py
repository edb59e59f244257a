"""Single records of a stream."""

import pytest

from tasktrail.formats.claude_stream_records import child_of, parse_record
from tests.support.importing import translated

INIT = {"type": "system", "subtype": "init", "session_id": "s1"}


def ended(**fields: object) -> dict[str, object]:
    """The data of the event that a result becomes."""
    record = {"type": "result", "session_id": "s1", "total_cost_usd": 0.1} | fields
    found: dict[str, object] = translated("claude_stream", INIT, record)[-1]["data"]
    return found


def test_an_end_tells_why() -> None:
    """The list of errors, else what was answered, else its kind."""
    assert ended(is_error=True, errors=["a", "b"])["error"] == ["a", "b"]
    assert ended(is_error=True, result="API Error")["error"] == "API Error"
    assert ended(subtype="error_max_turns")["error"] == "error_max_turns"
    assert "error" not in ended(result="fine")


def test_an_end_keeps_the_figures_of_each_model() -> None:
    """They hold what sub-agents used, which the run's own usage does not."""
    data = ended(modelUsage={"c": {"costUSD": 0.1}}, usage={"input_tokens": 4})

    assert data["model_usage"] == {"c": {"costUSD": 0.1}}
    assert data["input_tokens"] == 4


def test_the_older_name_of_the_cost_is_read() -> None:
    """Older versions called it `cost_usd`."""
    record = {"type": "result", "session_id": "s1", "cost_usd": 0.2}

    assert translated("claude_stream", INIT, record)[-1]["data"]["cost_usd"] == 0.2


@pytest.mark.parametrize(
    ("record", "level"),
    [
        ({"type": "error", "error": "x"}, "error"),
        ({"type": "system", "subtype": "api_retry"}, "warning"),
        ({"type": "stream_event"}, "debug"),
    ],
)
def test_other_records_have_the_level_they_deserve(record: dict[str, object], level: str) -> None:
    """Unknown ones are kept for who looks closely."""
    event = translated("claude_stream", INIT, record | {"session_id": "s1"})[-1]

    assert event["level"] == level


def test_a_child_is_named_by_its_tool_call() -> None:
    """Sessions share prefixes of no use; the call's id is unique."""
    assert child_of("0123456789", "t") == "01234567.t"
    assert child_of("0123456789", None) == "0123456789"
    assert parse_record(b'{"isReplay":true}').is_replay is True
