"""Task directories of the services before."""

import json

from msgspec.structs import replace

from tasktrail.formats.task_directories import translate_directory
from tasktrail.formats.translator import Problem, Source
from tests.support.importing import Event, lines_of, only, recognised, types_of

METADATA = {"task_id": "t-1", "created_at": "2026-01-01T00:00:00Z", "source": "github"}


def source(**files: object) -> Source:
    """A directory with these files, whose names have `__` for the number's dash."""
    named = {}
    for name, records in files.items():
        number, _, kind = name[1:].partition("_")
        name_of = f"{number}-{kind.replace('_', '-')}.json"
        if isinstance(records, list):
            named[f"{name_of}l"] = lines_of(*records)
        else:
            named[name_of] = json.dumps(records).encode()
    return Source("metadata.json", parents=("2026-01-01_x_t-1",), siblings=named)


def told(**files: object) -> list[Event]:
    """The events of the directory."""
    found = translate_directory(source(**files), json.dumps(METADATA).encode())
    return [json.loads(one.blob) for one in found if not isinstance(one, Problem)]


def test_todays_names_are_read() -> None:
    """Lines of several files stand in the order of their times."""
    events = told(
        _01_input={"message": "Fix"},
        _03_webhook_flow=[{"timestamp": "2", "stage": "received", "data": {"x": 1}}],
        _04_agent_output=[
            {"timestamp": "1", "type": "output", "content": "a"},
            {"timestamp": "3", "type": "tool_call", "tool_name": "ls", "tool_input": "{}"},
        ],
        _06_final_result={"success": False, "error": "no", "metrics": {"cost_usd": 0.5}},
    )

    assert types_of(events) == [
        "task:created",
        "task:output",
        "webhook:received",
        "task:tool_call",
        "task:failed",
    ]
    assert {event["task_id"] for event in events} == {"t-1"}
    assert events[0]["data"]["input_message"] == "Fix"
    assert (events[-1]["data"]["error"], events[-1]["data"]["cost_usd"]) == ("no", 0.5)


def test_the_first_generation_is_read() -> None:
    """Other numbers, flat webhook lines, other names of stages and keys."""
    events = told(
        _02_webhook_flow=[{"timestamp": "1", "stage": "command_matching", "command": "fix"}],
        _03_agent_output=[{"timestamp": "2", "type": "tool_call", "tool": "ls", "params": {}}],
        _03_user_inputs=[{"timestamp": "3", "type": "user_response", "content": "yes"}],
        _04_final_result={"success": True, "result": "ok"},
    )

    assert types_of(events)[1:] == [
        "webhook:matched",
        "task:tool_call",
        "task:user_input",
        "task:completed",
    ]
    assert events[1]["data"]["command"] == "fix"


def test_a_bad_line_costs_that_line() -> None:
    """It is told with its bytes; a torn document costs only itself."""
    torn = source(_04_agent_output=["{torn", {"type": "output", "content": "a"}])
    problems = [one for one in translate_directory(torn, b"{torn") if isinstance(one, Problem)]
    kept = [one for one in translate_directory(torn, b"{torn") if not isinstance(one, Problem)]

    named = [(one.file, one.raw) for one in problems]
    assert named == [("metadata.json", b"{torn"), ("04-agent-output.jsonl", b"{torn")]
    assert [json.loads(one.blob)["type"] for one in kept] == [
        "task:created",
        "task:output",
        "import:broken_line",
        "import:broken_line",
    ]


def test_numbers_that_json_does_not_have_cost_nothing() -> None:
    """The services before wrote NaN: the line is read, the number is a word, and it says so."""
    line = '{"timestamp":"1","type":"output","content":"a","score":NaN}'
    final = {"success": True, "metrics": {"cost_usd": float("nan"), "duration_seconds": 2}}
    events = told(_04_agent_output=[line], _06_final_result=final)
    said = only(events, "task:output")[0]["data"]

    assert (said["content"], said["score"], "tasktrail_repaired" in said) == ("a", "NaN", True)
    assert only(events, "task:completed")[0]["data"]["duration_seconds"] == 2


def test_a_task_without_a_result_is_over_when_it_was_not_heard_of_for_a_day() -> None:
    """By the times of its lines."""
    directory = source(_04_agent_output=[{"timestamp": "2026-01-01T01:00:00Z", "type": "output"}])
    for quiet_before, count in ((1_767_229_200_000_001, 1), (1_767_229_200_000_000, 0)):
        at = replace(directory, quiet_before=quiet_before)
        found = translate_directory(at, json.dumps(METADATA).encode())
        events = [json.loads(one.blob) for one in found if not isinstance(one, Problem)]

        assert len(only(events, "task:status")) == count


def test_a_line_that_is_still_written_is_left_for_the_next_time() -> None:
    """Until the task has a result, or was not heard of for a day."""
    torn = {"04-agent-output.jsonl": b'{"type":"output"}\n{"type":"out'}
    live = Source("metadata.json", parents=("t",), siblings=torn)
    done = replace(live, siblings=torn | {"06-final-result.json": b'{"success":true}'})
    problems = [
        [one for one in translate_directory(at, b"{}") if isinstance(one, Problem)]
        for at in (live, done)
    ]

    assert [len(one) for one in problems] == [0, 1]


def test_lines_say_whose_they_are() -> None:
    """Two tasks could share a directory."""
    events = told(_04_agent_output=[{"task_id": "t-2", "type": "output", "content": "x"}])

    assert only(events, "task:output")[0]["task_id"] == "t-2"


def test_trails_of_ours_are_no_import() -> None:
    """They are recorded already, whatever root they are in."""
    ours = {"04-agent-output.jsonl": b'{"seq":1,"id":"x"}\n'}
    theirs = {"04-agent-output.jsonl": b'{"timestamp":"1"}\n'}

    assert recognised({}, file="metadata.json", siblings=theirs) == "task_directory"
    assert recognised({}, file="metadata.json", siblings=ours) is None
    assert recognised({}, file="metadata.json") is None
