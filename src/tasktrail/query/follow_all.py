"""Follow all tasks: everything that is recorded from a cursor on, whatever the trail.

The cursor is a place in each partition's spool; which trails advanced since is told by the journal
of touched trails. Entries of one trail come in their order. Near the end of the spool all entries
come in its order; who follows from further back gets them batch by batch, trail by trail.
"""

from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.errors import InvalidCursor, TaskNotFound, TornEntry
from tasktrail.index.entries import Pointer
from tasktrail.index.peek import Glimpse, look
from tasktrail.model.filters import EntryFilter, matches, without_place
from tasktrail.model.ids import TrailKey
from tasktrail.model.page import decode_cursor, encode_cursor
from tasktrail.query.fresh_lines import lines_behind
from tasktrail.query.reader import Reader
from tasktrail.query.rows import Row, row_at
from tasktrail.query.text_scan import Hit, row_of_hit
from tasktrail.query.trail_view import TrailView
from tasktrail.store.scan import read_ranges
from tasktrail.store.touched import Touched, read_touched

BATCH_ENTRIES: Final = 500
NEAR_LINES_BYTES: Final = 16 << 20  # of all trails together, held at a time
BATCH_BYTES: Final = 1 << 20  # lines of one batch, unless those of one place are longer
NEAR_BYTES: Final = 4 << 20  # of the spool; what is further back is told by the index
STEP_BACK_ENTRIES: Final = 64  # how many entries are looked at first, back from a trail's end
MOST_BACK_ENTRIES: Final = 4_096
CURSOR: Final = "all tasks"
EVERY_ENTRY: Final = EntryFilter()

Places = dict[int, int]  # partition → a place in its spool


class Placed(NamedTuple):
    """An entry and its place in the spool."""

    pos: int
    number: int
    hit: Hit
    key: TrailKey


class Found(NamedTuple):
    """An entry's place in the spool, and where its line stands."""

    pos: int
    key: TrailKey
    pointer: Pointer


class AllBatch(Struct, frozen=True):
    """What a reading found, and whether entries were passed over because nobody could tell them."""

    logs: list[Row]
    cursor: str
    has_gap: bool = False


