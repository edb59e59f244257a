"""aider's history and analytics."""

from tasktrail.formats.aider import translate_history
from tasktrail.formats.translator import Problem, Source
from tests.support.importing import only, recognised, translated, types_of, whole

HISTORY = b"""
# aider chat started at 2024-08-05 19:33:02

> Aider v0.48
> Model: m

#### add a test
#### for it

Sure.

Here it is.

> Applied edit
# aider chat started at 2024-08-06 10:00:00

#### thanks
"""
CALL = {
    "event": "message_send",
    "properties": {"main_model": "m", "prompt_tokens": 9, "completion_tokens": 2, "cost": 0.01},
    "user_id": "u",
    "time": 1_755_100_406,
}


def test_each_session_is_a_task() -> None:
    """User, model and the program itself are told apart."""
    events = whole("aider", HISTORY, ".aider.chat.history.md")

    assert types_of(events) == [
        "task:log",
        "task:created",
        "task:user_input",
        "task:output",
        "task:log",
        "task:status",
    ]
    assert events[2]["data"]["content"] == "add a test\nfor it"
    assert events[3]["data"]["content"] == "\nSure.\n\nHere it is.".strip("\n")
    assert events[0]["task_id"] == "aider-2024-08-05_19_33_02"


def test_a_session_ends_where_the_next_begins() -> None:
    """The last one only when nothing was written for a day."""
    ended = only(whole("aider", HISTORY, is_quiet=True), "task:status")

    assert len({event["task_id"] for event in ended}) == 2


def test_bytes_that_are_no_text_are_replaced_and_told() -> None:
    """The rest of the history is imported."""
    found = list(translate_history(Source("a.md"), HISTORY + b"\xff"))

    assert next(one for one in found if isinstance(one, Problem)).offset == len(HISTORY)
    assert len(found) > 5


def test_analytics_tell_calls_with_their_own_cost() -> None:
    """The running total beside it is not added up."""
    launched = {"event": "launched", "properties": {}, "time": 1_755_100_400}
    events = translated("aider_analytics", launched, CALL, CALL)
    calls = [event["data"] for event in only(events, "task:api_call")]

    assert [(one["model"], one["input_tokens"], one["cost_usd"]) for one in calls] == [
        ("m", 9, 0.01),
        ("m", 9, 0.01),
    ]
    assert len({event["event_id"] for event in events}) == 3
    assert {event["task_id"] for event in events} == {"aider-2025-08-13T15_53_20"}


def test_an_exit_ends_the_session() -> None:
    """With its reason."""
    leave = {"event": "exit", "properties": {"reason": "EOF"}, "time": 1_755_100_500}
    end = translated("aider_analytics", CALL, leave)[-1]

    assert (end["type"], end["data"]["result"]) == ("task:completed", "EOF")


def test_both_files_are_recognised() -> None:
    """By a heading, or by the shape of the lines."""
    assert recognised(HISTORY, file="x.md") == "aider"
    assert recognised("# aider") is None
    assert recognised(CALL) == "aider_analytics"
