"""The stages of a task: when each began and ended, what it lay within, and how much it holds.

A stage is told by its `stage:*` events; one that only entries name is there too, without a status.
A stage that starts again is a stage of its own, numbered. It lies within the stage that the same
worker had open when it started.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from tasktrail.errors import TornEntry
from tasktrail.index.entries import Counted
from tasktrail.index.peek import UNVIEWABLE
from tasktrail.model.channels import EVENTS
from tasktrail.model.codec import integer_of, number_of, plain_text
from tasktrail.model.entry import Entry, parse_line
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.model.levels import RANKS
from tasktrail.model.times import MICROSECONDS, known_time
from tasktrail.model.view import attempt_of, sent_at
from tasktrail.query.rows import Row
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout
from tasktrail.store.scan import read_ranges

STARTED, COMPLETED, FAILED = "stage:started", "stage:completed", "stage:failed"
TELLING: Final = EntryFilter(event_type=(STARTED, COMPLETED, FAILED))
UNNAMED: Final = "unknown"
LINES_AT_ONCE: Final = 1_000


class Stage(Struct):
    """One stage, as its events tell it."""

    name: str
    number: int
    first_seq: int
    worker_id: str | None
    attempt: int | None
    parent: "Stage | None" = None
    status: str | None = None
    started_at: int | None = None
    completed_at: int | None = None
    seconds: float | None = None
    error: str | None = None
    last_seq: int | None = None  # where the next stage of that name begins, less one

    @property
    def depth(self) -> int:
        """How many stages lie around it."""
        return self.parent.depth + 1 if self.parent else 0


def stages_of(layout: Layout, view: TrailView) -> list[Row]:
    """The stages in the order in which they appeared."""
    told = fold_stages(_events(layout, view))
    counted = _by_stage(view.pairs())
    unnamed = {one.name for one in told}
    for name, kinds in counted.items():
        if name not in unnamed:
            told.append(Stage(name, 1, min(one.first_seq for one in kinds), None, None))
    told.sort(key=lambda one: one.first_seq)
    return [_row(view, one, told, counted.get(one.name, [])) for one in told]


def fold_stages(entries: Iterable[Entry]) -> list[Stage]:
    """The stages that these entries tell of, in the order in which they appeared."""
    told: list[Stage] = []
    for entry in entries:
        event = entry.event
        name, worker = event.text("stage") or UNNAMED, event.text("worker_id")
        is_open = [one for one in told if one.status == "active" and one.worker_id == worker]
        if event.event_type == STARTED:
            stage = _begin(told, entry, name, is_open[-1] if is_open else None)
        else:
            known = [one for one in is_open if one.name == name] or [
                one for one in told if one.name == name and one.status == "active"
            ]
            stage = known[-1] if known else _begin(told, entry, name, None)
            _end(stage, entry)
    return told


def _begin(told: list[Stage], entry: Entry, name: str, parent: Stage | None) -> Stage:
    before = [one for one in told if one.name == name]
    if before:
        before[-1].last_seq = entry.seq - 1
    event = entry.event
    stage = Stage(name, len(before) + 1, entry.seq, event.text("worker_id"), attempt_of(event))
    if event.event_type == STARTED:
        stage.parent, stage.status = parent, "active"
        stage.started_at = sent_at(event, entry.recorded_at)
    told.append(stage)
    return stage


def _end(stage: Stage, entry: Entry) -> None:
    event = entry.event
    stage.status = "failed" if event.event_type == FAILED else "completed"
    stage.completed_at = sent_at(event, entry.recorded_at)
    if stage.status == "failed":
        text = plain_text(event.data.get("error")) or plain_text(event.data.get("message"))
        stage.error = text if text and text != "null" else None
    seconds, millis = (
        number_of(event.data.get("duration_seconds")),
        integer_of(event.data.get("duration_ms")),
    )
    if stage.started_at is not None:
        stage.seconds = (stage.completed_at - stage.started_at) / MICROSECONDS
    elif seconds is not None:
        stage.seconds = seconds
    elif millis is not None:
        stage.seconds = millis / 1_000


def _events(layout: Layout, view: TrailView) -> Iterable[Entry]:
    for batch in view.select(TELLING).batches(after=-1, before=MAX_SEQ, size=LINES_AT_ONCE):
        places = [(one.channel, one.offset, one.length) for one in batch]
        for line in read_ranges(layout, view.key, places):
            try:
                yield parse_line(line or b"", EVENTS, view.key)
            except (TornEntry, *UNVIEWABLE):
                continue


def _by_stage(kinds: Sequence[Counted]) -> dict[str, list[Counted]]:
    found: dict[str, list[Counted]] = {}
    for one in kinds:
        if one.kind.stage:
            found.setdefault(one.kind.stage, []).append(one)
    return found


def _row(view: TrailView, stage: Stage, told: Sequence[Stage], kinds: Sequence[Counted]) -> Row:
    is_only = sum(one.name == stage.name for one in told) == 1
    counts = _counts(kinds) if is_only else _counts_within(view, stage)
    first, last = _ends(view, stage, kinds, is_only=is_only)
    parent = stage.parent
    return {
        "stage": stage.name,
        "number": stage.number,
        "attempt": stage.attempt,
        "status": stage.status,
        "started_at": known_time(stage.started_at),
        "completed_at": known_time(stage.completed_at),
        "duration_seconds": stage.seconds,
        "error": stage.error,
        "parent": {"stage": parent.name, "number": parent.number} if parent else None,
        "depth": stage.depth,
        "first_seq": first[0],
        "last_seq": last[0],
        "first_at": known_time(first[1]),
        "last_at": known_time(last[1]),
        **counts,
    }


def _counts(kinds: Sequence[Counted]) -> dict[str, int]:
    of_level = dict.fromkeys(RANKS, 0)
    for one in kinds:
        of_level[one.kind.level] += one.entries
    return {
        "entries": sum(of_level.values()),
        "warnings": of_level["warning"],
        "errors": of_level["error"] + of_level["critical"],
    }


def _within(stage: Stage, **more: tuple[str, ...]) -> EntryFilter:
    return EntryFilter(
        stage=(stage.name,),
        from_seq=stage.first_seq,
        to_seq=stage.last_seq,
        **more,  # type: ignore[arg-type]
    )


def _counts_within(view: TrailView, stage: Stage) -> dict[str, int]:
    """The same of a stage among several of its name: of its stretch of the trail."""
    levels = {"entries": (), "warnings": ("warning",), "errors": ("error", "critical")}
    return {
        name: view.select(_within(stage, level=level)).count() for name, level in levels.items()
    }


End = tuple[int, int | None]


def _ends(
    view: TrailView, stage: Stage, kinds: Sequence[Counted], *, is_only: bool
) -> tuple[End, End]:
    """Seq and time of the first and the last entry of the stage."""
    if is_only and kinds:
        first = min(kinds, key=lambda one: one.first_seq)
        last = max(kinds, key=lambda one: one.last_seq)
        return (first.first_seq, first.first_at), (last.last_seq, last.last_at)
    selection = view.select(_within(stage))
    ends = [
        *selection.up(after=-1, before=MAX_SEQ, limit=1),
        *selection.down(after=-1, before=MAX_SEQ, limit=1),
    ]
    if not ends:  # its events name no stage
        return (stage.first_seq, stage.started_at), (stage.first_seq, stage.completed_at)
    _, first_at, last_at = selection.times()
    return (ends[0].seq, first_at), (ends[-1].seq, last_at)
