"""Documents of a task on disk."""

from pathlib import Path

import msgspec
import pytest

from tasktrail.errors import StorageFailed
from tasktrail.model.documents import Documents
from tasktrail.model.entry import Entry
from tasktrail.model.event import parse_event
from tasktrail.model.task import Task
from tasktrail.store.document_files import (
    DocumentFiles,
    fold,
    read_as_of,
    read_document,
    render_document,
)
from tasktrail.store.files import open_directory, replace_all
from tests.support.store_trails import KEY, new_root, record


def folded(*events: bytes) -> Documents:
    """The documents that those events give."""
    documents = Documents(Task("gh-1"))
    for number, event in enumerate(events, 1):
        fold(documents, Entry(number, f"a:{number}", 0, 0, parse_event(event)))
    return documents


CREATED = b'{"type":"task:created","task_id":"gh-1","data":{"input_message":"Fix it"}}'
OUTPUT = b'{"type":"task:output","task_id":"gh-1","data":{"content":"working"}}'
ENDED = b'{"type":"task:completed","task_id":"gh-1","data":{"result":"done"}}'


def test_documents_appear_when_there_is_something_in_them(tmp_path: Path) -> None:
    """A task without an end has no result, and its files say up to where they are written."""
    directory = open_directory(tmp_path)
    replace_all(DocumentFiles(folded(CREATED), None).changed(directory))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["01-input.json", "metadata.json"]
    assert read_as_of(directory) == 1
    assert b"Fix it" in (tmp_path / "01-input.json").read_bytes()


def test_a_status_is_never_written_late(tmp_path: Path) -> None:
    """Status, bindings and results are due at once, mere progress only when forced."""
    documents = folded(CREATED)
    files = DocumentFiles(documents, None)
    directory = open_directory(tmp_path)
    due = []
    for number, blob in enumerate((OUTPUT, OUTPUT, ENDED), 2):
        replace_all(files.changed(directory))
        files.written()
        event = parse_event(blob)
        fold(documents, Entry(number, f"a:{number}", 0, 0, event))
        files.note(event.event_type)
        due.append((files.is_due(force=False), files.is_due(force=True)))
    replace_all(files.changed(directory))
    files.written()

    assert due == [(True, True), (False, True), (True, True)]
    assert not files.is_due(force=True)
    assert msgspec.json.decode((tmp_path / "06-final-result.json").read_bytes())["result"] == "done"


@pytest.mark.parametrize("written", [None, 1, 3])
def test_documents_behind_or_ahead_are_due(written: int | None) -> None:
    """What was written as of another entry is written anew, whatever came since."""
    assert DocumentFiles(folded(CREATED, OUTPUT), written).is_due(force=False)
    assert not DocumentFiles(folded(CREATED, OUTPUT), 2).is_due(force=True)


def test_a_figure_that_is_none_costs_its_figure_only() -> None:
    """A cost beyond all numbers leaves the rest of the summary as it is."""
    wild = b'{"type":"task:completed","task_id":"gh-1","data":{"cost_usd":1e305}}'
    documents = folded(CREATED, wild, OUTPUT)

    assert documents.task.as_of == 3
    assert documents.task.cost_micro_usd is None


def test_a_linked_document_is_refused(tmp_path: Path) -> None:
    """A reader never follows a link, the owner takes it for a document it has to write."""
    layout = new_root(tmp_path)
    record(layout, range(1, 3))
    secret = tmp_path / "secret.json"
    secret.write_bytes(b'{"as_of":2}')
    path = layout.document(KEY, "metadata")
    path.unlink()
    path.symlink_to(secret)
    directory = open_directory(layout.trail(KEY))

    with pytest.raises(StorageFailed, match="is a link"):
        read_document(layout, KEY, "metadata")
    assert read_as_of(directory) is None
    record(layout, range(0), keep_below=300)
    assert secret.read_bytes() == b'{"as_of":2}'
    assert b'"gh-1"' in (read_document(layout, KEY, "metadata") or b"")


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    """Neither a missing document nor a missing trail is a failure."""
    layout = new_root(tmp_path)
    before = read_document(layout, KEY, "metadata")
    record(layout, range(1, 2))

    assert before is None
    assert read_document(layout, KEY, "final_result") is None
    assert render_document(folded(OUTPUT), "input") is None
