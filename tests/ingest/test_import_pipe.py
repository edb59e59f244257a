"""A stream through a pipe."""

import os

from tasktrail.ingest.import_pipe import import_pipe
from tasktrail.ingest.importing import Report
from tests.support.importing import KeptSink, lines_of

INIT = {"type": "system", "subtype": "init", "session_id": "s1", "uuid": "u0"}
RESULT = {"type": "result", "session_id": "s1", "uuid": "u1", "total_cost_usd": 0.1}


def piped(sink: KeptSink, *parts: bytes) -> Report:
    """What becomes of these bytes."""
    reading, writing = os.pipe()
    for part in parts:
        os.write(writing, part)
    os.close(writing)
    try:
        return import_pipe(reading, sink)
    finally:
        os.close(reading)


def test_lines_are_imported_as_they_come() -> None:
    """Text before the first record waits until it is known what it belongs to."""
    sink = KeptSink()
    report = piped(sink, b"npm warn\n", lines_of(INIT, RESULT))

    assert (report.files, report.records, report.texts) == (1, 2, 1)
    assert sink.events()[-1]["type"] == "task:completed"


def test_an_array_is_imported_at_its_end() -> None:
    """It is a document: before its end it means nothing."""
    sink = KeptSink()
    report = piped(sink, b"[\n", lines_of(INIT).rstrip() + b",\n", lines_of(RESULT) + b"]")

    assert report.by_format == {"claude_stream_document": 1}
    assert sink.events()[-1]["type"] == "task:completed"


def test_a_last_line_without_a_line_end_is_taken() -> None:
    """The writer is gone: nothing will follow."""
    sink = KeptSink()
    report = piped(sink, lines_of(INIT), lines_of(RESULT).rstrip(), b"")

    assert report.records == 2


def test_what_is_no_format_of_ours_is_said() -> None:
    """Nothing is imported."""
    report = piped(KeptSink(), b"only words\n")

    assert (report.files, report.events) == (0, 0)
