"""Sums of calls, and what a change of calls changes in them: in each table of sums that is kept."""

from collections.abc import Iterable, Iterator, Sequence
from operator import add
from typing import Final, NamedTuple

from tasktrail.index.call_rows import A_CALL, CallRow
from tasktrail.index.database import Writing
from tasktrail.model.usage import BUCKETS

QUARTER_MICROS: Final = 15 * 60 * 1_000_000

Key = tuple[object, ...]


class Sums(NamedTuple):
    """Sums over calls; the columns of the tables, in their order."""

    parts: int = 0
    calls: int = 0
    failed: int = 0
    estimated: int = 0
    unpriced: int = 0
    undated: int = 0
    input_uncached: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    unsorted: int = 0
    cost: int = 0
    reported: int = 0
    computed: int = 0
    compared: int = 0
    compared_reported: int = 0
    compared_computed: int = 0

    def plus(self, other: Sequence[int]) -> "Sums":
        """Both together."""
        return Sums(*map(add, self, other))

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input + self.output + self.reasoning + self.unsorted

    @property
    def input(self) -> int:
        """Every token that went in."""
        return self.input_uncached + self.cache_read + self.cache_write_5m + self.cache_write_1h


NOTHING: Final = Sums()


def sum_of(every: Iterable[Sums]) -> Sums:
    """All of them together."""
    return Sums(*map(sum, zip(NOTHING, *every, strict=True)))


def sums_of(row: CallRow, sign: int = 1) -> Sums:
    """What one call adds."""
    told = row.telling
    usage, is_call = told.usage, row.kind == A_CALL
    both = told.reported is not None and row.computed is not None
    amounts = (
        1,
        int(is_call),
        int(is_call and told.success == 0),
        int(is_call and bool(told.is_estimated)),
        int(row.is_unpriced),
        told.is_undated,
        *(getattr(usage, name) or 0 for name in BUCKETS),
        max(0, (usage.total or 0) - sum(usage.known)),
        row.cost or 0,
        told.reported or 0,
        row.computed or 0,
        int(both),
        (told.reported or 0) if both else 0,
        (row.computed or 0) if both else 0,
    )
    return Sums(*amounts) if sign == 1 else Sums(*(sign * amount for amount in amounts))


# What the keys of the tables are called, and how a table is added to and cleared of nothing.
_WHOSE: Final = ("trail", "session_id", "worker_id", "model")
TABLES: Final = (
    (("quarter", *_WHOSE), "add_to_call_rollups", "drop_empty_rollup"),
    (_WHOSE, "add_to_cost_totals", "drop_empty_cost_total"),
    (("quarter", "model"), "add_to_quarter_costs", "drop_empty_quarter_cost"),
    (("trail",), "add_to_trail_costs", "drop_empty_trail_cost"),
)


class CostChanges:
    """What one transaction changes in the sums."""

    def __init__(self) -> None:
        self._quarters: dict[Key, Sums] = {}

    def replace(self, old: CallRow | None, new: CallRow | None) -> None:
        """One call becomes another; `None`: there was none, or is none any more."""
        if old is not None:
            self._add(old, -1)
        if new is not None:
            self._add(new, 1)

    def _add(self, row: CallRow, sign: int) -> None:
        told, sums = row.telling, sums_of(row, sign)
        whose: Key = (told.trail, told.session_id or "", told.worker_id or "", told.model or "")
        quarter: Key = (told.at // QUARTER_MICROS, *whose)
        known = self._quarters.get(quarter)
        self._quarters[quarter] = sums if known is None else known.plus(sums)

    def write(self, writing: Writing) -> None:
        """The sums are in the database; the changes are done with."""
        quarters, self._quarters = self._quarters, {}
        totals = _together(quarters, slice(1, None))
        models = _together(quarters, slice(None, None, len(_WHOSE)))  # the first and the last
        trails = _together(totals, slice(1))
        changed = (quarters, totals, models, trails)
        for (names, adds, drops), changes in zip(TABLES, changed, strict=True):
            writing.insert(adds, _rows(changes))
            for key, sums in changes.items():
                if sums.parts < 0:
                    writing.execute(drops, **dict(zip(names, key, strict=True)))


def _together(changes: dict[Key, Sums], part: slice) -> dict[Key, Sums]:
    """The changes of all that have that part of their keys in common."""
    found: dict[Key, Sums] = {}
    for key, sums in changes.items():
        known = found.get(key[part])
        found[key[part]] = sums if known is None else known.plus(sums)
    return found


def _rows(changes: dict[Key, Sums]) -> Iterator[tuple[object, ...]]:
    return ((*key, *sums) for key, sums in changes.items() if sums != NOTHING)
