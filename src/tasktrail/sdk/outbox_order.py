"""What waits in the outboxes of many processes, in the order of its times.

A job and its children say things in turns, each into an outbox of its own: taken on one outbox
after the other, a child that has ended would have spoken before its parent began. Within an outbox
the order is the one in which things stand there, whatever their times.
"""

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heapreplace
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.sdk.outbox_files import OutboxFile, Waiting

MAX_SOURCES: Final = 64  # outboxes read side by side: what bounds our memory

# `None` for a file that cannot be read.
OpenFile = Callable[[Path], OutboxFile | None]
# Something that waits, behind the file in which it stands.
Taken = tuple[OutboxFile, Waiting]


class Rested(NamedTuple):
    """A file that was read to its end; whether nobody wrote to it even before that."""

    file: OutboxFile
    is_abandoned: bool


class Round:
    """One round through the outboxes."""

    def __init__(
        self, paths: Iterable[Path], open_file: OpenFile, *, max_events: int, max_bytes: int
    ) -> None:
        """`paths` as `list_outboxes` has them: where times are equal, the first goes first.

        So much is read of one outbox at a time, and a batch with so much is complete.
        """
        parts: dict[str, list[Path]] = {}
        for path in paths:
            parts.setdefault(path.name.partition(".")[0], []).append(path)
        self.rested: list[Rested] = []  # complete when the round is over
        self._max_events, self._max_bytes = max_events, max_bytes
        self._sources: list[_Source] = []
        for of_one in parts.values():
            source = _Source(of_one, open_file, self.rested, max_events, max_bytes)
            if source.fill():
                self._sources.append(source)
            if len(self._sources) >= MAX_SOURCES:
                break  # the others come when these have nothing left

    def batches(self) -> Iterator[list[Taken]]:
        """What waits, in parts; who asks for the next one has taken on the one before.

        What a dead process left is read whole. Where a living one has said more than was read, the
        round is over: that comes before what others said later.
        """
        heap = [(source.time, order, source) for order, source in enumerate(self._sources)]
        heapify(heap)
        batch: list[Taken] = []
        size = 0
        while heap:
            _, order, source = heap[0]
            taken = source.take([one[:2] for one in heap[1:3]], order)
            batch += taken
            size += sum(one.size for _, one in taken)
            must_read = source.is_taken and source.has_more
            if must_read or len(batch) >= self._max_events or size >= self._max_bytes:
                yield batch
                self._pass_on()
                batch, size = [], 0
            if must_read and source.is_living:
                break
            if must_read:
                source.fill()
            if source.is_taken:
                heappop(heap)
            else:
                heapreplace(heap, (source.time, order, source))
        if batch:
            yield batch
            self._pass_on()
        for source in self._sources:
            source.rest()

    def _pass_on(self) -> None:
        for source in self._sources:
            source.pass_on()


class _Source:
    """What waits in the files of one process, of which a part is read."""

    def __init__(
        self,
        paths: list[Path],
        open_file: OpenFile,
        rested: list[Rested],
        max_events: int,
        max_bytes: int,
    ) -> None:
        self._paths = paths[::-1]
        self._open_file = open_file
        self._rested = rested
        self._max_events, self._max_bytes = max_events, max_bytes
        self._file: OutboxFile | None = None
        self._waiting: list[Waiting] = []
        self._at = 0
        self.is_living = False

    def fill(self) -> bool:
        """Whether something waits; what was read before is taken on."""
        self._waiting, self._at = [], 0
        while self._file is not None or self._paths:
            if self._file is None:
                self._file = self._open_file(self._paths.pop())
            file = self._file
            if file is None:
                continue
            self.is_living = not file.is_abandoned()  # asked before reading: nothing can follow
            self._waiting = file.read(max_events=self._max_events, max_bytes=self._max_bytes)
            if self._waiting:
                return True
            self._leave(file)
        return False

    def _leave(self, file: OutboxFile) -> None:
        self._rested.append(Rested(file, not self.is_living))
        self._file = None

    @property
    def time(self) -> int:
        """When the next one was said; what is damaged has no time, and goes at once."""
        frame = self._waiting[self._at].frame
        return 0 if frame is None else frame.at

    @property
    def is_taken(self) -> bool:
        """Whether all that was read is taken."""
        return self._at >= len(self._waiting)

    @property
    def has_more(self) -> bool:
        """Whether more is there than what was read."""
        if self._file is None or not self._waiting:
            return False
        return self._waiting[-1].end < self._file.size or bool(self._paths and not self.is_living)

    def take(self, others: list[tuple[int, int]], order: int) -> list[Taken]:
        """At least one: what comes before the others' next ones of these times and orders."""
        file, first = self._file, self._at
        if file is None:
            return []
        if others:
            until = min(others)
            self._at += 1
            while not self.is_taken and (self.time, order) <= until:
                self._at += 1
        else:
            self._at = len(self._waiting)
        return [(file, one) for one in self._waiting[first : self._at]]

    def pass_on(self) -> None:
        """The file knows how far it was taken on, also in the middle of a line."""
        if self._file is None or not self._waiting:
            return
        if self.is_taken:
            self._file.pass_to(self._waiting[-1].end)
        else:
            following = self._waiting[self._at]
            self._file.pass_to(following.offset, frames=following.place)

    def rest(self) -> None:
        """What a dead process left is read to its end."""
        if self._file is not None and self.is_taken and not self.is_living and not self.has_more:
            self._leave(self._file)
