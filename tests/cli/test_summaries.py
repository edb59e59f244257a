"""What an entry says on its line."""

import pytest

from tasktrail.cli.summaries import details_of, message_of, who_of
from tests.cli.rows import decoded_row, row

CALL = {
    "model": "sonnet",
    "input_tokens": 1_000,
    "cache_read_tokens": 500,
    "output_tokens": 20,
    "cost_usd": 0.0345,
    "duration_ms": 1_200,
}


@pytest.mark.parametrize(
    ("event_type", "fields", "who", "message"),
    [
        ("task:log", {"data": {"message": "hi"}}, "system", "hi"),
        ("task:log", {"source": "git", "data": {"message": "hi"}}, "git", "hi"),
        ("task:thinking", {"data": {"content": "hm"}}, "thinking", "hm"),
        ("task:output", {"source": "coder", "data": {"content": "hm"}}, "coder", "hm"),
        ("task:started", {}, "started", ""),
        ("task:started", {"source": "engine"}, "engine", "started"),
        ("stage:started", {}, "stage", "started"),
        ("stage:failed", {"data": {"error": "red"}}, "stage", "failed red"),
        ("webhook:received", {}, "webhook", "received"),
        ("odd", {}, "odd", ""),
        (
            "task:tool_call",
            {"data": {"name": "Bash", "input": {"command": "ls"}}},
            "tool_call",
            'Bash {"command":"ls"}',
        ),
        ("task:tool_result", {"data": {"name": "B", "content": "x"}}, "tool_result", "B: x"),
        (
            "knowledge:result",
            {"data": {"query": "why", "results_count": 7, "query_time_ms": 12.5}},
            "knowledge",
            "result why (7 results in 12.5 ms)",
        ),
        (
            "task:api_call",
            {"data": CALL},
            "api_call",
            "sonnet, 1,500 in, 20 out, $0.0345, 1.2s",
        ),
        (
            "task:api_call",
            {"source": "agent", "data": {"model": "sonnet"}},
            "agent",
            "api_call sonnet",
        ),
    ],
)
def test_each_kind_says_what_matters(
    event_type: str, fields: dict[str, object], who: str, message: str
) -> None:
    """Whoever wrote it stands first; calls, results and events say what they are about."""
    one = row(1, event_type, **fields)

    assert (who_of(one), message_of(one)) == (who, message)


def test_a_call_says_only_what_is_known() -> None:
    """Figures that nobody reported are left out, not zero; a failed call says so."""
    bare = row(1, "task:api_call", data={"model": "m"})
    failed = row(1, "task:api_call", data={"success": False, "output_tokens": "many"})

    assert message_of(bare) == "m"
    assert message_of(failed) == "failed"


def test_an_event_without_a_message_shows_what_it_says() -> None:
    """Short values stand beside it, ids that the page shows elsewhere do not."""
    said = {
        "task_id": "gh-1",
        "session_id": "s-1",
        "status": "failed",
        "cost_usd": 0.5,
        "none": None,
    }

    assert details_of(row(1, "task:completed", data=said)) == ["status=failed", "cost_usd=0.5"]
    assert details_of(row(1, "webhook:received", data={"source": "github"})) == ["source=github"]
    assert details_of(row(1, "task:failed", data={"error": "boom", "code": 3})) == []


def test_a_log_entry_shows_its_metadata_whole() -> None:
    """Metadata is what the producer wanted to be seen: no value of it is shortened."""
    said = {"message": "m", "metadata": {"repo": "a" * 200, "n": [1, 2]}}

    assert details_of(row(1, "task:log", data=said)) == [f"repo={'a' * 200}", "n=[1,2]"]


def test_metadata_may_have_any_name() -> None:
    """A producer's `type` or `task_id` is shown, whatever the entry itself has of that name."""
    said = {"message": "m", "metadata": {"type": "invoice", "task_id": "other", "session_id": "s"}}

    assert details_of(row(1, "task:log", data=said)) == [
        "type=invoice",
        "task_id=other",
        "session_id=s",
    ]


def test_a_large_value_beside_an_event_is_told_by_its_size() -> None:
    """A whole webhook body does not stand on its line."""
    said = {"payload": {"a": "b" * 5_000}, "note": "n" * 99}

    assert details_of(row(1, "webhook:payload", data=said)) == [
        "payload=(5,008 characters)",
        f"note={'n' * 60}…",
    ]


def test_names_and_values_stay_on_their_line() -> None:
    """Neither a key nor a value can break out of its place."""
    assert details_of(row(1, "odd", data={"k\nk": "v\x07\n"})) == ["k\\nk=v\\x07\\n"]


@pytest.mark.parametrize(
    "event_type",
    ["task:tool_result", "knowledge:result", "webhook:received", "task:api_call", "task:completed"],
)
def test_a_server_s_answer_reads_the_same(event_type: str) -> None:
    """Rows out of the files and rows out of HTTP give the same text."""
    said = {"name": "Bash", "content": "ok", "query": "x", "results_count": 3, **CALL}
    local, remote = row(1, event_type, data=said), decoded_row(1, event_type, data=said)

    assert message_of(local) == message_of(remote)
    assert details_of(local) == details_of(remote)
