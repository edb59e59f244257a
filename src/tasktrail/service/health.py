"""Whether events can be recorded, and what is not as it should be.

Unhealthy means that nothing can be accepted or recorded: the disk, the root, the recorder itself.
Everything else is a reason to look: events are recorded all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from tasktrail.ingest.outbox_pump import OutboxStatus
from tasktrail.ingest.pressure import Space
from tasktrail.ingest.pump_status import PumpStatus
from tasktrail.service.figures import Health
from tasktrail.store.checkpoints import Counters

WORKING_PUMPS: Final = frozenset({"connected", "standby"})
MOST_DEAD_IN_A_ROW: Final = 100  # more is a wrong producer, not bad luck
MOST_LAG_SECONDS: Final = 30.0
MOST_DISK_PERCENT: Final = 80.0
MIB: Final = 1024 * 1024


class Vitals(Struct, frozen=True):
    """What health is judged by; `None` is not known."""

    loops: Mapping[str, str | None]  # name → trouble, `None` when well
    partitions_in_trouble: Mapping[int, str]
    pumps: Sequence[PumpStatus]
    outboxes: OutboxStatus | None
    root_trouble: str | None
    index_trouble: str | None
    space: Space | None
    counters: Counters | None
    lag_seconds: float | None
    disk_used_percent: float | None


def judge(vitals: Vitals) -> Health:
    """The verdict, with every reason."""
    fatal = list(_fatal(vitals))
    gaps = None
    if vitals.counters:
        gaps = vitals.counters.gaps + sum(pump.gaps for pump in vitals.pumps)
    alarm = dead_alarm(vitals.counters, vitals.pumps)
    concerns = [*_concerns(vitals), *([alarm] if alarm else [])]
    return Health(not fatal, (*fatal, *concerns), gaps, alarm)


def _fatal(vitals: Vitals) -> Iterator[str]:
    """Why nothing can be accepted or recorded."""
    if vitals.root_trouble:
        yield vitals.root_trouble
    if vitals.loops.get("recorder"):
        yield f"the recorder does not run: {vitals.loops['recorder']}"
    for p, trouble in sorted(vitals.partitions_in_trouble.items()):
        yield f"partition {p} is not recorded: {trouble}"
    if vitals.space is None:
        yield "the free space of the data volume is not known"
    elif (short := shortage(vitals.space)) is not None:
        yield short


def shortage(space: Space) -> str | None:
    """Why nothing is accepted on that volume; `None` while there is room."""
    if not space.is_short:
        return None
    return (
        f"the disk is nearly full: {space.free // MIB} MiB are free and "
        f"{space.needed // MIB} MiB are needed to finish recording"
    )


def _concerns(vitals: Vitals) -> Iterator[str]:
    """What somebody should look at."""
    for name, trouble in vitals.loops.items():
        if trouble and name != "recorder":
            yield f"{name} does not run: {trouble}"
    if vitals.index_trouble:
        yield f"the index is behind: {vitals.index_trouble}"
    if vitals.outboxes and vitals.outboxes.state == "blocked":
        yield f"outboxes are not read: {vitals.outboxes.reason}"
    for pump in vitals.pumps:
        if pump.state not in WORKING_PUMPS:
            yield f"the pump of {pump.stream} is {pump.state}: {pump.reason or 'just started'}"
        elif pump.owner_trouble:
            yield f"the pump of {pump.stream} runs in another process, {pump.owner_trouble}"
    yield from _alarms(vitals)


def _alarms(vitals: Vitals) -> Iterator[str]:
    """Figures that are above what is usual."""
    lag = vitals.lag_seconds or 0.0
    if lag > MOST_LAG_SECONDS:
        yield f"the oldest accepted event waits for {lag:.0f} s to be recorded"
    used = vitals.disk_used_percent or 0.0
    if used > MOST_DISK_PERCENT:
        yield f"{used:.0f} % of the data volume are in use"


def dead_alarm(counters: Counters | None, pumps: Sequence[PumpStatus]) -> str | None:
    """What is said of many dead letters in a row, at any door; `None` when there are not many."""
    in_spool = counters.consecutive_dead if counters else 0
    in_a_row = max([in_spool, *(pump.dead_in_a_row for pump in pumps)])
    if in_a_row <= MOST_DEAD_IN_A_ROW:
        return None
    return f"{in_a_row} dead letters in a row: is a producer broken? See `tasktrail dead list`"
