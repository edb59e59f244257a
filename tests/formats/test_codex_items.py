"""Single lines of a rollout."""

import pytest
from msgspec import Raw

from tasktrail.errors import InvalidEvent
from tasktrail.formats.codex_items import parse_line, text_of
from tests.support.importing import translated

META = {"type": "session_meta", "payload": {"id": "s1"}}


def one(kind: str, payload: dict[str, object]) -> dict[str, object]:
    """The last event of a rollout that ends with that line."""
    found: dict[str, object] = translated("codex", META, {"type": kind, "payload": payload})[-1]
    return found


def test_contents_of_every_shape_are_text() -> None:
    """A string, one part, several parts."""
    assert text_of(Raw(b'"a"')) == "a"
    assert text_of(Raw(b'{"type":"input_text","text":"b"}')) == "b"
    assert text_of(Raw(b'[{"type":"t","text":"c"},{"type":"image"}]')) == "c\n[image]"
    assert text_of(Raw(b"")) == ""


@pytest.mark.parametrize(
    ("output", "is_error"),
    [
        ("Exit code: 0\nfine", False),
        ("Exit code: 2\nbad", True),
        ("Process exited with code 127", True),
        ('{"output":"x","metadata":{"exit_code":1}}', True),
        ("nothing said", False),
    ],
)
def test_a_failed_command_is_told_by_its_exit_code(output: str, *, is_error: bool) -> None:
    """There is no field for it; the output says it in one of three ways."""
    event = one("response_item", {"type": "function_call_output", "output": output})

    assert event["data"]["is_error"] is is_error  # type: ignore[index]


def test_reasoning_is_thinking_where_it_can_be_read() -> None:
    """Mostly it is encrypted: then there is nothing to show but the record."""
    summary = [{"type": "summary_text", "text": "I should look"}]

    assert (
        one("response_item", {"type": "reasoning", "summary": summary})["type"] == "task:thinking"
    )
    assert one("response_item", {"type": "reasoning", "summary": []})["type"] == "codex:reasoning"


def test_a_name_is_a_title() -> None:
    """The user may name a thread at any time."""
    event = one("event_msg", {"type": "thread_name_updated", "thread_name": "Login"})

    assert (event["type"], event["data"]["title"]) == ("task:titled", "Login")  # type: ignore[index]


def test_a_line_of_other_types_is_none_of_the_format() -> None:
    """It is taken for a broken line."""
    with pytest.raises(InvalidEvent, match="a line of a rollout"):
        parse_line(b'{"type":"x","payload":5}')
