"""Streams of `claude -p`: a run is a task and its result ends it."""

from tests.support.importing import (
    Event,
    all_translated,
    feed,
    lives,
    only,
    opened,
    quiet,
    recognised,
    resumed,
    said,
    translated,
    types_of,
    whole,
)

FORM = "claude_stream"
INIT = {"type": "system", "subtype": "init", "session_id": "s1", "uuid": "u0", "cwd": "/w"}


def spoken(uuid: str, *blocks: dict[str, object], **fields: object) -> dict[str, object]:
    """A message of the model in a stream."""
    usage = {"input_tokens": 1, "output_tokens": 2}
    message = {"id": f"m-{uuid}", "model": "c", "content": list(blocks), "usage": usage}
    return {"type": "assistant", "message": message, "session_id": "s1", "uuid": uuid} | fields


def result(uuid: str, total: float, **fields: object) -> dict[str, object]:
    """The end of a run."""
    told = {"type": "result", "subtype": "success", "is_error": False, "total_cost_usd": total}
    return told | {"session_id": "s1", "uuid": uuid, "result": "ok", "duration_ms": 1500} | fields


def ends(events: list[Event]) -> list[Event]:
    """What ended the run."""
    return [event for event in events if event["type"] in {"task:completed", "task:failed"}]


def test_a_run_begins_speaks_and_ends() -> None:
    """Its cost is what it reported."""
    events = translated(FORM, INIT, spoken("a", said("Hi")), result("r", 0.5))
    end = ends(events)[0]["data"]

    assert types_of(events)[:4] == [
        "worker:spawned",
        "task:created",
        "claude:system.init",
        "task:started",
    ]
    assert (end["status"], end["cost_usd"], end["duration_seconds"]) == ("completed", 0.5, 1.5)


def test_success_with_an_error_is_a_failure() -> None:
    """The last request failed, whatever the subtype says."""
    by_flag = ends(translated(FORM, INIT, result("r", 0, is_error=True)))[0]
    by_kind = ends(translated(FORM, INIT, result("r", 0, subtype="error_max_turns")))[0]

    assert (by_flag["type"], by_kind["type"]) == ("task:failed", "task:failed")


def test_each_turn_has_its_share_of_the_running_total() -> None:
    """Adding up the ends gives the last total, also when it began anew."""
    events = translated(
        FORM,
        INIT,
        result("r1", 0.5),
        INIT | {"uuid": "u1"},
        result("r2", 0.8),
        INIT | {"uuid": "u2"},
        result("r3", 0.1),
    )
    shares = [event["data"]["cost_usd"] for event in ends(events)]

    assert shares == [0.5, 0.3, 0.1]
    assert len(only(events, "worker:spawned")) == 3  # each turn is an attempt of its own


def test_the_files_name_is_the_task() -> None:
    """The coordinator writes a task's runs into a file of its name, or below its folder."""
    by_name = translated(FORM, INIT, file="gh-450.jsonl")
    by_folder = translated(FORM, INIT, file="build.jsonl", parents=("stages", "gh-7", "trees"))

    assert {event["task_id"] for event in by_name} == {"gh-450"}
    assert {event["task_id"] for event in by_folder} == {"gh-7"}


def test_text_between_the_records_is_a_log_entry() -> None:
    """stderr in the same file is not lost, and not taken for a record."""
    events = translated(FORM, "npm warn deprecated", INIT, "Traceback {of} something")

    assert [e["data"]["message"] for e in only(events, "task:log")] == [
        "npm warn deprecated",
        "Traceback {of} something",
    ]
    assert {event["task_id"] for event in events} == {"s1"}


def test_equal_lines_of_text_are_as_many_entries() -> None:
    """Where a line stands tells it from its twin."""
    events = only(translated(FORM, INIT, "same", "same"), "task:log")

    assert len({event["event_id"] for event in events}) == 2


def test_sub_agents_are_workers_of_the_run() -> None:
    """What a tool call started is told apart from the main loop."""
    events = translated(FORM, INIT, spoken("a", said("x"), parent_tool_use_id="toolu_1"))
    spawned = only(events, "worker:spawned")[1]

    assert (spawned["worker_id"], spawned["data"]["parent_worker_id"]) == ("s1.toolu_1", "s1")
    assert only(events, "task:api_call")[0]["data"]["is_sidechain"] is True


