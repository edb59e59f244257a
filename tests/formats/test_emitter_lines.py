"""The lines of a job's JSON emitter."""

from tests.support.importing import feed, opened, recognised, resumed, translated, types_of

FORM = "emitter"


def call(kind: str, **said: object) -> dict[str, object]:
    """A call of the emitter."""
    return {"type": kind, "timestamp": "2026-01-01T00:00:00Z", "data": said}


def test_each_call_is_an_entry_of_its_stage() -> None:
    """A stage stays until the next; an error sets it too."""
    events = translated(
        FORM,
        call("stage", stage="read", message="Reading"),
        call("info", message="half"),
        call("error", stage="score", error="no model"),
        call("progress", count=3),
        file="JB_1.jsonl",
    )

    assert [event["stage"] for event in events] == ["read", "read", "score", "score"]
    assert [event["data"]["message"] for event in events] == [
        "Reading",
        "half",
        "no model",
        "progress: 3",
    ]
    assert events[2]["level"] == "error"
    assert {(event["task_id"], event["job_id"]) for event in events} == {("JB_1", "JB_1")}


def test_the_last_call_ends_the_job() -> None:
    """Its summary is the metadata of the entry and the result of the job."""
    events = translated(FORM, call("complete", rows=2))

    assert types_of(events) == ["task:log", "task:completed"]
    assert (events[0]["data"]["metadata"], events[1]["data"]["result"]) == (
        {"rows": 2},
        '{"rows":2}',
    )


def test_a_stage_outlives_the_end_of_a_reading() -> None:
    """The file grew: what follows belongs to the stage before."""
    translator = opened(FORM)
    feed(translator, call("stage", stage="read"))
    events = feed(resumed(FORM, translator), call("info", message="x"))

    assert events[0]["stage"] == "read"


def test_what_the_job_printed_beside_is_an_entry() -> None:
    """And what is no call of an emitter is broken."""
    events = translated(FORM, call("info", message="a"), "a print", {"type": "news"})

    assert types_of(events) == ["task:log", "task:log", "import:broken_line"]


def test_emitters_are_recognised() -> None:
    """By their types and their data."""
    assert recognised(call("attestations", count=1)) == FORM
    assert recognised({"type": "error", "data": "x"}) is None
