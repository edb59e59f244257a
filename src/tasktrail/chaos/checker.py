"""The judgement over a run: what producers were promised, beside what the trails hold.

Lost: accepted, and in no trail. Duplicated: there twice. Reordered: behind what its producer sent
later. Altered: other bytes than were sent. Torn: a line that is none, a number or a hash that does
not follow. Invented: there, and nobody sent it. What somebody removed from Redis before it was read
may be missing if a gap says so; a gap that nothing explains counts as an error.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from tasktrail.chaos.events import filler_of, is_flow, kind_of, lane_of
from tasktrail.chaos.ledger import Story, read_ledger
from tasktrail.chaos.poison import Dead, read_dead, read_poison
from tasktrail.chaos.trails import Gap, Told, Trail, iter_trails

SHOWN: Final = 5  # examples of each kind of error
ERRORS: Final = ("lost", "duplicated", "reordered", "altered", "torn", "invented", "unexplained")
SUFFIX: Final = ".ledger"


class Allowed(Struct, frozen=True):
    """What a run did that may cost events, as is published."""

    removes_from_redis: bool = False  # entries are trimmed or flushed behind our back
    cuts: tuple[float, ...] = ()  # when the power was cut, by the clock
    window_seconds: float = 1.5  # how old unsynced events may be at a cut


class Verdict(Struct):
    """The figures of a run."""

    accepted: int = 0
    recorded: int = 0  # of ours, each once
    entries: int = 0  # in all trails
    trails: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    altered: int = 0
    torn: int = 0
    invented: int = 0
    unexplained: int = 0  # gaps without a cause
    gaps: int = 0
    removed: int = 0  # accepted by Redis, removed before they were read, and told by a gap
    refilled: int = 0  # behind the rest of a batch that a cut tore apart in the spool
    misplaced: int = 0  # the same, but the gap that counts them stands elsewhere
    poison: int = 0  # entries that could not be events, each set aside once
    in_window: int = 0  # accepted without a sync, lost within the published window
    examples: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not any(getattr(self, name) for name in ERRORS)

    def note(self, name: str, example: str) -> None:
        """One more error of that kind."""
        count = getattr(self, name) + 1
        setattr(self, name, count)
        if count <= SHOWN:
            self.examples.append(f"{name}: {example}")


class Checker:
    """Compares ledgers with trails."""

    def __init__(self, stories: Mapping[str, Story], allowed: Allowed) -> None:
        self.verdict = Verdict()
        self._stories = stories
        self._allowed = allowed
        self._seen = {name: bytearray(story.next_number) for name, story in stories.items()}
        self._gaps: list[Gap] = []
        self._ids: dict[str, dict[int, list[str]]] = {}  # per producer and event: Redis entries
        self._untold: list[tuple[str, list[str]]] = []  # missing, and covered by no gap
        self._late: list[tuple[Told, Told]] = []  # behind that one of their producer
        self._sent_poison: Mapping[int, str] = {}
        self._dead = Dead()

    def take(self, trail: Trail) -> None:
        """The trail counts."""
        verdict = self.verdict
        verdict.trails += 1
        verdict.entries += trail.entries
        for _ in range(trail.torn + trail.breaks):
            verdict.note("torn", trail.name)
        self._gaps += trail.gaps
        last: dict[tuple[str, int], Told] = {}
        for told in trail.told:
            self._take(told, trail.name, last)

    def _take(self, told: Told, trail: str, last: dict[tuple[str, int], Told]) -> None:
        verdict, where = self.verdict, f"{told.producer}#{told.number} in {trail}"
        seen = self._seen.get(told.producer)
        if seen is None or told.number >= len(seen):
            verdict.note("invented", where)
            return
        if seen[told.number]:
            verdict.note("duplicated", where)
            return
        seen[told.number] = 1
        verdict.recorded += 1
        if told.filler != filler_of(told.producer, told.number).encode():
            verdict.note("altered", where)
        lane = (told.producer, lane_of(told.producer, told.number))
        before = last.setdefault(lane, told)
        if before.number > told.number:
            self._late.append((told, before))
        else:
            last[lane] = told

    def take_dead(self, sent: Mapping[int, str], dead: Dead) -> None:
        """The poison that Redis took, and the dead letters, count."""
        self._sent_poison = sent
        self._dead = dead

    def finish(self) -> Verdict:
        """The verdict, once all trails were taken."""
        verdict = self.verdict
        for name, story in self._stories.items():
            ids, accepted_at = _entries_of(story, is_packed=kind_of(name).is_packed)
            self._ids[name] = ids
            verdict.accepted += len(accepted_at)
            for number, at in accepted_at.items():
                if not self._seen[name][number]:
                    self._miss(name, number, at, ids.get(number, []))
        self._judge_late()
        self._judge_dead()
        self._place_missing()
        verdict.gaps = len(self._gaps)
        for gap in self._gaps:
            if not self._is_explained(gap):
                verdict.note("unexplained", str(gap))
        return verdict

    def _judge_late(self) -> None:
        """What stands behind what its producer sent later: it must not, but for three reasons."""
        for told, after in self._late:
            if self._was_cut_open(told, after):
                self.verdict.refilled += 1
            elif not (
                self._was_taken_later(told, after)
                or self._came_again(self._ids[told.producer].get(told.number, []))
            ):
                example = f"{told.producer}#{told.number} after #{after.number}"
                self.verdict.note("reordered", example)

    def _judge_dead(self) -> None:
        """All poison was set aside, once, and nothing else was."""
        verdict, letters = self.verdict, self._dead.letters
        for number, entry_id in self._sent_poison.items():
            if number in letters:
                verdict.poison += 1
            elif not self._allowed.removes_from_redis:
                verdict.note("lost", f"poison#{number}, {entry_id}")
            elif any(_covers(gap, entry_id) for gap in self._gaps):
                verdict.removed += 1
            else:
                self._untold.append((f"poison#{number}", [entry_id]))
        for number, count in letters.items():
            for _ in range(count - 1):
                verdict.note("duplicated", f"dead letter of poison#{number}")
        for other in self._dead.others:
            verdict.note("invented", f"dead letter of {other}")

    def _miss(self, name: str, number: int, at: float, ids: list[str]) -> None:
        allowed, kind = self._allowed, kind_of(name)
        if ids and allowed.removes_from_redis:
            if self._is_told(name, ids):
                self.verdict.removed += 1
            else:
                self._untold.append((f"{name}#{number}, accepted at {at:.3f}, {ids}", ids))
        elif kind.door == "sdk" and not kind.is_durable and self._is_in_window(at):
            self.verdict.in_window += 1
        else:
            self.verdict.note("lost", f"{name}#{number}, accepted at {at:.3f}, {ids}")

    def _place_missing(self) -> None:
        """Missing entries that no gap covers: a gap may have counted them, else they are lost."""
        budget = sum(_entries_missing(gap) for gap in self._gaps)
        entries = {one for _, ids in self._untold for one in ids}
        for example, _ in self._untold:
            if len(entries) <= budget:
                self.verdict.misplaced += 1
            else:
                self.verdict.note("lost", example)

    def _was_cut_open(self, told: Told, after: Told) -> bool:
        """Whether a cut may have left a part of what was under way together with both.

        A client sends such a batch again; what Redis or an outbox holds comes again by itself, and
        then both were accepted there just before a cut.
        """
        if not self._allowed.cuts:
            return False
        return self._were_tried_again(told, after) or (
            kind_of(told.producer).door != "http"
            and self._is_before_cut(told.at)
            and self._is_before_cut(after.at)
        )

    def _is_before_cut(self, at: str) -> bool:
        accepted = datetime.fromisoformat(at).timestamp() if at else 0.0
        return any(
            0 <= cut - accepted <= self._allowed.window_seconds for cut in self._allowed.cuts
        )

    def _was_taken_later(self, told: Told, after: Told) -> bool:
        """Whether Redis took it later: the end of a pipeline, then all of it once more.

        A Redis that is just loading its file refuses the first commands and takes the rest.
        """
        is_stream = kind_of(told.producer).door == "redis"
        return is_stream and told.at > after.at and self._were_tried_again(told, after)

    def _were_tried_again(self, told: Told, after: Told) -> bool:
        """Whether one batch holds both and was sent more than once."""
        tries = [
            one
            for one in self._stories[told.producer].tried
            if told.number in one.numbers and after.number in one.numbers
        ]
        return len(tries) > 1

    def _came_again(self, ids: list[str]) -> bool:
        """Whether the event may have been removed from Redis and then sent once more."""
        return self._allowed.removes_from_redis and len(ids) > 1

    def _is_told(self, name: str, ids: Iterable[str]) -> bool:
        """Whether gaps cover every entry of the event; of a flow, any later one may be missing."""
        if is_flow(name):
            return any(gap.stream for gap in self._gaps)
        return all(any(_covers(gap, one) for gap in self._gaps) for one in ids)

    def _is_in_window(self, at: float) -> bool:
        window = self._allowed.window_seconds
        return any(-window <= at - cut <= window for cut in self._allowed.cuts)

    def _is_explained(self, gap: Gap) -> bool:
        if gap.stream is not None:
            return self._allowed.removes_from_redis
        return gap.outbox is not None and bool(self._allowed.cuts)


def _entries_of(story: Story, *, is_packed: bool) -> tuple[dict[int, list[str]], dict[int, float]]:
    """Per event: its Redis entries, over all sendings, and when it was first accepted."""
    ids: dict[int, list[str]] = {}
    accepted_at: dict[int, float] = {}
    for one in story.accepted:
        for place, number in enumerate(one.batch.numbers):
            accepted_at.setdefault(number, one.at)
            if one.ids:
                ids.setdefault(number, []).append(one.ids[0 if is_packed else place])
    return ids, accepted_at


def _entries_missing(gap: Gap) -> float:
    """How many entries at most the gap stands for; without end where it does not know."""
    if gap.stream is None:
        return 0
    return float("inf") if gap.missing is None else gap.missing


def _covers(gap: Gap, entry_id: str) -> bool:
    """Whether that entry stands where the gap says that entries are missing."""
    at = _order(entry_id)
    if gap.stream is None or (gap.after is not None and at < _order(str(gap.after))):
        return False
    if gap.before is not None:
        return at <= _order(str(gap.before))
    noticed = datetime.fromisoformat(gap.noticed_at).timestamp() if gap.noticed_at else 0.0
    return at[0] <= noticed * 1000


def _order(entry_id: str) -> tuple[int, int]:
    millis, _, number = entry_id.partition("-")
    return int(millis), int(number)


def check(root: Path, ledgers: Path, allowed: Allowed) -> Verdict:
    """The verdict over a root at rest and a folder of ledgers."""
    stories = {path.stem: read_ledger(path) for path in sorted(ledgers.glob(f"*{SUFFIX}"))}
    checker = Checker(stories, allowed)
    for trail in iter_trails(root):
        checker.take(trail)
    checker.take_dead(read_poison(ledgers), read_dead(root))
    return checker.finish()
