"""Verify: proves a trail's chain, and reports; it never repairs.

Found: a line that was edited, deleted, inserted or moved, at its exact place; documents that are
not what the entries give. Not found by the chain alone: a tail that was cut off together with
metadata.json, a trail rewritten as a whole. Say "tamper-evident since the last anchor", no more.
"""

import os
from collections import Counter
from collections.abc import Iterator
from heapq import merge
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.errors import InvalidEvent, StorageFailed, TornEntry
from tasktrail.model.channels import CHANNELS, DOCUMENT_FILES, FINAL_RESULT, METADATA
from tasktrail.model.codec import decode, decode_fields, integer_of
from tasktrail.model.documents import Documents, as_first_written
from tasktrail.model.entry import first_h, parse_line, seal_line, unseal_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task
from tasktrail.store.document_files import fold, read_document, render_document
from tasktrail.store.heads import read_head
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines_of
from tasktrail.store.scan import iter_trail
from tasktrail.store.trail_directory import reading

SHOWN_BYTES: Final = 60


class Finding(Struct, frozen=True, kw_only=True):
    """One place where a trail is not what it should be."""

    trail: str
    channel: str | None = None  # or the document's name
    offset: int | None = None
    seq: int | None = None
    expected: str
    found: str


class _Place(NamedTuple):
    """Where something is found, as far as that can be said."""

    channel: str | None = None
    offset: int | None = None
    seq: int | None = None


NOWHERE: Final = _Place()


class _Link(NamedTuple):
    """A line as it is merged: by `seq`, then by channel and place."""

    seq: int
    channel: int
    offset: int
    line: bytes


def verify_trail(
    layout: Layout, key: TrailKey, *, below: int | None = None, head: int = 0
) -> list[Finding]:
    """Everything that is wrong with the trail, in the order of its entries; empty: nothing is.

    `below`: only entries whose place in the spool is before it count, and what comes after them is
    still being recorded. Without it the trail must be at rest. `head`: up to which entry it must
    reach, where that is known from elsewhere.
    """
    verifier = _Verifier(layout, key, below)
    return verifier.run(head)


def missing_trail(key: TrailKey, head: int) -> Finding:
    """What is said of a trail that was recorded and has no directory."""
    return Finding(trail=key.name, expected=f"a trail of {head:,} entries", found="no trail")


class _Verifier:
    """One walk over one trail."""

    def __init__(self, layout: Layout, key: TrailKey, below: int | None) -> None:
        self._layout = layout
        self._key = key
        self._below = below
        self._findings: list[Finding] = []
        self._h = first_h(key)
        self._seq = 0
        self._documents = Documents(Task(key.id, kind="task"))

    def run(self, head: int) -> list[Finding]:
        try:
            with reading(self._layout, self._key.family, self._key.directory) as channels:
                streams = [self._links(fd, channel) for channel, fd in channels.items()]
                for link in merge(*streams):
                    self._check(link)
            if self._seq < head:
                self._find(f"entries up to seq {head}", f"none after seq {self._seq}")
            if self._key.family == "tasks":
                self._check_documents()
        except StorageFailed as error:
            self._find("a trail that can be read", str(error))
        return self._findings

    def _find(self, expected: str, found: str, place: _Place = NOWHERE) -> None:
        self._findings.append(
            Finding(
                trail=self._key.name,
                channel=place.channel,
                offset=place.offset,
                seq=place.seq,
                expected=expected,
                found=found,
            )
        )

    def _links(self, fd: int, channel: str) -> Iterator[_Link]:
        """The channel's lines that have a place in the chain, in rising order."""
        highest, end, number = 0, 0, CHANNELS.index(channel)
        for offset, line in iter_lines_of(fd):
            end = offset + len(line) + 1
            head = read_head(line)
            if head is None:
                shown = repr(line[:SHOWN_BYTES])
                self._find("a line of a trail", shown, _Place(channel, offset))
            elif self._below is not None and head.pos >= self._below:
                return
            elif head.seq <= highest:
                place = _Place(channel, offset, head.seq)
                self._find(f"a seq above {highest}", f"seq {head.seq}", place)
            else:
                highest = head.seq
                yield _Link(head.seq, number, offset, line)
        size = os.fstat(fd).st_size
        if self._below is None and size > end:
            self._find("a line end", f"{size - end} bytes without", _Place(channel, end))

    def _check(self, link: _Link) -> None:
        channel = CHANNELS[link.channel]
        place = _Place(channel, link.offset, link.seq)
        if link.seq <= self._seq:
            self._find(f"seq {self._seq + 1}", f"seq {link.seq} again", place)
            return
        body, h = unseal_line(link.line)
        if link.seq != self._seq + 1:
            self._find(f"seq {self._seq + 1}", f"seq {link.seq}", place)
        elif seal_line(body, self._h) != (link.line + b"\n", h):
            self._find(f"h {seal_line(body, self._h)[1]}", f"h {h}", place)
        self._seq, self._h = link.seq, h
        if self._key.family == "tasks":
            try:
                fold(self._documents, parse_line(link.line, channel, self._key))
            except TornEntry as error:
                self._find("an entry", str(error), place)

    def _check_documents(self) -> None:
        stored = self._read(METADATA)
        if stored is None:
            return  # written later, or never asked for
        as_of = self._as_of(stored)
        if as_of is None or as_of > self._newest():
            self._find(f"as_of up to {self._seq}", f"as_of {as_of}", _Place(METADATA))
        if as_of != self._seq:
            return  # the entries after it are folded by whoever reads
        for document in DOCUMENT_FILES:
            self._compare(document)

    def _newest(self) -> int:
        """The last seq there is, also of what is still being recorded."""
        if self._below is None:
            return self._seq
        found = iter_trail(self._layout, self._key, below=None, skipped=Counter())
        heads = (read_head(line) for _, line in found)
        return max((head.seq for head in heads if head), default=self._seq)

    def _read(self, document: str) -> bytes | None:
        try:
            return read_document(self._layout, self._key, document)
        except StorageFailed as error:
            self._find("a document", str(error), _Place(document))
            return None

    @staticmethod
    def _as_of(blob: bytes) -> int | None:
        try:
            return integer_of(decode_fields(blob).get("as_of"))
        except InvalidEvent:
            return None

    def _compare(self, document: str) -> None:
        stored, folded = self._read(document), render_document(self._documents, document)
        if stored == folded:
            return
        if not _is_same(stored, folded, document):
            expected = "what the entries give" if folded else "no document"
            found = "other content" if stored else "no document"
            self._find(expected, found, _Place(document))


def _is_same(stored: bytes | None, folded: bytes | None, document: str) -> bool:
    """Whether both say the same, though perhaps in the words of an earlier release."""
    if stored is None or folded is None:
        return stored is folded
    try:
        found, given = decode(stored), decode(folded)
    except InvalidEvent:
        return False
    return found == given or (
        document == FINAL_RESULT and isinstance(given, dict) and found == as_first_written(given)
    )
