"""Importing: what is new, and only that."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.errors import ServerUnreachable
from tasktrail.formats.mapped_jsonl import parse_mapping
from tasktrail.formats.translator import Problem, Source, Translated, WholeFormat
from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.import_sinks import Refused
from tasktrail.ingest.importing import Importer
from tasktrail.store.import_memory import ImportMemory
from tests.support.importing import (
    LONG_AGO,
    RECORDED,
    Desk,
    KeptSink,
    answer,
    called,
    lines_of,
    prompt,
    said,
)

DAY = 86_400


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder to import from."""
    return Desk(tmp_path)


def age(path: Path, at: float = LONG_AGO) -> None:
    """The file was changed at that time."""
    os.utime(path, (at, at))


def test_a_second_run_opens_nothing(desk: Desk) -> None:
    """Files that have not changed are passed by their stamp alone."""
    age(desk.write("a.jsonl", prompt(1, "x")))
    age(desk.write("readme.txt", "words"))
    desk.run()
    again = desk.run()

    assert (again.unchanged, again.parsed, again.bytes, again.others) == (1, 0, 0, 1)


def test_a_file_that_grew_is_read_from_where_it_ended(desk: Desk) -> None:
    """Only what is new is parsed, with what was known before."""
    path = desk.write("a.jsonl", prompt(1, "x"), answer(2, called("Bash", "t1")))
    first = desk.run()
    more = lines_of(answer(3, said("done"), message_id="msg_2"))
    with path.open("ab") as file:
        file.write(more)
    second = desk.run()

    assert (first.records, second.records, second.bytes) == (2, 1, len(more))
    assert (desk.sink.duplicates, desk.types().count("worker:spawned")) == (0, 1)


def test_a_record_put_into_the_middle_adds_that_record(desk: Desk) -> None:
    """The file is read whole, and identities tell what is new."""
    records = [prompt(n, "x" * 50) for n in range(1, 30)]
    desk.write("a.jsonl", *records)
    desk.run()
    before = len(desk.sink.blobs)
    desk.write("a.jsonl", *records[:15], prompt(40, "new"), *records[15:])
    desk.run()

    assert len(desk.sink.blobs) == before + 1
    assert desk.sink.events()[-1]["data"]["content"] == "new"
    assert desk.sink.conflicts == 0


def test_without_its_memory_an_import_adds_nothing(desk: Desk) -> None:
    """Every event has the identity that it had before, and says the same."""
    desk.write("a.jsonl", prompt(1, "x"), answer(2, said("y")), "{torn", b"\0\0")
    desk.run()
    before = dict(desk.sink.blobs)
    report = desk.run(forgets=True)

    assert report.events == len(before)
    assert desk.sink.blobs == before
    assert desk.sink.conflicts == 0


def test_a_copy_elsewhere_adds_only_where_it_is(desk: Desk) -> None:
    """Records are told apart by what they are, not by where they lie."""
    path = desk.write("a.jsonl", prompt(1, "x"), answer(2, said("y")))
    desk.run()
    before = len(desk.sink.blobs)
    shutil.copy(path, desk.files / "copy.jsonl")
    desk.run()

    assert len(desk.sink.blobs) == before + 1  # worker:imported names the other file
    assert desk.sink.conflicts == 0


def test_what_was_imported_survives_its_source(desk: Desk) -> None:
    """The agent deletes its history after thirty days."""
    path = desk.write("a.jsonl", prompt(1, "x"))
    desk.run()
    before = dict(desk.sink.blobs)
    path.unlink()
    desk.run()

    assert desk.sink.blobs == before


def test_a_session_is_over_when_it_was_quiet_for_a_day(desk: Desk) -> None:
    """Though the file has not changed, and only once."""
    desk.now = RECORDED
    age(desk.write("a.jsonl", prompt(1, "x"), answer(2, said("done"))), RECORDED)
    desk.run()
    fresh = desk.types()
    desk.now = RECORDED + 2 * DAY
    desk.run()
    desk.run()

    assert "task:status" not in fresh
    assert desk.types().count("task:status") == 1


def test_an_unfinished_end_is_taken_when_nobody_will_finish_it(desk: Desk) -> None:
    """Until then it may go on."""
    path = desk.write("a.jsonl", prompt(1, "x"))
    path.write_bytes(path.read_bytes() + b'{"type":"us')
    age(path)
    fresh = desk.run()
    desk.now = LONG_AGO + 2 * DAY
    later = desk.run()

    assert (fresh.unfinished, fresh.broken) == (1, 0)
    assert (later.unfinished, later.broken) == (0, 1)
    assert "import:broken_line" in desk.types()


def test_troubles_are_told_with_their_place(desk: Desk) -> None:
    """File, offset and reason."""
    path = desk.write("a.jsonl", prompt(1, "x"), "{torn")
    report = desk.run()

    assert [(one.path, one.offset) for one in report.troubles] == [
        (str(path), path.read_bytes().index(b"{torn"))
    ]


def test_a_file_that_cannot_be_opened_costs_itself(desk: Desk) -> None:
    """It may be gone by the time its turn comes."""
    desk.write("a.jsonl", prompt(1, "x"))
    gone = desk.write("b.jsonl", prompt(2, "y"))
    files = find_files([desk.files])
    gone.unlink()
    report = Importer(desk.sink, ImportMemory(desk.memory_folder)).run(files)

    assert (report.parsed, report.unreadable) == (1, 1)


def test_a_fault_of_a_translator_costs_its_file(desk: Desk) -> None:
    """It is told as ours, and the other files are imported."""
    desk.write("a.jsonl", prompt(1, "x"))
    desk.write("b.jsonl", prompt(2, "y"))

    def broken(source: Source, _blob: bytes) -> Iterator[Translated | Problem]:
        if source.name == "a.jsonl":
            raise TypeError("unhashable")
        yield Translated("t", "i", b"{}")

    report = desk.run(only=WholeFormat("mine", lambda _source, _head: True, broken))

    assert (report.unreadable, len(desk.sink.blobs)) == (1, 1)
    assert "a fault of its translator" in report.troubles[0].reason


class AwaySink(KeptSink):
    """A sink that takes nothing."""

    def put(self, events: object) -> list[Refused]:
        """Its server is away."""
        raise ServerUnreachable(f"away: {type(events).__name__}")


def test_what_no_sink_took_is_not_remembered_as_read(desk: Desk) -> None:
    """The next import reads it again."""
    path = desk.write("a.jsonl", prompt(1, "x"))
    importer = Importer(AwaySink(), ImportMemory(desk.memory_folder))
    with pytest.raises(ServerUnreachable):
        importer.run(find_files([desk.files]))
    importer.flush()

    assert ImportMemory(desk.memory_folder).find(str(path)) is None


def test_every_file_is_taken_for_the_format_that_was_asked_for(desk: Desk) -> None:
    """By a mapping, for example; and again when another is asked for."""
    age(desk.write("a.jsonl", {"id": "t", "text": "x"}))
    plain = desk.run()
    mapped = desk.run(parse_mapping(b'[ids]\ntask_id = "id"\n'))

    assert (plain.others, mapped.parsed) == (1, 1)
    assert desk.types() == ["task:log"]
