"""Transcripts of Claude Code: a session is a task, its records are its entries."""

import json

import pytest

from tests.support.importing import (
    SESSION,
    all_translated,
    answer,
    answered,
    called,
    claude,
    feed,
    lives,
    only,
    opened,
    prompt,
    quiet,
    recognised,
    resumed,
    said,
    translated,
    types_of,
)

FORM = "claude_transcript"


def test_a_session_becomes_a_task_of_that_name() -> None:
    """Prompt, text, tool and result are entries of one task, each once."""
    events = translated(
        FORM,
        prompt(1, "Fix the login"),
        answer(2, said("Looking."), called("Bash", "t1", command="ls")),
        answered(3, "t1", "a.txt"),
    )

    assert types_of(events) == [
        "worker:spawned",
        "task:created",
        "task:user_input",
        "task:output",
        "task:tool_call",
        "task:api_call",
        "task:tool_result",
    ]
    assert {event["task_id"] for event in events} == {SESSION}
    assert events[1]["data"]["input_message"] == "Fix the login"


def test_a_result_knows_the_tool_that_was_called() -> None:
    """The result's own record has only the call's id."""
    events = translated(
        FORM, answer(1, called("Bash", "t1")), answered(2, "t1", "no", is_error=True)
    )
    result = only(events, "task:tool_result")[0]["data"]

    assert (result["name"], result["is_error"], result["_tool_use_id"]) == ("Bash", True, "t1")


def test_each_record_is_kept_whole_in_one_event() -> None:
    """Nothing of the source is lost, and nothing of it stands twice."""
    records = [prompt(1, "go"), answer(2, said("a"), said("b"), odd={"x": [1]})]
    kept = [
        event["data"]["record"] for event in translated(FORM, *records) if "record" in event["data"]
    ]

    assert kept == records


def test_lines_of_one_answer_are_one_call_with_growing_figures() -> None:
    """Equal usage is told once, a difference is told, and all of them name the message."""
    events = translated(
        FORM,
        answer(1, said("a"), output=1),
        answer(2, said("b"), output=1),
        answer(3, called("Bash", "t1"), output=9),
    )
    calls = [event["data"] for event in only(events, "task:api_call")]

    assert [(one["call_id"], one["output_tokens"]) for one in calls] == [("msg_1", 1), ("msg_1", 9)]
    assert calls[0]["cache_write_5m_tokens"] == 16  # 15 and what the split leaves over
    assert calls[0]["cache_write_1h_tokens"] == 4
    assert calls[0]["is_estimated"] is True


def test_a_made_up_message_is_no_call() -> None:
    """What the program says itself cost nothing; an API error is an error entry."""
    record = answer(1, said("API Error: 500"), isApiErrorMessage=True)
    record["message"]["model"] = "<synthetic>"  # type: ignore[index]
    events = translated(FORM, record)

    assert only(events, "task:api_call") == []
    assert only(events, "task:log")[0]["level"] == "error"


@pytest.mark.parametrize("mark", ["isMeta", "isCompactSummary", "isVisibleInTranscriptOnly"])
def test_what_no_person_said_is_no_prompt(mark: str) -> None:
    """The program puts words into the user's mouth, and marks them."""
    events = translated(FORM, prompt(1, "Caveat", **{mark: True}))

    assert types_of(events) == ["worker:spawned", "claude:user"]


def test_only_the_first_prompt_makes_the_task() -> None:
    """Later ones are what people answered."""
    events = translated(FORM, prompt(1, "one"), prompt(2, "two"))

    assert types_of(events).count("task:created") == 1
    assert [event["data"]["content"] for event in only(events, "task:user_input")] == ["one", "two"]


def test_sub_agents_are_workers_of_their_session() -> None:
    """Their file names the session; their calls say that they are beside the main line."""
    events = translated(
        FORM,
        prompt(1, "Search", isSidechain=True, agentId="abc"),
        answer(2, said("found"), isSidechain=True, agentId="abc"),
        file="agent-abc.jsonl",
        siblings={"agent-abc.meta.json": b'{"agentType":"Explore"}'},
    )
    spawned = events[0]["data"]

    assert {event["worker_id"] for event in events} == {"0a1b2c3d.agent-abc"}
    assert {event["task_id"] for event in events} == {SESSION}
    assert (spawned["parent_worker_id"], spawned["agent_type"]) == (SESSION, "Explore")
    assert only(events, "task:api_call")[0]["data"]["is_sidechain"] is True
    assert only(events, "task:created") == []


def test_a_sub_agent_that_names_itself_a_session_belongs_to_its_folder() -> None:
    """In the new layout the folder above has the session's name."""
    events = translated(
        FORM,
        prompt(1, "Search", sessionId="agent-abc"),
        file="agent-abc.jsonl",
        parents=("subagents", "the-session"),
    )

    assert {event["task_id"] for event in events} == {"the-session"}


def test_several_sessions_in_one_file_stay_apart() -> None:
    """Two terminals that resume one session write into one file."""
    events = translated(FORM, prompt(1, "a"), prompt(2, "b", sessionId="other"))

    assert [event["task_id"] for event in only(events, "task:created")] == [SESSION, "other"]


def test_records_without_uuid_are_told_apart_by_their_ordinal() -> None:
    """Equal lines are several records, and each has an identity of its own."""
    mode = {"type": "mode", "mode": "normal", "sessionId": SESSION}
    events = only(translated(FORM, mode, mode, mode), "claude:mode")

    assert len({event["event_id"] for event in events}) == 3


