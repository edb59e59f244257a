"""Rests: what a reported total has beyond the calls that are known, as rows of their own.

So nothing counts twice, and nothing that was told is left out.

The end of an agent's run tells tokens per model, sub-agents and final figures included, where the
calls told one by one are a floor; the end of a task may tell a cost and nothing else. A *rest* is
what the total has beyond its calls, bucket by bucket, and is nothing when the calls account for
all. It is worked out anew whenever a call or a total comes or goes.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent
from tasktrail.index.call_rows import (
    REST_OF_RUN,
    REST_OF_TASK,
    CallRow,
    Telling,
    call_row_of,
    priced,
)
from tasktrail.index.cost_sums import CostChanges
from tasktrail.index.database import Row, Writing, as_list
from tasktrail.index.prices import PriceBook
from tasktrail.model.codec import Fields, decode_fields
from tasktrail.model.entry import Entry
from tasktrail.model.ids import TrailKey
from tasktrail.model.times import parse_time
from tasktrail.model.token_names import tokens_of
from tasktrail.model.usage import (
    MOST_MICRO_USD,
    Usage,
    is_undated_event,
    merge_usages,
    rest_of,
)
from tasktrail.model.view import sent_at

# Which key of a run's total by model is which bucket.
RUN_KEYS: Final = (
    "inputTokens",
    "cacheReadInputTokens",
    "cacheCreationInputTokens",
    "outputTokens",
)
NO_FLAGS: Final = (0, 0, 0)  # a rest is no copy, no side talk and no floor


class ToldCost(NamedTuple):
    """What a task was reported to have cost as a whole, as its summary has it."""

    trail: int
    family: str
    id: str
    cost: int | None
    input_tokens: int | None
    output_tokens: int | None
    attempts: str  # JSON
    guessed: str  # JSON: times of ends that their source did not tell

    @property
    def rest_name(self) -> str:
        """The name of its rest among the calls."""
        return f"task:{TrailKey(self.family, self.id).name}"

    @property
    def at(self) -> int | None:
        """When the latest attempt ended that told a cost; later events never change it."""
        ended = [one.completed_at for one in _ATTEMPTS.decode(self.attempts) if one.told_cost]
        return max((at for text in ended if text and (at := parse_time(text))), default=None)

    @property
    def is_undated(self) -> bool:
        """Whether that time is a guess."""
        return self.at in _TIMES.decode(self.guessed)

    @property
    def usage(self) -> Usage:
        """The tokens that were told with it."""
        return Usage(_sane(self.input_tokens), None, None, None, _sane(self.output_tokens))


class _Attempt(Struct):
    completed_at: str | None = None
    cost_micro_usd: int | None = None

    @property
    def told_cost(self) -> bool:
        return self.cost_micro_usd is not None


_ATTEMPTS: Final = msgspec.json.Decoder(list[_Attempt])
_TIMES: Final = msgspec.json.Decoder(list[int])


def _sane(tokens: object) -> int | None:
    return tokens_of(Raw(b"%d" % tokens)) if isinstance(tokens, int) else None


class RunTotals:
    """Totals that the ends of runs tell, and which runs are to be looked at again."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._rows: list[tuple[object, ...]] = []
        self._sessions: set[str] = set()
        self._undated: list[tuple[int, int]] = []

    @property
    def is_waiting(self) -> bool:
        """Whether any run is to be looked at again."""
        return bool(self._sessions)

    def take(self, entry: Entry, trail: int) -> None:
        """The totals by model in the end of a run."""
        is_undated = is_undated_event(entry.event)
        if is_undated:
            self._undated.append((trail, sent_at(entry.event, entry.recorded_at)))
        session = entry.event.text("session_id")
        told = entry.event.data.get("model_usage")
        if session is None or told is None:
            return
        at = sent_at(entry.event, entry.recorded_at)
        for model, fields in _by_model(told).items():
            amounts = (tokens_of(fields.get(name)) for name in RUN_KEYS)
            place = (session, model, trail, entry.seq, entry.recorded_at, at)
            self._rows.append((*place, *amounts, int(is_undated)))
        self.touch(session)

    def touch(self, session: str | None) -> None:
        """The run is to be looked at again."""
        if session is not None:
            self._sessions.add(session)

    def forget(self, trail: int) -> None:
        """The totals that a trail told are forgotten."""
        for (session,) in self._writing.query("run_totals_told_by", trail=trail):
            self.touch(session)
        self._writing.execute("drop_run_totals", trail=trail)
        self._writing.execute("drop_undated_ends", trail=trail)

    def flush(self) -> list[str]:
        """The runs to look at; their totals are in the database."""
        undated, self._undated = self._undated, []
        self._writing.insert("add_undated_ends", undated)
        rows, self._rows = self._rows, []
        self._writing.insert("add_run_totals", rows)
        sessions, self._sessions = sorted(self._sessions), set()
        return sessions


