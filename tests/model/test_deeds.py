"""Deeds: what workers did, from when to when."""

from tasktrail.model.deeds import Told, fold_deeds

CALL, RESULT = "task:tool_call", "task:tool_result"


def told(seq: int, event_type: str, at_ms: int, worker: str = "w", **more: object) -> Told:
    """What an entry tells; a tool is named by `tool`."""
    said = {"words": f"entry {seq}", "is_failed": False} | more
    return Told(seq, event_type, worker, at_ms, **said)  # type: ignore[arg-type]


def test_a_model_call_is_told_at_its_end() -> None:
    """It began as much before as it took."""
    (deed,) = fold_deeds([told(1, "task:api_call", 5_000, took_ms=900)])

    assert (deed.kind, deed.start_ms, deed.took_ms, deed.seq) == ("api", 4_100, 900, 1)


def test_a_tool_is_used_from_its_call_to_its_result() -> None:
    """With the words and the seq of the call, failed as the result says."""
    call = told(1, CALL, 1_000, tool="Bash")
    result = told(2, RESULT, 4_000, tool="Bash", is_failed=True)

    (deed,) = fold_deeds([call, result])

    assert (deed.kind, deed.start_ms, deed.took_ms) == ("tool", 1_000, 3_000)
    assert (deed.words, deed.seq, deed.is_failed) == ("entry 1", 1, True)


def test_a_result_belongs_to_the_oldest_open_call_of_that_tool() -> None:
    """Else to the oldest of any tool: not every source names it again."""
    calls = [told(seq, CALL, seq, tool=tool) for seq, tool in ((1, "A"), (2, "B"), (3, "B"))]
    results = [told(4, RESULT, 10, tool="B"), told(5, RESULT, 20), told(6, RESULT, 30, tool="B")]

    took = {deed.seq: deed.took_ms for deed in fold_deeds(calls + results)}

    assert took == {2: 8, 1: 19, 3: 27}


def test_a_result_belongs_to_the_call_that_it_names() -> None:
    """Tools that work side by side need not answer in their order; a stranger's result is alone."""
    calls = [told(seq, CALL, seq, tool="Task", use=f"u{seq}") for seq in (1, 2, 3)]
    results = [told(at, RESULT, at, tool="Task", use=use) for at, use in ((10, "u3"), (20, "u1"))]
    stranger = told(30, RESULT, 30, tool="Task", use="u9")

    took = {deed.seq: deed.took_ms for deed in fold_deeds([*calls, *results, stranger])}

    assert took == {1: 19, 2: None, 3: 7, 30: 0}


def test_calls_of_two_workers_are_kept_apart() -> None:
    """A result is its worker's own; a lane for each, in the order in which they were heard of."""
    calls = [told(1, CALL, 0, "late", tool="A"), told(2, CALL, 5, "soon", tool="A")]

    deeds = fold_deeds([*calls, told(3, RESULT, 9, "soon", tool="A")])

    assert [(one.worker, one.seq, one.took_ms) for one in deeds] == [
        ("late", 1, None),
        ("soon", 2, 4),
    ]


def test_a_result_without_a_call_is_a_deed_of_no_length() -> None:
    """Where the trail begins in the middle of a conversation."""
    (deed,) = fold_deeds([told(7, RESULT, 50, tool="A")])

    assert (deed.start_ms, deed.took_ms, deed.seq) == (50, 0, 7)


def test_a_clock_that_steps_back_makes_no_negative_length() -> None:
    """The use begins with the earlier of the two."""
    (deed,) = fold_deeds([told(1, CALL, 900, tool="A"), told(2, RESULT, 400, tool="A")])

    assert (deed.start_ms, deed.took_ms) == (400, 0)


def test_deeds_of_a_worker_stand_by_their_beginning() -> None:
    """Also where a long call is told behind what happened within it."""
    kinds = [told(1, "task:output", 500), told(2, "task:user_input", 600)]

    deeds = fold_deeds([*kinds, told(3, "task:api_call", 900, took_ms=800)])

    assert [(one.kind, one.start_ms) for one in deeds] == [
        ("api", 100),
        ("said", 500),
        ("user", 600),
    ]