def test_titles_outrank_each_other() -> None:
    """Of one kind the last stands; what the user chose stands before what a model made up."""
    events = translated(
        FORM,
        claude("summary", 1, summary="by summary"),
        claude("custom-title", 2, customTitle="mine"),
        claude("ai-title", 3, aiTitle="by model"),
    )
    titles = [event["data"]["title"] for event in only(events, "task:titled")]

    assert titles == ["by summary", "mine"]


def test_a_quiet_session_ends_as_its_last_record_says() -> None:
    """An answer completes it; a tool that never answered cancels it; it says that it is a guess."""
    for block, status in ((said("Done."), "completed"), (called("Bash", "t"), "cancelled")):
        translator = opened(FORM, is_quiet=True)
        feed(translator, prompt(1, "go"), answer(2, block))
        end = quiet(translator)

        assert [(one["data"]["status"], one["data"]["inferred"]) for one in end] == [(status, True)]
        assert translator.quiet() == []


def test_a_session_that_is_taken_up_again_is_a_new_attempt() -> None:
    """After a guessed end, the worker is spawned again before anything else is told."""
    translator = opened(FORM, is_quiet=True)
    feed(translator, prompt(1, "go"), answer(2, said("Done.")))
    translator.quiet()
    events = feed(resumed(FORM, translator), prompt(3, "more"))

    assert types_of(events) == ["worker:spawned", "task:user_input"]


def test_a_day_without_a_record_ends_a_session_wherever_it_stands() -> None:
    """Read later, or as it came: the same entries."""
    pause = answer(3, said("hello again"), timestamp="2026-01-05T00:00:00Z")
    events = all_translated(FORM, prompt(1, "go"), answer(2, said("Done.")), pause)
    ends = [event for event in events if event["data"].get("inferred")]
    at = "2026-01-02T03:04:02.000Z"

    assert [(one["type"], one["timestamp"]) for one in ends] == [
        ("task:status", at),
        ("worker:completed", at),
        ("session:ended", at),
    ]
    assert types_of(lives(events[events.index(ends[-1]) + 1 :])) == [
        "session:started",
        "worker:spawned",
    ]


def test_what_the_records_tell_decides_what_is_over() -> None:
    """A copy has the times of its making, a session those of its records."""
    at = 1_767_323_042_000_000  # the second record's
    for later, count in ((at + 1, 3), (at, 0)):
        translator = opened(FORM, quiet_before=later)
        feed(translator, prompt(1, "go"), answer(2, said("Done.")))

        assert len(translator.quiet()) == count


def test_each_session_of_a_file_ends() -> None:
    """Two terminals may have written into one."""
    translator = opened(FORM, is_quiet=True)
    feed(translator, prompt(1, "go"), prompt(2, "so", sessionId="other"))

    assert [one["task_id"] for one in quiet(translator)] == [SESSION, "other"]


def test_a_sub_agent_ends_as_its_parent_was_told() -> None:
    """What the parent got from it names it, and how it went."""
    got = answered(3, "t1", "found it") | {
        "toolUseResult": {"status": "completed", "agentId": "abc", "totalDurationMs": 9}
    }
    launched = answered(4, "t2", "it runs") | {
        "toolUseResult": {"status": "async_launched", "agentId": "xyz"}
    }
    events = all_translated(FORM, prompt(1, "go"), answer(2, called("Task", "t1")), got, launched)
    ends = only(events, "worker:completed")

    assert [one["worker_id"] for one in ends] == [f"{SESSION[:8]}.agent-abc"]
    assert "inferred" not in ends[0]["data"]


def test_a_file_of_a_sub_agent_ends_only_its_worker() -> None:
    """The session goes on."""
    translator = opened(FORM, file="agent-abc.jsonl", is_quiet=True)
    feed(translator, prompt(1, "go", isSidechain=True), answer(2, said("Done."), isSidechain=True))

    assert [(json.loads(one.blob)["type"]) for one in translator.quiet()] == ["worker:completed"]


def test_where_a_session_was_found_is_told_once_for_each_place() -> None:
    """Nothing else names the place."""
    here = all_translated(FORM, prompt(1, "go"))
    there = all_translated(FORM, prompt(1, "go"), file="copy.jsonl")
    places = [only(events, "worker:imported")[0] for events in (here, there)]

    assert [one["data"]["log_file"] for one in places] == ["/logs/file.jsonl", "/logs/copy.jsonl"]
    assert [one for one in here if one not in there] == [places[0]]


def test_transcripts_are_recognised_by_their_records() -> None:
    """Whatever the file is called."""
    assert recognised(prompt(1, "x"), file="anything.txt") == FORM
    assert recognised({"type": "summary", "summary": "s", "leafUuid": "l"}) == FORM
    assert recognised({"type": "x", "sessionId": "s"}) is None


def test_a_session_that_begins_with_a_snapshot_began_then() -> None:
    """Also while nothing else of it is written; the file's age is of no use in a copy."""
    at = "2026-01-02T03:04:00.000Z"
    snapshot = {"type": "file-history-snapshot", "messageId": "m", "snapshot": {"timestamp": at}}
    events = all_translated(FORM, snapshot, modified_at="2026-09-09T00:00:00Z")

    assert only(events, "worker:spawned")[0]["timestamp"] == at
