"""Single actions and observations of OpenHands."""

import json

from tasktrail.formats.documents import Teller
from tasktrail.formats.events import Owner
from tasktrail.formats.openhands_events import first_events, history_events
from tests.support.importing import Event, only, types_of

TELLER = Teller(Owner.of("t"), "openhands", "oh:t")
MESSAGE = {"action": "message", "args": {"content": "Go"}, "source": "user"}


def told(*history: object) -> list[Event]:
    """The events of a history."""
    return [json.loads(one.blob) for one in history_events(TELLER, list(history))]


def test_older_histories_are_pairs() -> None:
    """An action and what it led to."""
    run = {"action": "run", "args": {"command": "ls"}}
    events = told([MESSAGE, {"observation": "null"}], [run, {"observation": "run", "content": "a"}])

    assert types_of(events) == [
        "task:created",
        "task:user_input",
        "openhands:null",
        "task:tool_call",
        "task:tool_result",
    ]


def test_a_call_is_told_by_the_action_it_led_to() -> None:
    """Prompt tokens hold the cached ones."""
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "cache_creation_input_tokens": 10,
        "prompt_tokens_details": {"cached_tokens": 60},
    }
    answer = {"id": "chat-1", "model": "m", "usage": usage}
    action = {"action": "run", "tool_call_metadata": {"model_response": answer}}
    call = only(told(action), "task:api_call")[0]["data"]

    assert (call["call_id"], call["input_tokens"]) == ("chat-1", 30)
    assert (call["cache_read_tokens"], call["cache_write_5m_tokens"]) == (60, 10)


def test_exit_codes_make_errors() -> None:
    """Wherever they stand; minus one means that it still runs."""
    codes = [
        {"observation": "run", "extras": {"metadata": {"exit_code": 2}}},
        {"observation": "run", "extras": {"exit_code": 0}},
        {"observation": "run", "extras": {"exit_code": -1}},
        {"observation": "error", "content": "x"},
    ]

    assert [one["data"]["is_error"] for one in told(*codes)] == [True, False, False, True]


def test_thoughts_and_words_are_told_apart() -> None:
    """Thinking is for who looks closely."""
    events = told(
        MESSAGE,
        {"action": "think", "args": {"thought": "hm"}},
        {"action": "message", "args": {"content": "Hello"}, "source": "agent"},
        {"action": "change_agent_state", "args": {}},
    )

    assert types_of(events)[2:] == [
        "task:thinking",
        "task:output",
        "openhands:change_agent_state",
    ]


def test_a_history_is_known_by_its_first_item() -> None:
    """An event, or a pair of them."""
    assert first_events([MESSAGE])
    assert first_events([[MESSAGE, {}]])
    assert not first_events([{"role": "user"}])
    assert not first_events(None)
