"""Model calls as rows of the index: one telling, and the call that all tellings come to.

Pure: which of several tellings a call belongs to, and what they come to, depends on the tellings
alone, not on the order in which they were read.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from tasktrail.index.database import Row
from tasktrail.index.prices import PriceBook
from tasktrail.model.entry import Entry
from tasktrail.model.ids import UNASSIGNED_SESSION, TrailKey
from tasktrail.model.usage import ApiCall, Usage, merge_calls, read_call

A_CALL: Final = 0
REST_OF_RUN: Final = 1
REST_OF_TASK: Final = 2


class Telling(NamedTuple):
    """One entry that tells of a call; the columns of `tellings`, in their order."""

    name: str
    trail: int
    seq: int
    recorded: int
    at: int
    session_id: str | None
    worker_id: str | None
    model: str | None
    provider: str | None
    input_uncached: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None
    total: int | None
    web_searches: int | None
    tier: str | None
    reported: int | None
    duration_ms: int | None
    success: int | None
    is_embedded: int
    is_sidechain: int
    is_estimated: int
    is_undated: int
    unread: str | None

    @property
    def usage(self) -> Usage:
        """Its tokens."""
        return Usage(*self[9:17])

    @property
    def call(self) -> ApiCall:
        """What it tells."""
        return ApiCall(
            None,
            self.model,
            self.provider,
            self.at,
            self.usage,
            self.tier,
            self.reported,
            self.duration_ms,
            None if self.success is None else bool(self.success),
            bool(self.is_embedded),
            bool(self.is_sidechain),
            bool(self.is_estimated),
            bool(self.is_undated),
            self.unread,
        )


class CallRow(NamedTuple):
    """One call: a row of `calls`, whatever its number."""

    kind: int
    tellings: int
    computed: int | None
    price_source: str | None
    telling: Telling  # what all tellings come to

    @property
    def cost(self) -> int | None:
        """Micro-dollars: what the source reported, else what the prices say."""
        reported = self.telling.reported
        return self.computed if reported is None else reported

    @property
    def is_unpriced(self) -> bool:
        """Whether it must have cost something that nobody knows."""
        used_nothing = self.telling.success == 0 and not self.telling.usage.tokens
        return self.cost is None and not used_nothing

    @property
    def columns(self) -> tuple[object, ...]:
        """A new row of `calls`, which gets its number there."""
        name, *rest = self.telling
        return (None, name, self.kind, self.tellings, *rest, self.computed, self.price_source)


def call_row_of(row: Row) -> CallRow:
    """The call in a row of `calls`."""
    _, name, kind, tellings, *rest, computed, price_source = row
    return CallRow(kind, tellings, computed, price_source, Telling(name, *rest))


def telling_of(entry: Entry, key: TrailKey, trail: int) -> Telling:
    """The row of an entry that tells of a call."""
    call = read_call(entry)
    name = f"id:{call.call_id}" if call.call_id else f"at:{key.name}:{entry.seq}"
    event = entry.event
    session = key.id if key.family == "sessions" else event.text("session_id")
    if session == UNASSIGNED_SESSION:
        session = None  # its worker's, once that is known
    place = (trail, entry.seq, entry.recorded_at, call.at, session, event.text("worker_id"))
    return Telling(name, *place, *_told(call))


def _told(call: ApiCall) -> tuple[Any, ...]:
    usage = call.usage
    return (
        call.model,
        call.provider,
        usage.input_uncached,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.output,
        usage.reasoning,
        usage.total,
        usage.web_searches,
        call.tier,
        call.reported_micro_usd,
        call.duration_ms,
        None if call.success is None else int(call.success),
        int(call.is_embedded),
        int(call.is_sidechain),
        int(call.is_floor),
        int(call.is_undated),
        call.unread,
    )


def merged(tellings: Iterable[Telling], names: Mapping[int, str], book: PriceBook) -> CallRow:
    """The call that the tellings come to; `names` are those of their trails.

    It belongs to the first that was recorded, main conversations before others, and copies inside
    another transcript count only where there is nothing else. Its time is one that a source told,
    where any did.
    """

    def place(one: Telling) -> tuple[object, ...]:
        trail = names.get(one.trail, "")
        return one.is_embedded, one.is_sidechain, one.recorded, trail, one.seq

    every = list(tellings)
    if len(every) == 1:  # nearly always
        return priced(CallRow(A_CALL, 1, None, None, every[0]), book)
    every.sort(key=place)
    counted = [one for one in every if one.is_embedded == every[0].is_embedded]
    call = merge_calls([one.call for one in counted])
    first = counted[0]
    at = next((one.at for one in counted if not one.is_undated), first.at)
    session = next((one.session_id for one in counted if one.session_id), None)
    worker = next((one.worker_id for one in counted if one.worker_id), None)
    whole = Telling(*first[:4], at, session, worker, *_told(call))
    return priced(CallRow(A_CALL, len(every), None, None, whole), book)


def priced(row: CallRow, book: PriceBook) -> CallRow:
    """The call with what it costs by that book; a rest of a task has only what was reported."""
    if row.kind == REST_OF_TASK:
        return row
    computed, source = book.cost_of(row.telling.call)
    return row._replace(computed=computed, price_source=source)