class AllFollower:
    """One follower of all tasks; used by one thread at a time."""

    def __init__(
        self, reader: Reader, wanted: EntryFilter = EVERY_ENTRY, *, cursor: str | None = None
    ) -> None:
        self._reader = reader
        self._wanted = without_place(wanted)
        self._places = reader.recorded() if cursor is None else _places_of(cursor)

    @property
    def cursor(self) -> str:
        """Where another follower goes on."""
        return encode_cursor(CURSOR, tuple(at for one in self._places.items() for at in one))

    def refilter(self, wanted: EntryFilter) -> None:
        """From the cursor on, other entries match."""
        self._wanted = without_place(wanted)

    def next_batch(
        self, limit: int = BATCH_ENTRIES, *, recorded: Places | None = None
    ) -> AllBatch | None:
        """What is recorded after the cursor, about `limit` rows; `None` when nothing is.

        Whoever names what was `recorded` sees everything as it was then, unless the cursor is
        already beyond it.
        """
        rows: list[Row] = []
        has_gap = has_moved = False
        if recorded is None or any(self._places.get(p, 0) > end for p, end in recorded.items()):
            recorded = self._reader.recorded()
        for p, end in recorded.items():
            if len(rows) >= limit or self._places.get(p, 0) == end:
                continue
            has_moved = True
            has_gap |= self._advance(p, end, rows, limit)
        return AllBatch(rows, self.cursor, has_gap) if has_moved else None

    def _advance(self, p: int, recorded: int, rows: list[Row], limit: int) -> bool:
        """Whether entries had to be passed over; the rows of the partition are appended."""
        after = self._places.get(p, 0)
        batches = read_touched(self._reader.layout, p, after=after)
        if batches is None or recorded < after:
            self._places[p] = recorded
            return True
        told = [batch for batch in batches if batch.pos <= recorded]
        if recorded - after <= NEAR_BYTES:
            found = self._newest(told, after, recorded)
            if found is not None:
                self._places[p] = self._take(found, rows, limit, recorded)
                return False
        for batch in told:
            if len(rows) >= limit:
                break
            recorded_by_it = self._found_in(batch, self._places.get(p, 0))
            self._places[p] = self._take_by_pointers(recorded_by_it, rows, limit, batch.pos)
            if self._places[p] != batch.pos:
                break
        return False

    def _newest(self, batches: list[Touched], after: int, recorded: int) -> list[Placed] | None:
        """All that lies between the two places, in the order of the spool.

        `None` where it is more than is read back from the ends of files at once.
        """
        trails = dict.fromkeys(key for batch in batches for key in batch.heads())
        found: list[Placed] = []
        left = NEAR_LINES_BYTES
        for key in trails:
            fresh = lines_behind(
                self._reader.layout,
                key,
                partial(_is_before, after),
                below=recorded,
                most_bytes=left,
            )
            if fresh is None:
                return None
            left -= sum(len(hit.line.line) for hit in fresh)
            found += (Placed(hit.glimpse.pos, number, hit, key) for number, hit in enumerate(fresh))
        return sorted(found, key=lambda one: (one.pos, one.key, one.number))

    def _take(self, found: list[Placed], rows: list[Row], limit: int, recorded: int) -> int:
        """The place to go on from; entries of one place in the spool stay together."""
        last, held = None, 0
        for one in found:
            held += len(one.hit.line.line)
            if (len(rows) >= limit or held > BATCH_BYTES) and last not in {None, one.pos}:
                return one.pos
            last = one.pos
            row = row_of_hit(self._wanted, one.hit, one.key)
            if row is not None:
                rows.append(row)
        return recorded

    def _take_by_pointers(self, found: list[Found], rows: list[Row], limit: int, end: int) -> int:
        """The same of entries whose lines are still to be read, one by one."""
        last, held = None, 0
        for one in found:
            held += one.pointer.length
            if (len(rows) >= limit or held > BATCH_BYTES) and last not in {None, one.pos}:
                return one.pos
            last, (line,) = one.pos, read_ranges(self._reader.layout, one.key, [_at(one.pointer)])
            with suppress(TornEntry):
                row = row_at(line or b"", one.pointer.channel, one.key)
                if matches(self._wanted, row):
                    rows.append(row)
        return end

    def _found_in(self, batch: Touched, after: int) -> list[Found]:
        """What a batch recorded at or after the cursor, in the order of the spool, by the index."""
        found: list[Found] = []
        for key, last in batch.heads().items():
            read = partial(self._pointers, last=last, after=after)
            with suppress(TaskNotFound):  # it was removed since
                found += self._reader.on_trail(key, read, may_wait=False)
        return sorted(found, key=lambda one: (one.pos, one.key, one.pointer.seq))

    def _pointers(self, view: TrailView, *, last: int, after: int) -> list[Found]:
        """The entries up to `last`, back from the end until one is older than the cursor."""
        selection, step = view.select(EVERY_ENTRY), STEP_BACK_ENTRIES
        found: list[Found] = []
        before = last + 1
        while pointers := selection.down(after=-1, before=before, limit=step):
            for pointer in pointers:
                (line,) = read_ranges(self._reader.layout, view.key, [_at(pointer)])
                pos = _pos_of(line, pointer, view.key)
                if pos is not None and pos < after:
                    return found
                if pos is not None:
                    found.append(Found(pos, view.key, pointer))
            before, step = pointers[-1].seq, min(2 * step, MOST_BACK_ENTRIES)
        return found


class FollowAll:
    """Looks at all trails behind a cursor; keeps nothing about who looks."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def end(self) -> str:
        """The cursor behind everything that is recorded by now."""
        return AllFollower(self._reader).cursor

    def recorded(self) -> Places:
        """How far everything is recorded by now."""
        return self._reader.recorded()

    def next_batch(
        self,
        wanted: EntryFilter,
        *,
        cursor: str,
        max_entries: int,
        recorded: Places | None = None,
    ) -> AllBatch | None:
        """What is recorded behind the cursor; `None`: nothing. Raises InvalidCursor."""
        follower = AllFollower(self._reader, wanted, cursor=cursor)
        return follower.next_batch(max_entries, recorded=recorded)


def _at(pointer: Pointer) -> tuple[str, int, int]:
    return pointer.channel, pointer.offset, pointer.length


def _is_before(after: int, glimpse: Glimpse) -> bool:
    return glimpse.pos < after


def _pos_of(line: bytes | None, pointer: Pointer, key: TrailKey) -> int | None:
    try:
        return look(line or b"", pointer.channel, key).pos
    except TornEntry:
        return None


def _places_of(cursor: str) -> dict[int, int]:
    numbers = decode_cursor(CURSOR, cursor)
    if len(numbers) % 2 or not all(isinstance(one, int) for one in numbers):
        raise InvalidCursor(f"expected a cursor of all tasks, found {cursor[:80]!r}")
    return dict(zip(map(int, numbers[::2]), map(int, numbers[1::2]), strict=True))
