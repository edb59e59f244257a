"""Opening a trail after whatever happened: cut, sync, and only then trust.

With the checkpoint's place, every channel is cut after its last line before that place: those were
synced before the checkpoint moved, the rest is replayed from the spool and gives the same bytes.
Without it, all whole lines are kept. A damaged line before the cut stays where it is: it is skipped
and counted, and never takes what follows with it. Neither do lines of other programs.
"""

import os
from collections.abc import Iterator
from heapq import merge
from typing import NamedTuple

from msgspec import Struct, field

from tasktrail.errors import TornEntry
from tasktrail.model.channels import CHANNEL_FILES, CHANNELS
from tasktrail.model.documents import Documents
from tasktrail.model.entry import first_h, parse_line, unseal_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.plain_lines import PlainFold
from tasktrail.model.task import Task
from tasktrail.store.channel_file import ChannelFile
from tasktrail.store.document_files import fold
from tasktrail.store.files import open_file, sync_files, truncate
from tasktrail.store.heads import Head, is_foreign, read_head
from tasktrail.store.identities import Identities
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines_of
from tasktrail.store.trail_directory import find_directory, open_family


class TrailState(Struct):
    """An open trail: its files, the end of its chain, and what its entries fold to."""

    directory: int | None  # None while the trail has none on disk, or rests
    exists: bool
    channels: dict[str, ChannelFile]
    documents: Documents
    h: str
    seq: int = 0
    damaged: int = 0  # lines that were skipped
    identities: Identities = field(default_factory=Identities)

    def rest(self) -> None:
        """All files of the trail are closed."""
        for channel in self.channels.values():
            channel.rest()
        if self.directory is not None:
            os.close(self.directory)
            self.directory = None


class _Kept(NamedTuple):
    """A line that stays, as it is merged: by `seq`, then by channel and place."""

    seq: int
    channel: int
    offset: int
    line: bytes
    head: Head


class _ChannelScan:
    """One channel read once: the lines that stay, then where they end."""

    def __init__(self, fd: int, channel: str, keep_below: int | None) -> None:
        self.fd = fd
        self.channel = channel
        self.end = 0  # after the last line that stays
        self.damaged = 0
        self._keep_below = keep_below

    def kept(self) -> Iterator[_Kept]:
        """The readable lines that stay, in the order of the file."""
        number, keep_below = CHANNELS.index(self.channel), self._keep_below
        doubtful = 0
        for offset, line in iter_lines_of(self.fd):
            head = read_head(line)
            if head is None and keep_below is not None and not is_foreign(line):
                doubtful += 1  # it stays if a line that stays follows
                continue
            if head is not None and keep_below is not None and head.pos >= keep_below:
                return
            self.end = offset + len(line) + 1
            self.damaged += doubtful + (head is None)
            doubtful = 0
            if head is not None:
                yield _Kept(head.seq, number, offset, line, head)


def open_state(layout: Layout, key: TrailKey, *, keep_below: int | None) -> TrailState:
    """The trail, repaired and synced; empty when there is none yet."""
    kind = "task" if key.family == "tasks" else "session"
    directory = find_directory(layout, key.family, key.directory)
    channels = {channel: ChannelFile(name) for channel, name in CHANNEL_FILES.items()}
    documents = Documents(Task(key.id, kind=kind))
    state = TrailState(directory, directory is not None, channels, documents, first_h(key))
    try:
        if directory is not None:
            _restore(state, layout, key, keep_below)
    except BaseException:
        state.rest()
        raise
    return state


def _restore(state: TrailState, layout: Layout, key: TrailKey, keep_below: int | None) -> None:
    scans: list[_ChannelScan] = []
    for channel, file in state.channels.items():
        try:
            fd = open_file(file.name, dir_fd=state.directory)
        except FileNotFoundError:
            continue
        file.found(fd, 0)
        scans.append(_ChannelScan(fd, channel, keep_below))
    _fold(state, key, scans)
    for scan in scans:
        if os.fstat(scan.fd).st_size > scan.end:
            truncate(scan.fd, scan.end)
        state.channels[scan.channel].found(scan.fd, scan.end)
        state.damaged += scan.damaged
    _sync(state, layout, key, [scan.fd for scan in scans])


def _fold(state: TrailState, key: TrailKey, scans: list[_ChannelScan]) -> None:
    """What the lines that stay say: the end of the chain, highest identities, documents."""
    last: bytes | None = None
    has_documents = key.family == "tasks"
    plain = PlainFold(state.documents.task)
    for kept in merge(*(scan.kept() for scan in scans)):
        state.identities.note(kept.head.id)
        if kept.seq > state.seq:
            state.seq, last = kept.seq, kept.line
        channel = CHANNELS[kept.channel]
        if has_documents and not plain.take(kept.line, channel):
            try:
                entry = parse_line(kept.line, channel, key)
            except TornEntry:
                state.damaged += 1
            else:
                fold(state.documents, entry)
    plain.finish()
    if last is not None:
        state.h = unseal_line(last)[1]


def _sync(state: TrailState, layout: Layout, key: TrailKey, fds: list[int]) -> None:
    """What was found may be in memory only: its writer may have died before its sync."""
    family = open_family(layout, key.family)
    try:
        sync_files([*fds, *([] if state.directory is None else [state.directory]), family])
    finally:
        os.close(family)
