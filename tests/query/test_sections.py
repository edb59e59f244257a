"""A whole task in sections."""

from pathlib import Path

import msgspec
import pytest

from tasktrail.query.reader import Reader
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of


def sections(trails: Trails) -> dict[str, object]:
    """The sections as a client reads them."""
    reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
    answer: dict[str, object] = msgspec.json.decode(msgspec.json.encode(reader.sections("gh-1")))
    return answer


def test_only_sections_with_something_in_them_are_there(tmp_path: Path) -> None:
    """In the order of a task's life, each under the name that the first design gave it."""
    with Trails(tmp_path) as trails:
        trails.record(
            event_bytes("task:created", data={"input_message": "do it"}),
            event_bytes("task:output", data={"content": "done"}),
            event_bytes("task:completed", data={"result": "ok"}),
            trails.log("a"),
        )
        found = sections(trails)

        assert list(found) == [
            "task_id",
            "metadata",
            "input",
            "agent_output",
            "final_result",
            "log",
            "events",
        ]
        assert found["input"] == {"message": "do it"}
        assert found["final_result"]["success"] is True  # type: ignore[index]


def test_lines_are_answered_as_they_stand(tmp_path: Path) -> None:
    """Byte for byte, with all their keys."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:output", data={"content": "a", "odd": [1.50, None]}))
        reader = Reader(trails.layout, trails.root, trails.index)
        stored = trails.layout.channel(key_of(), "agent_output").read_bytes()

        assert stored.rstrip() in msgspec.json.encode(reader.sections("gh-1"))


def test_documents_are_as_new_as_the_entries(tmp_path: Path) -> None:
    """What was written later than the files on disk is folded in."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:created", data={"title": "T", "extra": "kept"}))
        trails.record(trails.log("a"), trails.log("b"))
        metadata = trails.layout.document(key_of(), "metadata")
        old = metadata.read_bytes()
        trails.record(event_bytes("task:failed", data={"error": "why"}))
        metadata.write_bytes(old)
        for document in ("input", "final_result"):
            trails.layout.document(key_of(), document).unlink(missing_ok=True)
        found = sections(trails)

        assert found["metadata"]["status"] == "failed"  # type: ignore[index]
        assert found["metadata"]["extra"] == "kept"  # type: ignore[index]
        assert found["metadata"]["counts"]["entries"] == 4  # type: ignore[index]
        assert found["final_result"]["error"] == "why"  # type: ignore[index]


@pytest.mark.parametrize("harm", [b"", b"{", b"[]"])
def test_a_document_that_cannot_be_read_is_made_anew(tmp_path: Path, harm: bytes) -> None:
    """The entries say what it said."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:created", data={"title": "T"}))
        whole = sections(trails)
        trails.layout.document(key_of(), "metadata").write_bytes(harm)

        assert sections(trails) == whole


def test_what_is_not_recorded_is_not_in_any_section(tmp_path: Path) -> None:
    """Documents and channels end at the same entry."""
    with Trails(tmp_path) as trails:
        trails.record(
            event_bytes("task:created"), event_bytes("task:output", data={"content": "a"})
        )
        before = sections(trails)
        trails.record(
            event_bytes("task:failed", data={"error": "x"}),
            event_bytes("task:output", data={"content": "b"}),
            move_checkpoint=False,
        )

        assert sections(trails) == before
        assert "final_result" not in before


def test_searches_by_tools_are_shown_as_knowledge(tmp_path: Path) -> None:
    """They stay in the output, and stand among the interactions marked as derived, in order."""
    with Trails(tmp_path) as trails:
        name = "mcp__llamaindex__search"
        trails.record(
            event_bytes("task:tool_call", data={"name": name, "input": {"q": "a"}}),
            event_bytes("knowledge:query", data={"query": "b"}),
            event_bytes("task:tool_result", data={"name": name, "content": "c", "is_error": False}),
            event_bytes("task:tool_call", data={"name": "Bash", "input": {}}),
        )
        found = sections(trails)
        shown = [
            (row["seq"], row["type"], row.get("derived", False))
            for row in found["knowledge_interactions"]  # type: ignore[attr-defined]
        ]

        assert shown == [(1, "query", True), (2, "query", False), (3, "result", True)]
        assert found["knowledge_interactions"][0]["input"] == {"q": "a"}  # type: ignore[index]
        assert found["knowledge_interactions"][2]["content"] == "c"  # type: ignore[index]
        assert len(found["agent_output"]) == 3  # type: ignore[arg-type]


def test_a_bad_line_costs_itself(tmp_path: Path) -> None:
    """The answer stays JSON and UTF-8."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log(text) for text in ("a", "XX", "c", "d")))
        path = trails.layout.channel(key_of(), "log")
        lines = path.read_bytes().splitlines()
        lines[1] = lines[1].replace(b"XX", b"\xff\xfe")
        lines[2] = b"\0" * len(lines[2])
        path.write_bytes(b"\n".join(lines) + b"\n")
        found = sections(trails)

        assert [row["message"] for row in found["log"]] == ["a", "d"]  # type: ignore[attr-defined]
