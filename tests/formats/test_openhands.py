"""Results and event lists of OpenHands."""

from tests.support.importing import Event, recognised, translated, types_of, whole

MESSAGE = {"action": "message", "content": "Add a licence"}
RUN = {"action": "run", "command": "ls"}
OUTPUT = {"observation": "run", "content": "a.txt", "extras": {"exit_code": 1}}


def result(**fields: object) -> list[Event]:
    """The events of a line."""
    return translated("openhands_results", {"instance_id": "i-1", "history": [MESSAGE]} | fields)


def test_a_line_is_a_task() -> None:
    """Its history is the entries, its end the result with what it cost."""
    events = result(history=[MESSAGE, RUN, OUTPUT], metrics={"accumulated_cost": 0.25})

    assert types_of(events) == [
        "task:created",
        "task:user_input",
        "task:tool_call",
        "task:tool_result",
        "task:completed",
    ]
    assert {event["task_id"] for event in events} == {"i-1"}
    assert events[-1]["data"]["cost_usd"] == 0.25


def test_a_result_that_was_no_success_is_a_failure() -> None:
    """Whether it says so, or tells an error."""
    assert types_of(result(success=False))[-1] == "task:failed"
    assert types_of(result(error="stuck"))[-1] == "task:failed"


def test_an_issue_names_its_task() -> None:
    """The resolver tells no instance but an issue."""
    issue = {"owner": "o", "repo": "r", "number": 5, "title": "T"}
    events = translated("openhands_results", {"issue": issue, "history": [MESSAGE]})

    assert events[0]["task_id"] == "o-r-5"
    assert events[-1]["data"]["title"] == "T"


def test_a_list_of_events_is_a_task_of_its_files_name() -> None:
    """It ends when the agent finished."""
    finish = {"id": 2, "action": "finish", "source": "agent", "message": "Done"}
    events = whole("openhands", [MESSAGE | {"source": "user"}, finish], "run.json")

    assert {event["task_id"] for event in events} == {"run"}
    assert types_of(events)[-1] == "task:completed"


def test_a_line_without_a_history_is_broken() -> None:
    """It is kept as such."""
    assert types_of(translated("openhands_results", {"instance_id": "i"})) == ["import:broken_line"]


def test_both_forms_are_recognised() -> None:
    """Also a line that is longer than what is looked at."""
    assert recognised({"instance_id": "i", "history": [MESSAGE]}) == "openhands_results"
    assert recognised('[\n {"id": 0, "source": "user", "action": "message"}]') == "openhands"
    long = b'{"instance_id":"i","instruction":"x","history":[{"action":"' + b"x" * 90_000
    assert recognised(long) == "openhands_results"
