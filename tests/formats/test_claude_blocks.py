"""Content blocks of messages."""

from msgspec import Raw, json

from tasktrail.formats.claude_blocks import MOST_OPEN_TOOLS, Block, ToolNames, flat_text
from tests.support.importing import answer, only, said, translated, types_of


def test_blocks_of_every_kind_are_entries() -> None:
    """Thinking is there for who looks closely; a kind that is new is at least named."""
    thinking: dict[str, object] = {"type": "thinking", "thinking": "hm", "signature": "s"}
    record = answer(1, thinking, said("so"), {"type": "hologram", "x": 1})
    events = translated("claude_transcript", record)

    assert types_of(events)[1:4] == ["task:thinking", "task:output", "task:output"]
    assert [event["data"]["content"] for event in events[1:4]] == ["hm", "so", "[hologram]"]
    assert only(events, "task:thinking")[0]["level"] == "debug"


def test_content_of_parts_is_one_text() -> None:
    """Pictures are named where they stood; what is no list of parts stays as it is."""
    parts = [{"type": "text", "text": "a"}, {"type": "image", "source": {}}]

    assert flat_text(Raw(json.encode(parts))) == "a\n[image]"
    assert bytes(flat_text(Raw(b'{"odd":1}'))) == b'{"odd":1}'  # type: ignore[call-overload]
    assert flat_text(Raw(b"")) == ""


def test_calls_without_an_answer_do_not_pile_up() -> None:
    """A session that never ends holds a bounded number of names."""
    tools = ToolNames()
    for number in range(MOST_OPEN_TOOLS + 10):
        tools.called(Block(type="tool_use", id=str(number), name="Bash"))

    assert len(tools.names) == MOST_OPEN_TOOLS
    assert tools.answered(Block(tool_use_id="0")) is None
    assert tools.answered(Block(tool_use_id="11")) == "Bash"