def test_what_tells_no_time_gets_the_files_and_says_so() -> None:
    """Else a run of last year would be counted as of today."""
    at = "2025-05-05T00:00:00.000000Z"
    events = all_translated(FORM, INIT, spoken("a", said("x")), result("r", 0.1), modified_at=at)

    assert {(one["timestamp"], one["timestamp_is_estimated"]) for one in events} == {(at, True)}


def test_a_time_that_was_told_stands_in_for_the_next() -> None:
    """It is nearer than the file's."""
    events = translated(FORM, INIT | {"timestamp": "2025-01-01T00:00:00Z"}, spoken("a", said("x")))
    call = only(events, "task:api_call")[0]

    assert (call["timestamp"], call["timestamp_is_estimated"]) == ("2025-01-01T00:00:00Z", True)
    assert "timestamp_is_estimated" not in events[0]


def test_the_files_times_and_place_are_in_no_identity() -> None:
    """A copy of another time, or a pipe, tells the same run: one attempt, one cost."""
    records = (INIT, spoken("a", said("x")), result("r", 0.1))
    first = {one["event_id"]: one for one in all_translated(FORM, *records, modified_at="a")}
    copied = {one["event_id"]: one for one in all_translated(FORM, *records, file="copy.jsonl")}
    place = {name for name, one in first.items() if one["type"] == "worker:imported"}

    assert (first.keys() - copied.keys(), len(place)) == (place, 1)
    assert [
        one["type"]
        for name, one in first.items()
        if name in copied and _said(one) != _said(copied[name])
    ] == []


def _said(event: Event) -> Event:
    return {name: value for name, value in event.items() if name != "timestamp"}


def test_a_run_has_a_life() -> None:
    """Its session and workers begin and end, and how, is told."""
    agent = spoken("a", said("x"), parent_tool_use_id="toolu_1")
    block = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}
    got = {"type": "user", "session_id": "s1", "uuid": "u9", "message": {"content": [block]}}
    events = lives(all_translated(FORM, INIT, agent, got, result("r", 0.1)))

    assert [(event["type"], event["worker_id"]) for event in events] == [
        ("session:started", "s1"),
        ("worker:spawned", "s1"),
        ("worker:imported", "s1"),
        ("worker:spawned", "s1.toolu_1"),
        ("worker:imported", "s1.toolu_1"),
        ("worker:completed", "s1.toolu_1"),
        ("worker:completed", "s1"),
        ("session:ended", "s1"),
    ]
    assert events[-1]["data"]["exit_reason"] == "normal"


def test_a_run_without_a_result_broke_off() -> None:
    """When nothing came for a day it is taken as failed; one with a result is left alone."""
    broken, whole_run = opened(FORM), opened(FORM)
    feed(broken, INIT)
    feed(whole_run, INIT, result("r", 0.1))

    assert [one["data"]["status"] for one in quiet(resumed(FORM, broken, is_quiet=True))] == [
        "failed"
    ]
    assert resumed(FORM, whole_run, is_quiet=True).quiet() == []


def test_a_file_of_text_ends_too() -> None:
    """Nobody knows how; a file with a run in it ends with the run."""
    text, run = opened(FORM, file="gh-1.jsonl", is_quiet=True), opened(FORM)
    text.text(b"starting", 0)
    run.text(b"starting", 0)
    feed(run, INIT, result("r", 0.1))

    assert [one["data"]["status"] for one in quiet(text)] == ["cancelled"]
    assert resumed(FORM, run, is_quiet=True).quiet() == []


def test_an_array_and_a_single_object_are_streams_too() -> None:
    """The GitHub action keeps a run as one array."""
    array = whole("claude_stream_document", [INIT, spoken("a", said("x")), result("r", 0.1)])
    one = whole("claude_stream_document", result("r", 0.1))

    assert ends(array)[0]["task_id"] == "s1"
    assert types_of(one)[-1] == "task:completed"


def test_streams_are_recognised_by_content_or_name() -> None:
    """A file of text is one only if its writer named it as a task."""
    assert recognised(INIT) == FORM
    assert recognised("only words", file="gh-1.jsonl") == FORM
    assert recognised("only words") is None
    assert recognised('[\n {"type": "x", "session_id": "s"}\n]') == "claude_stream_document"
