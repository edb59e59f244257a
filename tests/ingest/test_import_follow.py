"""Following: what is written is imported as it comes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasktrail.errors import ServerUnreachable
from tasktrail.ingest.import_follow import follow_files
from tasktrail.ingest.import_sinks import Refused
from tasktrail.ingest.importing import Importer, Report
from tasktrail.store.import_memory import ImportMemory
from tests.support.importing import Desk, KeptSink, lines_of, prompt
from tests.support.waiting import wait_until


@contextmanager
def following(desk: Desk, sink: KeptSink | None = None) -> Iterator[list[Report]]:
    """Reports of a follower that runs meanwhile."""
    stop, reports = threading.Event(), list[Report]()
    importer = Importer(sink or desk.sink, ImportMemory(desk.memory_folder))
    thread = threading.Thread(
        target=follow_files,
        args=(importer, [desk.files], reports.append),
        kwargs={"stop": stop},
    )
    thread.start()
    try:
        wait_until(lambda: bool(reports))
        yield reports
    finally:
        stop.set()
        thread.join()


def test_files_that_appear_and_grow_are_imported(tmp_path: Path) -> None:
    """Also in folders that were not there when it began."""
    desk = Desk(tmp_path)
    desk.write("old.jsonl", prompt(1, "before"))
    with following(desk):
        path = desk.write("new/session.jsonl", prompt(2, "new"))
        wait_until(lambda: desk.types().count("task:user_input") == 2)
        with path.open("ab") as file:
            file.write(lines_of(prompt(3, "more")))
        wait_until(lambda: desk.types().count("task:user_input") == 3)

    assert desk.sink.duplicates == 0


def test_quiet_files_are_not_looked_at(tmp_path: Path) -> None:
    """A change costs one file, however many there are."""
    desk = Desk(tmp_path)
    for number in range(20):
        desk.write(f"{number}.jsonl", prompt(number, "x"))
    with following(desk) as reports:
        desk.write("5.jsonl", prompt(5, "x"), prompt(6, "y"))
        wait_until(lambda: len(reports) > 1 and reports[-1].events > 0)

    assert (reports[-1].files, reports[-1].parsed) == (1, 1)


class AwaySink(KeptSink):
    """A server that is away at first."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def put(self, events: object) -> list[Refused]:
        """Nothing, the first time."""
        self.calls += 1
        if self.calls == 1:
            raise ServerUnreachable("away")
        return super().put(events)  # type: ignore[arg-type]


def test_a_server_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """What changed meanwhile is sent when it is back."""
    desk, sink = Desk(tmp_path), AwaySink()
    desk.write("a.jsonl", prompt(1, "x"))
    with following(desk, sink):
        wait_until(lambda: len(sink.blobs) >= 5)

    assert isinstance(next(iter(sink.blobs)), str)
    assert sink.calls == 2
