"""The owner's side of a trail: number, chain, append, fold.

Only the owner of the trail's partition has a writer for it. `add` works in memory; `write` puts
each channel's new lines at its known end with one call; the caller syncs the descriptors that
`write` returns before the checkpoint moves (`write_trails` does both for any number of trails).
Files are open from `write` to `rest` only. After any StorageFailed the caller closes the writer
and opens the trail again: the spool still has what was not checkpointed.
"""

import errno
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Final, Self

import msgspec
from msgspec.structs import replace

from tasktrail.errors import InvalidEvent, StorageFailed, TornEntry, TrailUnusable
from tasktrail.model.channels import CHANNELS
from tasktrail.model.entry import Entry, entry_of, line_fields, render_line, seal_line, unseal_line
from tasktrail.model.event import IS_ESTIMATED, Event
from tasktrail.model.ids import TrailKey
from tasktrail.model.plain import PLAIN_CHANNELS, PlainEvent, plain_lines
from tasktrail.model.task import count, only_counts
from tasktrail.store.document_files import DocumentFiles, fold, read_as_of
from tasktrail.store.files import Replacement, failure
from tasktrail.store.heads import read_head
from tasktrail.store.layout import Layout
from tasktrail.store.repair import TrailState, open_state
from tasktrail.store.trail_directory import create_directory, find_directory, open_family

UNRENDERABLE: Final = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
NUMBERS: Final = {channel: number for number, channel in enumerate(CHANNELS)}


