"""Trails in the index: how far each is read, what it folds to, and lists of them."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct, field

from tasktrail.index.database import Queries, Row, Writing, as_list
from tasktrail.index.entries import Kind
from tasktrail.model.entry_filter import IDS, PREFIX, EntryFilter, fits_names
from tasktrail.model.filters import MAX_SEQ, TaskFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task

KINDS: Final = {"tasks": "task", "sessions": "session"}

_TASK: Final = msgspec.json.Decoder(Task)
_PLACES: Final = msgspec.json.Decoder(dict[str, int])
_ENCODER: Final = msgspec.json.Encoder()  # unlike msgpack it has integers of any size


class TrailState(Struct):
    """A trail as far as it is read: the fold goes on from here."""

    key: TrailKey
    number: int  # which trail it is in the tables
    task: Task
    as_of: int = 0  # the last seq that was read
    created: int = 0  # µs: when its first entry was recorded
    updated: int = 0  # µs: when its latest entry was recorded
    damaged: int = 0  # lines that could not be read
    places: dict[str, int] = field(default_factory=dict)  # channel → offset after the last line


class Listed(Struct, frozen=True):
    """A trail in a list: its place in the order, and its summary."""

    created: int
    id: str
    number: int
    as_of: int
    task: Task

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands: the newest has the highest place."""
        return self.created, self.id


def fresh_state(key: TrailKey, number: int) -> TrailState:
    """A trail of which nothing is read yet."""
    return TrailState(key, number, Task(key.id, kind=KINDS[key.family]))


def find_state(queries: Queries, key: TrailKey) -> TrailState | None:
    """The trail as far as it is read; `None` when the index does not know it."""
    for row in queries.query("trail", family=key.family, id=key.id):
        return _state_of(row)
    return None


def _state_of(row: Row) -> TrailState:
    number, family, name, as_of, created, updated, damaged, places, summary = row
    return TrailState(
        TrailKey(family, name),
        number,
        _TASK.decode(summary),
        as_of,
        created,
        updated,
        damaged,
        _PLACES.decode(places),
    )


def add_state(writing: Writing, state: TrailState) -> None:
    """The trail becomes known."""
    writing.execute(
        "add_trail",
        trail=state.number,
        family=state.key.family,
        id=state.key.id,
        places=_ENCODER.encode(state.places),
        summary=_encoded(state.task),
    )


def save_state(writing: Writing, state: TrailState) -> None:
    """How far the trail is read now."""
    task = state.task
    writing.execute(
        "save_trail",
        trail=state.number,
        as_of=state.as_of,
        created=state.created,
        updated=state.updated,
        damaged=state.damaged,
        status=task.status,
        source=task.source,
        agent=task.agent,
        title=task.title,
        session_id=task.session_id,
        job_id=task.job_id,
        places=_ENCODER.encode(state.places),
        summary=_encoded(task),
    )


def _encoded(task: Task) -> bytes:
    """The summary; sums that grew beyond what any encoder takes cost themselves, not the index."""
    try:
        return _ENCODER.encode(task)
    except (ValueError, OverflowError):
        task.input_tokens = task.output_tokens = task.cost_micro_usd = None
        return _ENCODER.encode(task)


def list_tasks(
    queries: Queries, wanted: TaskFilter, *, limit: int, before: tuple[int, str] | None
) -> list[Listed]:
    """The tasks that match, newest first, those after the place `before` in that order."""
    created, name = before or (MAX_SEQ, "")
    rows = queries.query(
        "trails_page" + _by(wanted), **_values(wanted), created=created, id=name, limit=limit
    )
    return [
        Listed(created, name, number, as_of, _TASK.decode(summary))
        for number, created, name, as_of, summary in rows
    ]


def count_tasks(queries: Queries, wanted: TaskFilter) -> int:
    """How many tasks match."""
    ((count,),) = queries.query("trails_count" + _by(wanted), **_values(wanted))
    return int(count)


def trails_to_search(
    queries: Queries, wanted: EntryFilter
) -> Iterator[tuple[TrailKey, dict[str, int], int | None, str | None]]:
    """Trails that may have entries that match, with the sizes of the channels to look at.

    And with how many match, where counts alone tell and no text is asked for, and with the task's
    title. The trail with the latest entry comes first.
    """
    kinds = {
        number: Kind(*words)
        for number, *words in queries.query("all_kinds")
        if fits_names(wanted, _names(Kind(*words)))
    }
    channels = {kind.channel for kind in kinds.values()}
    chosen = _ENCODER.encode(list(kinds)).decode() if _says_kind(wanted) else None
    values: dict[str, object] = {name: _exactly(getattr(wanted, name)) for name in IDS}
    values |= {"since": wanted.since, "until": wanted.until}
    is_narrow = any(value is not None for value in values.values())
    is_known = not (is_narrow or any(getattr(wanted, name) for name in IDS) or _is_placed(wanted))
    is_every = wanted.has_text and chosen is None and not is_narrow
    if is_every:
        rows = queries.query("trails_to_search_all")
    else:
        rows = queries.query("trails_to_search" + "_narrowly" * is_narrow, kinds=chosen, **values)
    is_known &= not is_every
    for family, name, places, entries, title in rows:
        own = {"task_id": name if family == "tasks" else None}
        if fits_names(wanted, own):
            sizes = _PLACES.decode(places)
            sizes = {channel: size for channel, size in sizes.items() if channel in channels}
            yield TrailKey(family, name), sizes, entries if is_known else None, title


def _says_kind(wanted: EntryFilter) -> bool:
    named = (wanted.levels, wanted.source, wanted.stage, wanted.channel, wanted.event_type)
    return any(named) or any(name in Kind._fields for name, _ in wanted.excluded)


def _is_placed(wanted: EntryFilter) -> bool:
    """Whether more decides than what entries are."""
    seqs = (wanted.from_seq, wanted.to_seq, wanted.after_seq, wanted.before_seq)
    return any(one is not None for one in seqs) or any(name in IDS for name, _ in wanted.excluded)


def _exactly(names: Sequence[str]) -> str | None:
    """The names, where each stands for itself alone."""
    is_exact = names and not any(one.endswith(PREFIX) for one in names)
    return as_list(names) if is_exact else None


def _names(kind: Kind) -> dict[str, str | None]:
    return {name: text or None for name, text in kind._asdict().items()}


def trails_of_job(queries: Queries, job_id: str) -> list[TrailKey]:
    """The trails that have entries of the job, the oldest first."""
    return [TrailKey("tasks", name) for _, _, name in queries.query("trails_of_a_job", job=job_id)]


def _by(wanted: TaskFilter) -> str:
    """Which form of a query finds its trails with the fewest looks."""
    if wanted.job_id is not None:
        return "_of_job"
    return "_of_session" if wanted.session_id is not None else ""


def _values(wanted: TaskFilter) -> dict[str, object]:
    return {
        "family": "tasks",
        "since": -MAX_SEQ if wanted.since is None else wanted.since,
        "status": as_list(wanted.status) if wanted.status else None,
        "source": as_list(wanted.source) if wanted.source else None,
        "agent": as_list(wanted.agent) if wanted.agent else None,
        "session_id": wanted.session_id,
        "job_id": wanted.job_id,
        "search": wanted.search.casefold() if wanted.search else None,
    }
