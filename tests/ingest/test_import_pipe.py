"""A stream through a pipe."""

import os

from tasktrail.ingest.import_pipe import NAME, import_pipe
from tasktrail.ingest.importing import Report
from tests.support.importing import KeptSink, lines_of, types_of, without_lives

INIT = {"type": "system", "subtype": "init", "session_id": "s1", "uuid": "u0"}
RESULT = {"type": "result", "session_id": "s1", "uuid": "u1", "total_cost_usd": 0.1}


def piped(sink: KeptSink, *parts: bytes, name: str = NAME) -> Report:
    """What becomes of these bytes."""
    reading, writing = os.pipe()
    for part in parts:
        os.write(writing, part)
    os.close(writing)
    try:
        return import_pipe(reading, sink, name=name)
    finally:
        os.close(reading)


def test_lines_are_imported_as_they_come() -> None:
    """Text before the first record waits until it is known what it belongs to."""
    sink = KeptSink()
    report = piped(sink, b"npm warn\n", lines_of(INIT, RESULT))

    assert (report.files, report.records, report.texts) == (1, 2, 1)
    assert types_of(without_lives(sink.events()))[-1] == "task:completed"


def test_a_run_that_breaks_off_is_over_with_its_pipe() -> None:
    """Nobody will tell its result any more."""
    sink = KeptSink()
    piped(sink, lines_of(INIT))

    assert without_lives(sink.events())[-1]["data"]["status"] == "failed"


def test_a_pipe_may_be_called_as_a_file() -> None:
    """The file's name names the task."""
    sink = KeptSink()
    piped(sink, lines_of(INIT, RESULT), name="gh-7.jsonl")

    assert {event["task_id"] for event in sink.events()} == {"gh-7"}


def test_an_array_is_imported_at_its_end() -> None:
    """It is a document: before its end it means nothing."""
    sink = KeptSink()
    report = piped(sink, b"[\n", lines_of(INIT).rstrip() + b",\n", lines_of(RESULT) + b"]")

    assert report.by_format == {"claude_stream_document": 1}
    assert types_of(without_lives(sink.events()))[-1] == "task:completed"


def test_a_last_line_without_a_line_end_is_taken() -> None:
    """The writer is gone: nothing will follow."""
    sink = KeptSink()
    report = piped(sink, lines_of(INIT), lines_of(RESULT).rstrip(), b"")

    assert report.records == 2


def test_what_is_no_format_of_ours_is_said() -> None:
    """Nothing is imported."""
    report = piped(KeptSink(), b"only words\n")

    assert (report.files, report.events) == (0, 0)
