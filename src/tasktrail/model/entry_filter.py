"""The filter of entries: what it says, and which entries it lets through.

All that is said must hold. Values of one key are alternatives; in free names (sources, stages,
event types, ids) a value that ends in `*` stands for all that begin so. Text is literal and its
case does not matter. `after_seq` and `before_seq` say where a page lies, all else which entries
match.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidFilter
from tasktrail.model.levels import LEVELS, RANKS, at_least
from tasktrail.model.times import parse_time

IDS: Final = ("worker_id", "job_id", "item", "execution_id", "session_id")
FREE_NAMES: Final = ("source", "stage", "event_type", "task_id", *IDS)
NAMES: Final = ("level", "channel", *FREE_NAMES)  # what has alternatives and can be excluded
PREFIX: Final = "*"
FINGERPRINT_DIGITS: Final = 16
NO_LEVEL: Final = ("none",)  # `level` and `min_level` contradict each other: no entry has this one

Names = tuple[str, ...]


class EntryFilter(Struct, frozen=True):
    """Which entries of a trail; an empty tuple and `None` let everything through."""

    level: Names = ()
    min_level: str | None = None
    source: Names = ()
    stage: Names = ()
    channel: Names = ()
    event_type: Names = ()
    task_id: Names = ()
    worker_id: Names = ()
    job_id: Names = ()
    item: Names = ()
    execution_id: Names = ()
    session_id: Names = ()
    search: Names = ()  # all of these stand in the message
    without: Names = ()  # none of these does
    excluded: tuple[tuple[str, str], ...] = ()  # a name of NAMES and the value it must not have
    since: int | None = None  # µs since the epoch, by the entry's own timestamp; from here on
    until: int | None = None  # up to here, itself excluded
    from_seq: int | None = None
    to_seq: int | None = None  # itself included
    after_seq: int | None = None
    before_seq: int | None = None
    ago: Names = ()  # times as said relative to now, so that paging outlives the moment

    @property
    def levels(self) -> Names:
        """The levels that pass, lowest first; empty when all do."""
        floor = at_least(self.min_level) if self.min_level else LEVELS
        if not self.level:
            return () if floor == LEVELS else floor
        return tuple(name for name in floor if name in self.level) or NO_LEVEL

    @property
    def has_text(self) -> bool:
        """Whether messages must be read to tell what matches."""
        return bool(self.search or self.without)

    @property
    def is_impossible(self) -> bool:
        """Whether nothing can match, whatever there is."""
        first, last = self.from_seq or 0, self.to_seq
        return (last is not None and last < first) or self.levels == NO_LEVEL

    def fingerprint(self) -> str:
        """The same text for the same filter: what a cursor is bound to."""
        return fingerprint_of(self, self.ago)


# What is left when clauses contradict each other: a stretch of no entries.
NOTHING: Final = EntryFilter(from_seq=1, to_seq=0)


def fingerprint_of(wanted: Struct, ago: Iterable[str]) -> str:
    """A short text of the filter as it was said: `10m` counts as said, not as what it means now."""
    said: dict[str, object] = msgspec.structs.asdict(wanted)
    for text in ago:
        said[text.partition("=")[0]] = text
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:FINGERPRINT_DIGITS]


def without_place(wanted: EntryFilter) -> EntryFilter:
    """The filter without `after_seq` and `before_seq`: which entries match, wherever they are."""
    return msgspec.structs.replace(wanted, after_seq=None, before_seq=None)


def matches(wanted: EntryFilter, row: Mapping[str, object]) -> bool:
    """Whether the filter lets an answered row through."""
    return fits(wanted, row) and says(wanted, str(row.get("message")))


def fits(wanted: EntryFilter, row: Mapping[str, object]) -> bool:
    """Whether all of the filter but its text lets the row through."""
    if not fits_names(wanted, row):
        return False
    at = 0
    if wanted.since is not None or wanted.until is not None:
        at = parse_time(str(row["timestamp"])) or 0
    seq = row["seq"]
    assert isinstance(seq, int)  # noqa: S101 - a row's seq is one; for the type checker
    return lies_within(wanted, seq, at)


def fits_names(wanted: EntryFilter, row: Mapping[str, object]) -> bool:
    """Whether what an entry is and whom it belongs to lets it through.

    Names that the row does not have are not judged.
    """
    if (levels := wanted.levels) and "level" in row and row["level"] not in levels:
        return False
    for name in NAMES[1:]:
        asked = getattr(wanted, name)
        if asked and name in row and not any(is_meant(one, row[name]) for one in asked):
            return False
    return not any(is_meant(value, row.get(name)) for name, value in wanted.excluded)


def is_meant(asked: str, found: object) -> bool:
    """Whether a value is the one that is asked for, or begins like it."""
    if not isinstance(found, str):
        return False
    return found == asked or (asked.endswith(PREFIX) and found.startswith(asked[:-1]))


def lies_within(wanted: EntryFilter, seq: int, at: int) -> bool:
    """Whether an entry with that seq and time lies where the filter says."""
    return (
        (wanted.after_seq is None or wanted.after_seq < seq)
        and (wanted.before_seq is None or seq < wanted.before_seq)
        and (wanted.from_seq is None or wanted.from_seq <= seq)
        and (wanted.to_seq is None or seq <= wanted.to_seq)
        and (wanted.since is None or wanted.since <= at)
        and (wanted.until is None or at < wanted.until)
    )


def says(wanted: EntryFilter, message: str) -> bool:
    """Whether the message holds what the filter searches for, and nothing that it must not."""
    if not wanted.has_text:
        return True
    folded = message.casefold()
    return all(one.casefold() in folded for one in wanted.search) and not any(
        one.casefold() in folded for one in wanted.without
    )


def combined(one: EntryFilter, other: EntryFilter) -> EntryFilter:
    """What both let through; raises InvalidFilter when they lie at different places."""
    said: dict[str, object] = {name: _shared(one, other, name) for name in NAMES}
    if any(found is None for found in said.values()):
        return _placed(NOTHING, one, other)
    for name in ("search", "without", "excluded"):
        said[name] = tuple(dict.fromkeys([*getattr(one, name), *getattr(other, name)]))
    said["excluded"] = tuple(sorted({*one.excluded, *other.excluded}))
    said["min_level"] = max(
        (level for level in (one.min_level, other.min_level) if level),
        key=RANKS.__getitem__,
        default=None,
    )
    for name, choose in (("since", max), ("from_seq", max), ("until", min), ("to_seq", min)):
        bounds = [at for at in (getattr(one, name), getattr(other, name)) if at is not None]
        said[name] = choose(bounds, default=None)
    joined = EntryFilter(**said, ago=_ago(one, other, said))  # type: ignore[arg-type]
    return _placed(NOTHING if joined.is_impossible else joined, one, other)


def _placed(joined: EntryFilter, one: EntryFilter, other: EntryFilter) -> EntryFilter:
    place: dict[str, int | None] = {}
    for name in ("after_seq", "before_seq"):
        said = {at for at in (getattr(one, name), getattr(other, name)) if at is not None}
        if len(said) > 1:
            raise InvalidFilter(f"{name}: expected one place, found {len(said)}")
        place[name] = said.pop() if said else None
    return msgspec.structs.replace(joined, **place)


def _shared(one: EntryFilter, other: EntryFilter, name: str) -> Names | None:
    """The alternatives that both allow; `None` when there are none left."""
    mine, yours = getattr(one, name), getattr(other, name)
    if not mine or not yours:
        return mine or yours or ()
    both = [_narrower(a, b) for a in mine for b in yours]
    return tuple(dict.fromkeys(value for value in both if value is not None)) or None


def _narrower(a: str, b: str) -> str | None:
    """The value that both mean, `None` when they have nothing in common."""
    for asked, found in ((a, b), (b, a)):
        if asked == found or (asked.endswith(PREFIX) and found.startswith(asked[:-1])):
            return found
    return None


def _ago(one: EntryFilter, other: EntryFilter, said: Mapping[str, object]) -> Names:
    """The times relative to now that still hold: those of the bound that was taken."""
    kept: dict[str, str] = {}
    for source in (one, other):
        for text in source.ago:
            name = text.partition("=")[0]
            if getattr(source, name) == said[name]:
                kept.setdefault(name, text)
    return tuple(kept[name] for name in sorted(kept))


def canonical(names: Sequence[str]) -> Names:
    """Alternatives as a filter holds them: each once, in the order of the alphabet."""
    return tuple(sorted(set(names)))
