"""Gemini chats, as one object and in lines."""

from tests.support.importing import only, recognised, translated, types_of, whole

USER = {"id": "1", "type": "user", "content": "Hello", "timestamp": "2026-01-01T00:00:00Z"}
ANSWER = {
    "id": "2",
    "type": "gemini",
    "content": "Hi",
    "model": "g",
    "thoughts": [{"subject": "Greeting", "description": "be kind"}],
    "toolCalls": [{"id": "t", "name": "ls", "args": {}, "status": "error", "resultDisplay": "no"}],
    "tokens": {"input": 100, "cached": 70, "output": 5, "thoughts": 3, "tool": 2, "total": 110},
}
HEADER = {"sessionId": "s1", "projectHash": "h", "startTime": "2026-01-01T00:00:00Z"}


def test_a_chat_is_a_task() -> None:
    """Messages, thoughts and tools are its entries."""
    events = whole("gemini", HEADER | {"messages": [USER, ANSWER]})

    assert types_of(events) == [
        "worker:spawned",
        "gemini:chat",
        "task:created",
        "task:user_input",
        "task:output",
        "task:thinking",
        "task:tool_call",
        "task:tool_result",
        "task:api_call",
    ]
    assert {event["task_id"] for event in events} == {"s1"}
    assert events[5]["data"]["content"] == "Greeting: be kind"
    assert events[7]["data"]["is_error"] is True


def test_buckets_are_disjoint_and_add_up_to_the_total() -> None:
    """Cached tokens are inside the input, thoughts beside the output, tools a part of their own."""
    call = only(whole("gemini", HEADER | {"messages": [ANSWER]}), "task:api_call")[0]["data"]
    names = ("input_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens")

    assert [call[name] for name in names] == [32, 70, 5, 3]
    assert sum(call[name] for name in names) == 110
    assert call["call_id"] == "gemini:s1:2"


def test_a_chat_in_lines_says_the_same() -> None:
    """Newer versions append instead of writing the whole chat again."""
    lines = translated("gemini_lines", HEADER, USER, ANSWER)
    document = whole("gemini", HEADER | {"messages": [USER, ANSWER]})

    assert [one["event_id"] for one in lines] == [one["event_id"] for one in document]


def test_a_chat_that_is_written_anew_spawns_no_worker_again() -> None:
    """Only what is said of the whole is told again."""
    later = HEADER | {"lastUpdated": "2026-01-01T00:00:09Z", "messages": [USER, ANSWER]}
    before = {one["event_id"] for one in whole("gemini", HEADER | {"messages": [USER]})}
    more = [one for one in whole("gemini", later) if one["event_id"] not in before]

    assert types_of(more)[0] == "gemini:chat"
    assert "worker:spawned" not in types_of(more)


def test_chats_are_recognised_in_every_form() -> None:
    """On several lines, on one, or as lines."""
    assert recognised('{\n "sessionId": 1,\n "projectHash": 2,\n "messages": []\n}') == "gemini"
    assert recognised(HEADER | {"messages": []}) == "gemini"
    assert recognised(HEADER, USER) == "gemini_lines"


def test_what_the_program_says_is_a_log_entry() -> None:
    """An error has its level."""
    message = {"id": "3", "type": "error", "content": "quota"}
    event = whole("gemini", HEADER | {"messages": [message]})[-1]

    assert (event["type"], event["level"], event["data"]["message"]) == (
        "task:log",
        "error",
        "quota",
    )


def test_a_quiet_chat_is_over() -> None:
    """Nothing in the chat itself says so."""
    events = whole("gemini", HEADER | {"messages": [USER]}, is_quiet=True)

    assert events[-1]["data"]["inferred"] is True
