"""The table of model calls: each call once over the whole root, with its cost and in its sums.

Several entries may tell of one call: lines of a transcript, copies in resumed sessions, a second
source. They are kept as tellings, and the call is what they come to, worked out anew from all of
them whenever one comes or goes. So the table depends on the entries and the prices alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tasktrail.index.call_rests import RunTotals, settle_runs, settle_tasks
from tasktrail.index.call_rows import (
    A_CALL,
    CallRow,
    Telling,
    call_row_of,
    merged,
    priced,
    telling_of,
)
from tasktrail.index.cost_sums import CostChanges
from tasktrail.index.database import Queries, Writing, as_list
from tasktrail.index.prices import PriceBook, book_of, library_version
from tasktrail.model.entry import Entry
from tasktrail.model.ids import TrailKey

CALL_EVENT: Final = "task:api_call"
END_EVENTS: Final = frozenset({"task:completed", "task:failed", "task:status"})
# What a recorded command's agent says at the end of each of its turns.
FIGURES_EVENT: Final = "task:metrics"
CALLS_AT_ONCE: Final = 4_000


class CallTable:
    """Model calls, within one transaction."""

    event_types: Final = frozenset({CALL_EVENT, FIGURES_EVENT}) | END_EVENTS

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._new: list[Telling] = []
        self._totals = RunTotals(writing)
        self._trails: set[int] = set()  # whose own total may say more than their calls
        self._changes = CostChanges()

    def take(self, entry: Entry, key: TrailKey, *, trail: int) -> None:
        """A telling of a call, or what may tell totals: the end of a task, figures of a run."""
        if entry.event.event_type == CALL_EVENT:
            self._new.append(telling_of(entry, key, trail))
            if len(self._new) >= CALLS_AT_ONCE:
                self._merge_new()
        else:
            self._totals.take(entry, trail)
        self._trails.add(trail)

    def flush(self) -> None:
        """Calls, rests and sums are in the database."""
        self._merge_new()
        if self._trails or self._totals.is_waiting:
            self._settle()

    def forget(self, trail: int) -> None:
        """What the trail told is forgotten; what others told of its calls stays."""
        self._merge_new()
        names = [name for (name,) in self._writing.query("call_names_of_trail", trail=trail)]
        self._totals.forget(trail)
        self._writing.execute("drop_tellings_of_trail", trail=trail)
        for some in _blocks(names):
            self._work_out(some, without=trail)
        self._trails.discard(trail)
        self._settle()

    def _settle(self) -> None:
        book = book_in(self._writing)
        self._trails |= settle_runs(self._writing, self._totals.flush(), self._changes, book)
        settle_tasks(self._writing, self._trails, self._changes)
        self._changes.write(self._writing)

    def _merge_new(self) -> None:
        new, self._new = self._new, []
        if new:
            self._work_out(list(dict.fromkeys(one.name for one in new)), new=new)

    def _work_out(
        self, names: Sequence[str], *, new: Sequence[Telling] = (), without: int | None = None
    ) -> None:
        """The calls of these names, out of all their tellings."""
        asked = as_list(names)
        old = {
            row.telling.name: row
            for row in map(call_row_of, self._writing.query("calls_named", names=asked))
        }
        found: dict[str, dict[tuple[int, int], Telling]] = {}
        for one in self._every_telling(old, asked, new):
            if one.trail != without:
                found.setdefault(one.name, {})[one.trail, one.seq] = one
        told = {name: list(every.values()) for name, every in found.items()}
        book = book_in(self._writing)
        trails = self._trail_names(told.values())
        rows = {name: merged(every, trails, book) for name, every in told.items()}
        self._keep_tellings(old, told)
        for name in self._replace(old, rows):
            self._trails.update(one.trail for one in told.get(name, ()))

    def _keep_tellings(self, old: dict[str, CallRow], told: dict[str, list[Telling]]) -> None:
        """Tellings stand where a call has several; one that is left alone is the call itself."""
        several = {name for name, row in old.items() if row.tellings > 1}
        alone = [name for name in several if len(told.get(name, ())) == 1]
        if alone:
            self._writing.execute("drop_tellings_named", names=as_list(alone))
        self._writing.insert(
            "add_tellings", (one for every in told.values() if len(every) > 1 for one in every)
        )

    def _every_telling(
        self, old: dict[str, CallRow], asked: str, new: Sequence[Telling]
    ) -> Iterator[Telling]:
        """Every telling: a call that was told once is its own telling."""
        several = any(row.tellings > 1 for row in old.values())
        yield from new
        yield from (row.telling for row in old.values() if row.tellings == 1 and row.kind == A_CALL)
        if several:
            yield from (Telling(*row) for row in self._writing.query("tellings_named", names=asked))

    def _replace(self, old: dict[str, CallRow], rows: dict[str, CallRow]) -> Iterable[str]:
        """The calls that are other ones now."""
        gone = [name for name, row in old.items() if rows.get(name) != row]
        if gone:
            self._writing.execute("drop_calls", names=as_list(gone))
        came = {name: row for name, row in rows.items() if old.get(name) != row}
        self._writing.insert("add_calls", (row.columns for row in came.values()))
        changed = dict.fromkeys([*gone, *came])
        for name in changed:
            before, after = old.get(name), came.get(name)
            self._changes.replace(before, after)
            self._touch(before)
            self._touch(after)
        return changed

    def _touch(self, row: CallRow | None) -> None:
        """What is left of its task's and its run's totals is to be worked out anew."""
        if row is not None:
            self._trails.add(row.telling.trail)
            self._totals.touch(row.telling.session_id)

    def _trail_names(self, groups: Iterable[Sequence[Telling]]) -> dict[int, str]:
        """The names of the trails that tell of one call more than once together."""
        numbers = {one.trail for every in groups if len(every) > 1 for one in every}
        return names_of(self._writing, numbers) if numbers else {}


def names_of(queries: Queries, numbers: Iterable[int]) -> dict[int, str]:
    """Trails by their numbers, under names that no index chooses."""
    rows = queries.query("trail_names", trails=as_list(numbers))
    return {number: TrailKey(family, name).name for number, family, name in rows}


def book_in(queries: Queries) -> PriceBook:
    """The prices by which this index counts."""
    for _, user_text, _ in queries.query("price_book"):
        return book_of(user_text, library_version())
    return book_of(None, library_version())


def price_anew(writing: Writing) -> int:
    """How many calls cost something else by the book that now holds; all are gone through."""
    book, changes, names = book_in(writing), CostChanges(), list[str]()
    number = found = 0
    while rows := writing.query("calls_after", call=number, limit=CALLS_AT_ONCE):
        for row in rows:
            old, number = call_row_of(row), row[0]
            new = priced(old, book)
            if new != old:
                price = {"computed": new.computed, "price_source": new.price_source}
                writing.execute("price_call", call=number, **price)
                changes.replace(old, new)
                names.append(old.telling.name)
                found += 1
    for some in _blocks(names):
        told = writing.query("trails_that_tell_of", names=as_list(some))
        settle_tasks(writing, [trail for (trail,) in told], changes)
    changes.write(writing)
    return found


def _blocks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), CALLS_AT_ONCE):
        yield names[start : start + CALLS_AT_ONCE]