def settle_runs(
    writing: Writing, sessions: Iterable[str], changes: CostChanges, book: PriceBook
) -> set[int]:
    """The trails whose rests may be others now: those of these runs were worked out anew."""
    asked = as_list(sessions)
    old = {
        row.telling.name: row
        for row in map(call_row_of, writing.query("rests_of_runs", sessions=asked))
    }
    totals: dict[tuple[str, str], list[Row]] = {}
    for row in writing.query("run_totals_of", sessions=asked):
        totals.setdefault((row[0], row[1]), []).append(row)
    rests = [_rest_of_run(writing, *run, rows, book) for run, rows in totals.items()]
    trails = _replace(writing, old, {row.telling.name: row for row in rests if row}, changes)
    return trails | {row[2] for rows in totals.values() for row in rows}


def settle_tasks(writing: Writing, trails: Iterable[int], changes: CostChanges) -> None:
    """What tasks were reported to cost beyond their calls is worked out anew."""
    asked = as_list(trails)
    told = [ToldCost(*row) for row in writing.query("told_costs", trails=asked)]
    names = as_list(one.rest_name for one in told)
    old = {
        row.telling.name: row for row in map(call_row_of, writing.query("calls_named", names=names))
    }
    rests = (_rest_of_task(writing, one) for one in told)
    _replace(writing, old, {row.telling.name: row for row in rests if row}, changes)


def _replace(
    writing: Writing,
    old: Mapping[str, CallRow],
    new: Mapping[str, CallRow],
    changes: CostChanges,
) -> set[int]:
    """The trails of the rows that are other ones now."""
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if changed:
        writing.execute("drop_calls", names=as_list(changed))
        writing.insert("add_calls", (new[name].columns for name in changed if name in new))
    trails = set()
    for name in changed:
        changes.replace(old.get(name), new.get(name))
        trails |= {row.telling.trail for row in (old.get(name), new.get(name)) if row}
    return trails


def _rest_of_run(
    writing: Writing, session: str, model: str, rows: list[Row], book: PriceBook
) -> CallRow | None:
    (parts,) = writing.query("parts_of_run", session_id=session, model=model)
    total = merge_usages(_usage_of(row) for row in rows)
    rest = rest_of(total, Usage(*parts))
    if not any(rest.known):
        return None
    latest = max(rows, key=lambda row: (row[5], row[4], row[3]))
    _, _, trail, seq, recorded, at, *_, is_undated = latest
    telling = Telling(
        f"run:{session}:{model}",
        *(trail, seq, recorded, at, session, session, model, None),
        *(rest.input_uncached, rest.cache_read, rest.cache_write_5m, None, rest.output, None),
        *(None, None, None, None, None, None),
        *NO_FLAGS,
        is_undated=is_undated,
        unread=None,
    )
    return priced(CallRow(REST_OF_RUN, len(rows), None, None, telling), book)


def _usage_of(row: Row) -> Usage:
    uncached, read, writes, output = row[6:-1]
    return Usage(uncached, read, writes, None, output)


def _rest_of_task(writing: Writing, told: ToldCost) -> CallRow | None:
    """What the end of a task tells beyond its calls; where these say all, nothing."""
    if told.cost is None or not 0 <= told.cost <= MOST_MICRO_USD or told.at is None:
        return None
    ((calls, known),) = writing.query("parts_of_task", trail=told.trail)
    if calls and told.cost - known <= calls:  # each call was rounded
        return None
    usage = Usage() if calls else told.usage
    telling = Telling(
        told.rest_name,
        *(told.trail, 0, told.at, told.at, None, None, None, None),
        *(usage.input_uncached, None, None, None, usage.output, None, None),
        *(None, None),
        *(told.cost - known if calls else told.cost, None, None),
        *NO_FLAGS,
        is_undated=int(told.is_undated),
        unread=None,
    )
    return CallRow(REST_OF_TASK, 1, None, None, telling)


def _by_model(told: Raw) -> dict[str, Fields]:
    """The totals of each model; none where they are no object of objects."""
    try:
        return {model: decode_fields(raw) for model, raw in decode_fields(told).items()}
    except InvalidEvent:
        return {}
