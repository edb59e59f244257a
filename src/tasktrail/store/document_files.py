"""The documents of a task on disk: 01-input.json, 06-final-result.json and metadata.json.

Each is derived from the entries and replaced atomically. metadata.json comes last and says by
`as_of` up to which entry they are written; a reader folds on from there.
"""

import os
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import StorageFailed
from tasktrail.model.channels import DOCUMENT_FILES, FINAL_RESULT, INPUT, METADATA
from tasktrail.model.documents import DOCUMENT_EVENTS, Documents, apply_all
from tasktrail.model.entry import Entry
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import Replacement, read_all
from tasktrail.store.layout import Layout
from tasktrail.store.trail_directory import find_directory

BINDINGS: Final = (
    "status",
    "title",
    "source",
    "agent",
    "session_id",
    "job_id",
    "worker_id",
    "conversation_id",
    "flow_id",
    "pr_number",
    "started_at",
    "completed_at",
)


class _AsOf(Struct):
    as_of: int | None = None


_AS_OF: Final = msgspec.json.Decoder(_AsOf)


def render_document(documents: Documents, document: str) -> bytes | None:
    """The document's bytes, `None` when there is nothing to put in it."""
    shown: dict[str, object] | None
    if document == METADATA:
        shown = documents.metadata()
    elif document == INPUT:
        shown = dict(documents.input)
    else:
        shown = documents.final_result()
    if not shown:
        return None
    return msgspec.json.format(msgspec.json.encode(shown), indent=2) + b"\n"


def read_document(layout: Layout, key: TrailKey, document: str) -> bytes | None:
    """The document as it is on disk, `None` when the trail has none; no link is followed."""
    directory = find_directory(layout, key.family, key.directory)
    if directory is None:
        return None
    try:
        return read_all(DOCUMENT_FILES[document], dir_fd=directory)
    except FileNotFoundError:
        return None
    finally:
        os.close(directory)


def read_as_of(directory: int) -> int | None:
    """The entry up to which the trail's documents are written; `None` when that cannot be told."""
    try:
        return _AS_OF.decode(read_all(DOCUMENT_FILES[METADATA], dir_fd=directory)).as_of
    except (FileNotFoundError, StorageFailed, msgspec.DecodeError, UnicodeDecodeError):
        return None


def fold(documents: Documents, entry: Entry) -> None:
    """The documents after the entry.

    A value that no figure can be made of costs its figure, at every folding alike; the entry is
    recorded and shown whatever its summary makes of it.
    """
    try:
        apply_all(documents, entry)
    except (ValueError, ArithmeticError, RecursionError, msgspec.MsgspecError):
        return


class DocumentFiles:
    """What of a task's documents is on disk, and what has to be written."""

    def __init__(self, documents: Documents, written: int | None) -> None:
        self._documents = documents
        self._written = written  # the entry of the last write, None: not known
        self._bindings = self._bound() if self._is_current() else None
        self._others_changed = not self._is_current()

    def note(self, event_type: str) -> None:
        """An event of that type was folded."""
        if event_type in DOCUMENT_EVENTS:
            self._others_changed = True

    def is_due(self, *, force: bool) -> bool:
        """Whether anything is to be written now: status, bindings and results are never late."""
        if self._is_current():
            return False
        return force or self._others_changed or self._bound() != self._bindings

    def changed(self, directory: int) -> list[Replacement]:
        """The documents that changed; say `written` once they are on disk."""
        names = (INPUT, FINAL_RESULT, METADATA) if self._others_changed else (METADATA,)
        rendered = ((name, render_document(self._documents, name)) for name in names)
        return [
            Replacement(directory, DOCUMENT_FILES[name], blob)
            for name, blob in rendered
            if blob is not None
        ]

    def written(self) -> None:
        """What `changed` told is on disk."""
        self._others_changed = False
        self._written, self._bindings = self._documents.task.as_of, self._bound()

    def _is_current(self) -> bool:
        return self._written == self._documents.task.as_of

    def _bound(self) -> list[object]:
        task = self._documents.task
        return [*(getattr(task, name) for name in BINDINGS), len(task.attempts)]