class TrailWriter:
    """An open trail to which its owner adds."""

    def __init__(self, layout: Layout, key: TrailKey, state: TrailState) -> None:
        self.key = key
        self.seq = state.seq
        self.h = state.h
        self.documents = state.documents  # a session has none: its stay blank
        self.damaged = state.damaged  # lines that were skipped when the trail was opened
        self._layout = layout
        self._state = state
        self._identities = state.identities
        self._dirty: set[str] = set()
        self._family: int | None = None  # open while its new entry is not known to be synced
        self._files: DocumentFiles | None = None
        if key.family == "tasks":
            as_of = 0 if state.directory is None else read_as_of(state.directory)
            self._files = DocumentFiles(state.documents, as_of)

    @classmethod
    def open(cls, layout: Layout, key: TrailKey, *, keep_below: int | None) -> Self:
        """The trail as of that place in the spool, repaired and synced; new ones are empty.

        Raises TrailUnusable when a link or another kind of file stands in its place.
        `keep_below`: everything from there on will come again from the spool and is cut. `None`:
        it will not, all whole lines stay.
        """
        try:
            writer = cls(layout, key, open_state(layout, key, keep_below=keep_below))
        except StorageFailed as error:
            if _is_misplaced(error) and _is_directory(layout.family(key.family)):
                raise TrailUnusable(str(error)) from error
            raise
        writer.rest()  # a batch may touch more trails than a process may have files open
        return writer

    def find(self, identity: str) -> bool:
        """Whether an event of that identity is recorded, in whatever part of the trail.

        `same_content` must say so, too: once in a very long while another one has its hash.
        """
        if self._identities.is_above(identity):
            return False
        return bool(self._places(identity))

    def same_content(self, identity: str, event: Event) -> bool:
        """Whether the event is what the trail holds under that identity, byte for byte."""
        return any(self._is_at(place, identity, event) for place in self._places(identity))

    def add(self, event: Event, *, identity: str, recorded_at: int, pos: int) -> Entry:
        """The event as the next entry, written by the next `write`.

        Raises InvalidEvent when it cannot be rendered; then nothing has changed.
        """
        entry = Entry(self.seq + 1, identity, recorded_at, pos, event)
        try:
            channel, line = render_line(entry, self.key)
        except UNRENDERABLE as error:
            raise InvalidEvent(f"expected an event that can be rendered: {error!r}") from error
        if self._files is not None:
            fold(self.documents, entry)
            self._files.note(event.event_type)
        self._identities.note(identity)
        self._append(channel, line, identity)
        return entry

    def add_plain(self, events: Sequence[PlainEvent]) -> int:
        """How many of the events, from the first on, are the next entries now.

        Those that are new at a glance and change nothing of the task but counts; of the one that
        follows only `find` and `add` can tell.
        """
        task, fitting = self.documents.task, iter(events)
        counting = {one for one in PLAIN_CHANNELS if only_counts(task, one, is_special=False)}
        if len(counting) < len(PLAIN_CHANNELS):  # none does in an empty trail
            fitting = takewhile(lambda one: one.kind.channel in counting, fitting)
        added = self._identities.admit(one.identity for one in fitting)
        if added:
            self._take_plain(events[:added])
        return added

    def _take_plain(self, events: Sequence[PlainEvent]) -> None:
        lines, self.h = plain_lines(events, seq=self.seq, h=self.h)
        self.seq += len(events)
        kinds = Counter(one.kind for one in events)
        task = self.documents.task
        for kind, entries in kinds.items():
            count(task, kind.channel, kind.level, entries=entries)
        if any(kind.stage for kind in kinds):
            stages = (one.kind.stage for one in reversed(events))
            task.stage = next(filter(None, stages), task.stage)
        task.as_of, task.updated_at = self.seq, events[-1].recorded_at
        channels = {kind.channel for kind in kinds}
        if len(channels) == 1 and not self._identities.is_loaded:  # nobody asks where each stands
            (channel,) = channels
            self._state.channels[channel].extend(lines)
            self._dirty.add(channel)
            return
        for event, line in zip(events, lines, strict=True):
            self._put(event.kind.channel, line, event.identity)

    def _append(self, channel: str, line: bytes, identity: str) -> None:
        """The line stands next in its channel, sealed."""
        sealed, self.h = seal_line(line, self.h)
        self.seq += 1
        self._put(channel, sealed, identity)

    def _put(self, channel: str, sealed: bytes, identity: str) -> None:
        offset = self._state.channels[channel].append(sealed)
        self._dirty.add(channel)
        if self._identities.is_loaded:
            self._identities.place(identity, _place(offset, channel))

    def write(self) -> list[int]:
        """The descriptors to sync, once everything added is written.

        They stay open until the next `write` or `close`; directories that got a new entry are
        among them.
        """
        self._forget_family()
        if not self._dirty:
            return []
        fds: list[int] = []
        try:
            directory = self._directory()
            for channel in sorted(self._dirty):
                file = self._state.channels[channel]
                if not file.exists and directory not in fds:
                    fds.append(directory)
                fds.append(file.write(directory))
        except FileNotFoundError as error:  # the volume is gone, or somebody removed the trail
            raise failure("write", self.key.name, error) from error
        self._dirty.clear()
        if self._family is not None:
            fds.append(self._family)
        return fds

    def due_documents(self, *, force: bool) -> list[Replacement]:
        """The task's documents that are due: when status or bindings changed, else if forced.

        Ask after the entries are synced, and say `documents_written` once they are on disk
        (`write_documents` does both for any number of trails). Sessions keep no documents.
        """
        if self._files is None or not self._state.exists or not self._files.is_due(force=force):
            return []
        return self._files.changed(self._directory())

    def documents_written(self) -> None:
        """The documents that were due are on disk."""
        if self._files is not None:
            self._files.written()

    @property
    def is_resting(self) -> bool:
        """Whether the trail has no file open."""
        return self._state.directory is None

    def rest(self) -> None:
        """All files are closed until they are needed again; nothing is forgotten or read anew.

        Call it once the descriptors of the last `write` are synced.
        """
        self._forget_family()
        self._state.rest()

    def close(self) -> None:
        """All files are closed; what was added and not written is forgotten."""
        self.rest()

    def _directory(self) -> int:
        """The trail's directory, made when it does not exist."""
        state = self._state
        if state.directory is None and state.exists:
            state.directory = find_directory(self._layout, self.key.family, self.key.directory)
        elif state.directory is None:
            self._family = open_family(self._layout, self.key.family)
            state.directory = create_directory(self.key, self._family)
            state.exists = True
        if state.directory is None:
            raise StorageFailed(f"the trail {self.key.name} is gone: somebody removed it")
        return state.directory

    @contextmanager
    def _reading(self) -> Iterator[int | None]:
        """A block with the trail's directory, if there is one; a resting trail rests again."""
        was_resting = self._state.directory is None
        try:
            yield self._directory() if self._state.exists else None
        finally:
            if was_resting:
                self._state.rest()

    def _forget_family(self) -> None:
        if self._family is not None:
            os.close(self._family)
            self._family = None

    def _places(self, identity: str) -> list[int]:
        if not self._identities.is_loaded:
            self._load_identities()
        return self._identities.places(identity)

    @property
    def loaded_identities(self) -> int:
        """How many identities are held in memory."""
        return self._identities.loaded

    def unload_identities(self) -> None:
        """They are read again from the trail's files when one is asked for."""
        self._identities.unload()

    def _load_identities(self) -> None:
        self._identities.load()
        with self._reading() as directory:
            for channel, file in self._state.channels.items():
                for offset, line in file.lines(directory):
                    head = read_head(line)
                    if head is not None:
                        self._identities.place(head.id, _place(offset, channel))

    def _is_at(self, place: int, identity: str, event: Event) -> bool:
        """Whether the event, rendered with the stored entry's place and time, gives its line."""
        offset, number = divmod(place, len(CHANNELS))
        channel = CHANNELS[number]
        with self._reading() as directory:
            line = self._state.channels[channel].line_at(directory, offset)
        try:
            stored = entry_of(line_fields(line), channel, self.key)
            if stored.id != identity:
                return False
            if IS_ESTIMATED in event.envelope and IS_ESTIMATED in stored.event.envelope:
                # A time that stands in for one nobody told is no part of what an event says.
                event = replace(event, timestamp=stored.event.timestamp)
            again = Entry(stored.seq, stored.id, stored.recorded_at, stored.pos, event)
            return render_line(again, self.key) == (channel, unseal_line(line)[0])
        except (TornEntry, *UNRENDERABLE):
            return False


def _is_misplaced(error: StorageFailed) -> bool:
    """Whether something of another kind stands where a file of the trail should be."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in {errno.ELOOP, errno.ENOTDIR, errno.EISDIR}


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _place(offset: int, channel: str) -> int:
    """Where a line stands, as one number: sets of a million identities must stay small."""
    return offset * len(CHANNELS) + NUMBERS[channel]
