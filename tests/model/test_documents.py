"""The derived documents of a task."""

from hypothesis import given
from hypothesis import strategies as st

from tasktrail.model.codec import decode, encode
from tasktrail.model.documents import Documents, apply_all, as_first_written
from tasktrail.model.entry import parse_line
from tasktrail.model.task import Task
from tests.support.make import TRAIL, entry, line_of

Step = tuple[str, dict[str, object]]

STEPS: list[Step] = [
    ("task:created", {"data": {"input_message": "Fix", "source": "unknown", "x": None}}),
    ("task:created", {"data": {"source": "dashboard", "conversation_id": "c"}}),
    ("task:context_built", {"data": {"enriched_prompt": "Fix it", "flow_id": "f"}}),
    ("task:output", {"data": {"content": "x"}}),
    ("task:completed", {"data": {"status": "failed", "result": "bad", "cost_usd": 0.5}}),
    ("task:failed", {"data": {"error": "boom"}}),
    ("task:started", {"attempt": 2}),
    ("task:completed", {"attempt": 2, "data": {"result": {"pr": 7}, "cost_usd": 0.25}}),
    ("webhook:task_created", {"data": {"input_message": "other"}}),
    ("task:progress", {"data": {"percent": 10}}),
]
GUESSES: list[Step] = [
    ("task:status", {"data": {"status": "completed", "inferred": True}}),
    ("worker:spawned", {"worker_id": "w"}),
]


def folded(steps: list[Step]) -> Documents:
    """The documents after these events."""
    documents = Documents(Task(TRAIL.id))
    for seq, (event_type, fields) in enumerate(steps, 1):
        apply_all(documents, entry(seq, event_type, **fields))
    return documents


def test_the_input_merges_field_by_field() -> None:
    """A late second task:created wipes nothing that the context added."""
    assert decode(encode(folded(STEPS).input)) == {"message": "Fix", "enriched_prompt": "Fix it"}


def test_the_result_is_the_latest_attempts() -> None:
    """06 is the latest finished attempt, the failed one before stands under `attempts`."""
    result = decode(encode(folded(STEPS).final_result()))

    assert (result["success"], result["result"]) == (True, {"pr": 7})
    assert result["metrics"] == {"cost_usd": 0.25}
    assert [one["attempt"] for one in result["attempts"]] == [1]
    assert result["attempts"][0]["success"] is False


def test_a_failed_completion_is_a_failure_with_its_words() -> None:
    """success is false, and the result text serves as the error until a real one comes."""
    result = decode(encode(folded(STEPS[:5]).final_result()))

    assert (result["success"], result["result"], result["error"]) == (False, "bad", "bad")


def test_attempts_are_always_told() -> None:
    """Also when the first attempt was the only one."""
    result = decode(encode(folded(STEPS[:5]).final_result()))

    assert result["attempts"] == []


def test_an_error_out_of_the_result_says_where_it_is_from() -> None:
    """Nobody must take words of the result for an error that was reported."""
    derived = decode(encode(folded(STEPS[:5]).final_result()))
    reported = decode(encode(folded([("task:failed", {"data": {"error": "x"}})]).final_result()))
    silent: Step = ("task:completed", {"data": {"status": "failed"}})
    later = decode(encode(folded([silent, STEPS[5]]).final_result()))

    assert (derived["error"], derived["error_from"]) == ("bad", "result")
    assert "error_from" not in reported
    assert (later["error"], later["error_from"]) == ("boom", "task:failed")


def test_a_terminal_event_after_the_end_is_marked_as_kept() -> None:
    """A failure after a success changes nothing, and is not hidden either."""
    done: Step = ("task:completed", {"data": {"result": "ok"}})
    result = decode(encode(folded([done, STEPS[5]]).final_result()))

    assert (result["success"], result["result"], result["kept_total"]) == (True, "ok", 1)
    (kept,) = result["kept"]
    assert (kept["seq"], kept["event_type"], kept["error"]) == (2, "task:failed", "boom")


def test_many_late_ends_cost_no_more_than_some() -> None:
    """A producer that ends a task over and over does not make its result grow without end."""
    done: Step = ("task:completed", {"data": {"result": "ok"}})
    result = decode(encode(folded([done, *[STEPS[5]] * 50]).final_result()))

    assert (len(result["kept"]), result["kept_total"]) == (20, 50)


def test_results_of_the_first_releases_are_known() -> None:
    """What they wrote is what is written now, without the keys that came later."""
    result = decode(encode(folded(STEPS).final_result()))
    first = as_first_written(result)

    assert "kept" in result["attempts"][0]
    assert set(first) == set(result) - {"kept", "kept_total", "error_from"}
    assert "kept" not in first["attempts"][0]
    assert "attempts" not in as_first_written(decode(encode(folded(STEPS[:5]).final_result())))


def test_there_is_no_result_before_the_end() -> None:
    """06 appears when there is something to put in it."""
    assert folded(STEPS[:4]).final_result() is None


def test_status_and_result_never_disagree() -> None:
    """metadata.json tells the outcome of 06, with what the producers said of the task."""
    documents = folded(STEPS)
    metadata = decode(encode(documents.metadata()))

    assert metadata["status"] == "completed"
    assert (metadata["source"], metadata["conversation_id"]) == ("dashboard", "c")
    assert (metadata["cost_usd"], metadata["cost_micro_usd"]) == (0.75, 750_000)
    assert metadata["input_message"] == "Fix"
    assert metadata["as_of"] == len(STEPS)


def test_data_cannot_overwrite_the_summary() -> None:
    """A producer that sends status or counts in task:created changes nothing of ours."""
    sent: Step = ("task:created", {"data": {"status": "completed", "counts": 7, "as_of": 99}})
    metadata = decode(encode(folded([sent]).metadata()))

    assert (metadata["status"], metadata["as_of"]) == ("pending", 1)
    assert metadata["counts"]["entries"] == 1


@given(st.lists(st.sampled_from(STEPS + GUESSES), max_size=12))
def test_a_fold_over_stored_lines_equals_the_live_one(steps: list[Step]) -> None:
    """Whoever reads the trail comes to the documents that the recorder wrote."""
    live, read = folded(steps), Documents(Task(TRAIL.id))
    for seq, (event_type, fields) in enumerate(steps, 1):
        channel, line = line_of(entry(seq, event_type, **fields))
        apply_all(read, parse_line(line, channel, TRAIL))

    assert encode(read.metadata()) == encode(live.metadata())
    assert encode(read.final_result()) == encode(live.final_result())
    assert encode(read.input) == encode(live.input)


def test_a_guessed_end_is_no_result() -> None:
    """Nobody told one; what is told later is."""
    guess: Step = ("task:status", {"data": {"status": "cancelled", "inferred": True}})
    guessed = folded([guess])
    told = folded([guess, ("task:completed", {"data": {"result": "ok"}})])

    assert (guessed.task.status, guessed.final_result()) == ("cancelled", None)
    assert (told.final_result() or {})["success"] is True
