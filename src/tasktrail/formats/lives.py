"""The lives of sessions and workers, as events: how they began, where they were found, their end.

Begins and ends have the times of records. Where a source never says an end, one is guessed: what
was not heard of for a day is over, whether the day is a gap between two records or lies before the
import. Such an end says `inferred`, and gives way to what is told later.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tasktrail.formats.events import Owner, Saying, known, make_event
from tasktrail.formats.translator import Source, Translated
from tasktrail.model.times import MICROSECONDS, parse_time

DAY: Final = 86_400 * MICROSECONDS
DATE_CHARACTERS: Final = len("2026-01-02")
SHORT: Final = 8
IMPORT: Final = "import"  # the source of what the importer says itself
# How a worker's end is told: a worker knows no end between well and not.
WORKER_ENDS: Final = {"completed": "worker:completed", "failed": "worker:failed"}


class Life(Struct):
    """What is known of one life while its file is read; a part of the translator's state."""

    session: str = ""
    is_main: bool = True  # its end is its session's and task's too
    last_at: str | None = None
    outcome: str = "cancelled"  # what it would be, were this the last of it
    is_begun: bool = False  # something was done in it
    is_over: bool = False  # it was taken as over

    def heard(self, at: str | None) -> None:
        """Something of it was read, of that time."""
        self.last_at = at or self.last_at

    def goes_on(self, at: str | None) -> bool:
        """Whether a record of that time is beyond doubt of the same go; nearly all are."""
        last = self.last_at
        if self.is_over or at is None or last is None:
            return False
        return at[:DATE_CHARACTERS] == last[:DATE_CHARACTERS]

    def is_interrupted(self, at: str | None) -> bool:
        """Whether nothing was heard for a day before that time."""
        last = self.last_at
        if at is None or last is None or at[:DATE_CHARACTERS] == last[:DATE_CHARACTERS]:
            return False
        now, before = parse_time(at), parse_time(last)
        return now is not None and before is not None and now - before > DAY

    def is_quiet(self, source: Source) -> bool:
        """Whether there is an end to guess now."""
        return not self.is_over and source.is_over(self.last_at)


def short(text: str) -> str:
    """A short name of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:SHORT]


def begun(
    owner: Owner,
    identity: str,
    about: Mapping[str, object],
    at: str | None,
    *,
    is_main: bool = True,
) -> list[Translated]:
    """The worker, and with the main one its session, began, or were taken up again."""
    saying = Saying(at, "agent")
    events: list[Translated] = []
    if is_main and owner.session:
        events.append(_event("session:started", owner, identity, about, saying))
    if owner.worker:
        events.append(_event("worker:spawned", owner, identity, about, saying))
    return events


def found_in(owner: Owner, source: Source, form: str, at: str | None) -> list[Translated]:
    """Where the worker's conversation was imported from: once for each place."""
    if not source.path or not owner.worker:
        return []
    place = f"{owner.key}:{owner.worker}:imported:{short(source.path)}"
    data = {"log_file": source.path, "format": form}
    marked = owner.at(at or owner.stand_in)  # nobody told when the file was there
    saying = Saying(None, IMPORT, "debug")
    return [make_event("worker:imported", marked, place, data, saying=saying)]


def ended(
    owner: Owner, identity: str, status: str, at: str | None, *, is_main: bool = True
) -> list[Translated]:
    """Ends that a source tells, of the worker and with the main one of its session."""
    saying, said = Saying(at, "agent"), {"status": status}
    reason = {"completed": "normal", "failed": "error"}.get(status)
    worker = WORKER_ENDS.get(status, "worker:completed")
    events: list[Translated] = []
    if owner.worker:
        events.append(_event(worker, owner, identity, said, saying))
    if is_main and owner.session:
        events.append(
            _event("session:ended", owner, identity, known({"exit_reason": reason}), saying)
        )
    return events


def guessed_end(owner: Owner, scope: str, life: Life) -> list[Translated]:
    """The end of a life of which nothing was heard for a day; that it is a guess, it says.

    Its identity holds all that it says: another guess is another entry.
    """
    life.is_over = True
    status, at = life.outcome, life.last_at
    identity = f"{scope}:quiet:{at}:{status}"
    saying = Saying(at, IMPORT)
    guess: dict[str, object] = {"status": status, "inferred": True}
    events: list[Translated] = []
    if life.is_main and life.is_begun:
        said = guess | {"message": f"no end was told; taken as {status}"}
        events.append(make_event("task:status", owner, identity, said, saying=saying))
    if owner.worker:
        worker = WORKER_ENDS.get(status, "worker:completed")
        level = replace(saying, level="info")  # a guess is no error
        events.append(_event(worker, owner, identity, guess, level))
    if life.is_main and owner.session:
        events.append(_event("session:ended", owner, identity, {"inferred": True}, saying))
    return events


def _event(
    event_type: str, owner: Owner, identity: str, data: Mapping[str, object], saying: Saying
) -> Translated:
    name = f"{identity}#{event_type.replace(':', '-')}"
    return make_event(event_type, owner, name, data, saying=saying)
