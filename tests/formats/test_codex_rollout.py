"""Codex rollouts: a session in lines."""

from tests.support.importing import (
    Event,
    feed,
    only,
    opened,
    quiet,
    recognised,
    resumed,
    translated,
    types_of,
)

FORM = "codex"
META = {"type": "session_meta", "payload": {"id": "s1", "cwd": "/w", "cli_version": "1"}}


def event(kind: str, **payload: object) -> dict[str, object]:
    """An event of the program."""
    told = {"type": kind, **payload}
    return {"timestamp": "2026-01-01T00:00:00Z", "type": "event_msg", "payload": told}


def item(kind: str, **payload: object) -> dict[str, object]:
    """An item of the conversation."""
    told = {"type": kind, **payload}
    return {"timestamp": "2026-01-01T00:00:00Z", "type": "response_item", "payload": told}


def tokens(total: int, last: int, *, cached: int = 0, reasoning: int = 0) -> dict[str, object]:
    """A token count; the model said ten tokens each time."""
    used = {
        "cached_input_tokens": cached,
        "output_tokens": 10,
        "reasoning_output_tokens": reasoning,
    }
    info = {
        "total_token_usage": used | {"input_tokens": total, "total_tokens": total},
        "last_token_usage": used | {"input_tokens": last},
    }
    return event("token_count", info=info)


def calls(events: list[Event]) -> list[dict[str, object]]:
    """The data of the model calls."""
    return [one["data"] for one in only(events, "task:api_call")]


def test_a_session_is_a_task() -> None:
    """Prompt, answer, tool and result are its entries."""
    events = translated(
        FORM,
        META,
        event("user_message", message="List the files"),
        item("function_call", name="shell", call_id="c1", arguments='{"command":["ls"]}'),
        item("function_call_output", call_id="c1", output="Exit code: 1\nno"),
        item("message", role="assistant", content=[{"type": "output_text", "text": "None."}]),
    )

    assert types_of(events) == [
        "worker:spawned",
        "codex:session_meta",
        "task:created",
        "task:user_input",
        "task:tool_call",
        "task:tool_result",
        "task:output",
    ]
    assert {one["task_id"] for one in events} == {"s1"}
    result = only(events, "task:tool_result")[0]["data"]
    assert (result["name"], result["is_error"]) == ("shell", True)


def test_buckets_are_taken_apart() -> None:
    """Input holds the cached tokens, output the reasoning: ours hold neither."""
    call = calls(translated(FORM, META, tokens(100, 100, cached=60, reasoning=4)))[0]

    assert (call["input_tokens"], call["cache_read_tokens"]) == (40, 60)
    assert (call["output_tokens"], call["reasoning_tokens"]) == (6, 4)


def test_a_repeated_count_is_no_call() -> None:
    """The running total tells whether the model was called again, also over two readings."""
    translator = opened(FORM, META)
    first = calls(feed(translator, META, tokens(100, 100), tokens(100, 100)))
    again = calls(feed(resumed(FORM, translator), tokens(100, 100), tokens(150, 50)))

    assert (len(first), len(again)) == (1, 1)


def test_a_count_without_figures_is_no_call() -> None:
    """`info` may be null."""
    assert calls(translated(FORM, META, event("token_count", info=None))) == []


def test_a_forked_session_gives_copied_calls_their_first_name() -> None:
    """So that they are counted once over both files."""
    parent = {"type": "session_meta", "payload": {"id": "s0"}}
    forked = calls(translated(FORM, META, parent, tokens(100, 100)))
    first = calls(translated(FORM, parent, tokens(100, 100)))

    assert forked[0]["call_id"] == first[0]["call_id"]


def test_a_quiet_session_ends_as_its_last_turn_did() -> None:
    """A turn that was never ended was broken off."""
    prompted = event("user_message", message="go")
    for records, status in (
        ((META, prompted, event("task_started"), event("task_complete")), "completed"),
        ((META, prompted, event("task_started")), "cancelled"),
    ):
        translator = opened(FORM, META, is_quiet=True)
        feed(translator, *records)

        assert [one["data"]["status"] for one in quiet(translator)] == [status]
        assert types_of(feed(translator, event("task_started")))[0] == "worker:spawned"


def test_rollouts_are_recognised_by_their_payloads() -> None:
    """Whatever the file is called; without a first line, the file's name is the session."""
    assert recognised(META) == FORM
    orphan = translated(FORM, event("error", message="x"), file="rollout-2026-x.jsonl")
    assert orphan[0]["task_id"] == "2026-x"
