"""The stages of a task: when each began and ended, what it lay within, and how much it holds.

A stage is told by its `stage:*` events; one that only entries name is there too, without a status.
A stage that starts again is a stage of its own, numbered. It lies within the stage that the same
worker had open when it started.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent, TornEntry
from tasktrail.index.entries import Counted, Moment
from tasktrail.index.peek import UNVIEWABLE
from tasktrail.model.channels import EVENTS
from tasktrail.model.codec import Fields, decode_fields, integer_of, number_of, plain_text
from tasktrail.model.entry import Entry, parse_line
from tasktrail.model.event import Event
from tasktrail.model.filters import MAX_SEQ, EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.levels import RANKS
from tasktrail.model.times import MICROSECONDS, known_time, parse_time
from tasktrail.model.view import attempt_of, sent_at
from tasktrail.query.rows import Row
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout
from tasktrail.store.scan import read_ranges

STARTED, COMPLETED, FAILED = "stage:started", "stage:completed", "stage:failed"
TELLING: Final = EntryFilter(event_type=(STARTED, COMPLETED, FAILED))
UNNAMED: Final = "unknown"
LINES_AT_ONCE: Final = 1_000
ENTRIES_AT_ONCE: Final = 20_000
ENTRIES_PER_QUESTION: Final = 2_000  # so many are read while one stretch is asked about


class _Line(Struct, forbid_unknown_fields=True):
    """A line as nearly all are; what has other keys is read the general way."""

    seq: int
    id: str
    timestamp: Raw
    recorded_at: str
    pos: int
    event: dict[str, Raw]
    h: Raw


_LINE: Final = msgspec.json.Decoder(_Line)
_TEXT: Final = msgspec.json.Decoder(str)


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
    depth: int = 0  # how many stages lie around it


class Held(NamedTuple):
    """How many entries a stage has, of which level, and the first and the last of them."""

    entries: int
    warnings: int
    errors: int
    first: "End"
    last: "End"


End = tuple[int, int | None]  # seq and time


def stages_of(layout: Layout, view: TrailView) -> list[Row]:
    """The stages in the order in which they appeared."""
    told = fold_stages(_events(layout, view))
    counted = _by_stage(view.pairs())
    named = {one.name for one in told}
    for name, kinds in counted.items():
        if name not in named:
            told.append(Stage(name, 1, min(one.first_seq for one in kinds), None, None))
    told.sort(key=lambda one: one.first_seq)
    times = Counter(one.name for one in told)
    held = _within_stretches(view, [one for one in told if times[one.name] > 1], counted)
    return [_row(one, held.get((one.name, one.number)) or _of_all(one, counted)) for one in told]


def fold_stages(entries: Iterable[Entry]) -> list[Stage]:
    """The stages that these entries tell of, in the order in which they appeared."""
    folding = _Folding()
    for entry in entries:
        folding.take(entry)
    return folding.told


class _Folding:
    """Stages as they begin and end; each entry is a few looks, however many stages there are."""

    def __init__(self) -> None:
        self.told: list[Stage] = []
        self._latest: dict[str, Stage] = {}
        self._open: dict[tuple[str | None, ...], list[Stage]] = {}  # the latest to begin at the end

    def take(self, entry: Entry) -> None:
        """The entry begins a stage, or ends one."""
        event = entry.event
        name, worker = event.text("stage") or UNNAMED, event.text("worker_id")
        if event.event_type == STARTED:
            stage = self._begin(entry, name)
            stage.parent, stage.status = self._last_open((worker,)), "active"
            stage.depth = stage.parent.depth + 1 if stage.parent else 0
            stage.started_at = sent_at(event, entry.recorded_at)
            for key in ((worker,), (worker, name), (None, name, None)):
                self._open.setdefault(key, []).append(stage)
        else:
            own = self._last_open((worker, name)) or self._last_open((None, name, None))
            _end(own or self._begin(entry, name), entry)

    def _last_open(self, key: tuple[str | None, ...]) -> Stage | None:
        stages = self._open.get(key, [])
        while stages and stages[-1].status != "active":
            stages.pop()
        return stages[-1] if stages else None

    def _begin(self, entry: Entry, name: str) -> Stage:
        before, event = self._latest.get(name), entry.event
        if before:
            before.last_seq = entry.seq - 1
        number = before.number + 1 if before else 1
        stage = Stage(name, number, entry.seq, event.text("worker_id"), attempt_of(event))
        self._latest[name] = stage
        self.told.append(stage)
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
                yield entry_of_stage(line or b"", view.key)
            except (TornEntry, *UNVIEWABLE):
                continue


def entry_of_stage(line: bytes, trail: TrailKey) -> Entry:
    """The entry with what a stage is told of; raises what `parse_line` does."""
    try:
        said = _LINE.decode(line)
        event = _event_of(said)
    except (KeyError, InvalidEvent, *UNVIEWABLE):
        return parse_line(line, EVENTS, trail)
    return Entry(said.seq, said.id, parse_time(said.recorded_at) or 0, said.pos, event)


def _event_of(said: _Line) -> Event:
    # neither the bytes of `data` nor the task are looked at: making them is most of the work
    envelope = said.event
    event_type = _TEXT.decode(envelope.pop("event_type"))
    data: Fields = decode_fields(envelope.pop("data")) if "data" in envelope else {}
    return Event(event_type, envelope, data, said.timestamp, b"", None)


def _by_stage(kinds: Sequence[Counted]) -> dict[str, list[Counted]]:
    found: dict[str, list[Counted]] = {}
    for one in kinds:
        if one.kind.stage:
            found.setdefault(one.kind.stage, []).append(one)
    return found


def _row(stage: Stage, held: Held) -> Row:
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
        "first_seq": held.first[0],
        "last_seq": held.last[0],
        "first_at": known_time(held.first[1]),
        "last_at": known_time(held.last[1]),
        "entries": held.entries,
        "warnings": held.warnings,
        "errors": held.errors,
    }


def _of_all(stage: Stage, counted: Mapping[str, Sequence[Counted]]) -> Held:
    """What the only stage of its name has: whatever names it."""
    kinds = counted.get(stage.name)
    if not kinds:
        return _nothing(stage)
    first = min(kinds, key=lambda one: one.first_seq)
    last = max(kinds, key=lambda one: one.last_seq)
    ends = (first.first_seq, first.first_at), (last.last_seq, last.last_at)
    return Held(*_levels((one.kind.level, one.entries) for one in kinds), *ends)


def _nothing(stage: Stage) -> Held:
    """A stage that no entry names, as its events say no name."""
    return Held(0, 0, 0, (stage.first_seq, stage.started_at), (stage.first_seq, stage.completed_at))


def _levels(found: Iterable[tuple[str, int]]) -> tuple[int, int, int]:
    """Entries, warnings and errors, of how many each level has."""
    of_level = dict.fromkeys(RANKS, 0)
    for level, entries in found:
        of_level[level] += entries
    errors = of_level["error"] + of_level["critical"]
    return sum(of_level.values()), of_level["warning"], errors


def _within_stretches(
    view: TrailView, stages: Sequence[Stage], counted: Mapping[str, Sequence[Counted]]
) -> dict[tuple[str, int], Held]:
    """What stages have that are several of one name: each its stretch of the trail.

    A few long stretches are asked about one by one, many short ones are read in one go.
    """
    names = {one.name for one in stages}
    entries = sum(kind.entries for name in names for kind in counted.get(name, ()))
    if entries > ENTRIES_PER_QUESTION * len(stages):
        return {(one.name, one.number): _asked(view, one) for one in stages}
    found = _moments_by_stage(view, stages, names)
    return {
        (one.name, one.number): _of_moments(one, found.get((one.name, one.number), []))
        for one in stages
    }


def _moments_by_stage(
    view: TrailView, stages: Sequence[Stage], names: Collection[str]
) -> dict[tuple[str, int], list[Moment]]:
    """The entries of each stage; those before the first of a name are of none."""
    begins: dict[str, list[int]] = {}
    for one in stages:
        begins.setdefault(one.name, []).append(one.first_seq)
    found: dict[tuple[str, int], list[Moment]] = {}
    selection = view.select(EntryFilter(), lambda one: one.kind.stage in names)
    for moment in selection.moments(size=ENTRIES_AT_ONCE):
        name = moment.kind.stage
        number = bisect_right(begins[name], moment.seq)
        found.setdefault((name, number), []).append(moment)
    return found


def _of_moments(stage: Stage, moments: Sequence[Moment]) -> Held:
    if not moments:
        return _nothing(stage)
    times = [one.at for one in moments]
    ends = (moments[0].seq, min(times)), (moments[-1].seq, max(times))
    return Held(*_levels((one.kind.level, 1) for one in moments), *ends)


def _asked(view: TrailView, stage: Stage) -> Held:
    """The same of one stage, as the index counts it."""
    stretch = EntryFilter(from_seq=stage.first_seq, to_seq=stage.last_seq)
    selection = view.select(stretch, lambda one: one.kind.stage == stage.name)
    first = selection.up(after=-1, before=MAX_SEQ, limit=1)
    last = selection.down(after=-1, before=MAX_SEQ, limit=1)
    if not first:
        return _nothing(stage)
    counts = _levels((one.kind.level, one.entries) for one in selection.counted())
    _, first_at, last_at = selection.times()
    return Held(*counts, (first[0].seq, first_at), (last[0].seq, last_at))
