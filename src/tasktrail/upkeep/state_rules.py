"""Rules about what a root says of itself, from its recorders and its spool to its holds."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from tasktrail.errors import TasktrailError
from tasktrail.index.database import Queries
from tasktrail.index.state import open_index
from tasktrail.index.tasks import Listed, list_tasks
from tasktrail.model.filters import TaskFilter
from tasktrail.model.times import MICROSECONDS
from tasktrail.store.checkpoints import Checkpoint, read_checkpoint
from tasktrail.store.dead_letters import iter_dead, read_replayed
from tasktrail.store.hold_journal import iter_holds
from tasktrail.store.holders import holders_of
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root
from tasktrail.upkeep.conflicts import find_conflicts
from tasktrail.upkeep.findings import Finding
from tasktrail.upkeep.index_look import ask_index
from tasktrail.upkeep.known_trails import absent_trails
from tasktrail.upkeep.missing import LOSS, iter_missing, losses_in_tasks

MOST_DEAD_IN_A_ROW: Final = 100
DAY: Final = 86_400 * MICROSECONDS
OLD_HOLD: Final = DAY  # a task is usually named within seconds
SHOWN_GAPS: Final = 3
SHOWN: Final = 3  # names
MOST_ACTIVE: Final = 10_000  # tasks, the newest, whose silence is looked at


class RootFacts(Struct, frozen=True):
    """What the rules look at."""

    layout: Layout
    root: Root
    waiting_bytes: int  # accepted and not recorded
    now: int


def check_recorders(facts: RootFacts) -> Iterator[Finding]:
    """Partitions that wait for an owner, and owners that do not run."""
    layout, partitions = facts.layout, range(facts.root.partitions)
    paths = {layout.partition_lock(p): p for p in partitions}
    holders = holders_of([*paths, layout.index_lock, *layout.pumps.glob("*.lock")])
    for pid in sorted({one.pid for one in holders if _is_stopped(one.pid)}):
        held = ", ".join(one.path.name for one in holders if one.pid == pid)
        yield Finding(
            area="recorders",
            severity="error",
            code="stopped_owner",
            message=f"process {pid} is stopped and holds {held}: nobody can go on with that",
            advice=f"kill -CONT {pid}, or end it; a running service does so after a while",
        )
    owned = {paths[one.path] for one in holders if one.path in paths}
    if facts.waiting_bytes and not owned:
        yield Finding(
            area="recorders",
            severity="note",
            code="nobody_records",
            message=f"{facts.waiting_bytes:,} bytes wait in the spool and no service is seen here",
            advice="start `tasktrail serve` or `record`; reading commands record what waits, too",
        )


def _is_stopped(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:  # noqa: PTH123
            return any(line.startswith("State:") and line.split()[1] in "Tt" for line in status)
    except OSError:
        return False


def check_spool(facts: RootFacts) -> Iterator[Finding]:
    """What was met on the way from the spool into the trails."""
    checkpoints = _checkpoints(facts)
    damaged = sum(one.counters.damaged_frames for one in checkpoints)
    if damaged:
        yield Finding(
            area="spool",
            severity="warning",
            code="damaged_frames",
            message=f"{damaged:,} lines of the spool were damaged and passed over",
            advice="look at the disk (dmesg, smartctl): a power cut alone damages nothing accepted",
        )
    conflicts = sum(one.counters.identity_conflicts for one in checkpoints)
    if conflicts:
        yield Finding(
            area="spool",
            severity="warning",
            code="identity_conflicts",
            message=f"{conflicts:,} events had the identity of another one and differed from it"
            f"{_places_of(facts, conflicts)}",
            advice="a producer gives the same event_id or src_seq twice: both were recorded",
        )


def _places_of(facts: RootFacts, conflicts: int) -> str:
    """Where both stand, as far as that is found."""
    found = find_conflicts(facts.layout, most=min(conflicts, SHOWN))
    more = ", …" if len(found) < conflicts else ""
    return f": {', '.join(map(str, found))}{more}" if found else ""


def _checkpoints(facts: RootFacts) -> list[Checkpoint]:
    found = (read_checkpoint(facts.layout, p) for p in range(facts.root.partitions))
    return [one for one in found if one is not None]


def check_index(facts: RootFacts) -> Iterator[Finding]:
    """An index that cannot be used, or is behind with nobody at it."""
    index = open_index(facts.layout, facts.root, leaves_no_trace=True)
    try:
        status = index.status()
    except TasktrailError as error:
        yield _index_finding("index_damaged", str(error), "it is made anew by the next service")
        return
    finally:
        index.database.close()
    recorded = {p: _recorded(facts, p) for p in range(facts.root.partitions)}
    behind = sum(max(0, pos - status.positions.get(p, 0)) for p, pos in recorded.items())
    if not status.is_usable and any(recorded.values()):
        yield _index_finding(
            "index_missing",
            "there is no index of this root",
            "`tasktrail index rebuild`, or start a service",
        )
    elif behind and not holders_of([facts.layout.index_lock]):
        yield _index_finding(
            "index_behind", f"the index is {behind:,} bytes behind", "the next command catches up"
        )
    if status.damaged_lines:
        yield Finding(
            area="index",
            severity="error",
            code="damaged_lines",
            message=f"{status.damaged_lines:,} lines of trails cannot be read",
            advice="`tasktrail verify` names each place; the lines around them are intact",
        )


def _index_finding(code: str, message: str, advice: str) -> Finding:
    return Finding(area="index", severity="note", code=code, message=message, advice=advice)


def _recorded(facts: RootFacts, p: int) -> int:
    checkpoint = read_checkpoint(facts.layout, p)
    return checkpoint.pos if checkpoint else 0


def check_gaps(facts: RootFacts) -> Iterator[Finding]:
    """Places where accepted events are missing, the latest with their words."""
    told = [one.message for one in iter_missing(facts.layout) if one.kind == "gap"]
    if told:
        shown = "; ".join(told[-SHOWN_GAPS:])
        more = f" ({len(told)} in all)" if len(told) > SHOWN_GAPS else ""
        yield Finding(
            area="gaps",
            severity="warning",
            code="gaps",
            message=f"{shown}{more}",
            advice="`tasktrail gaps` lists them with their places; who trims the stream?",
        )


def check_losses(facts: RootFacts) -> Iterator[Finding]:
    """Events that their producers could not keep, wherever that is told."""
    unnamed = [one for one in iter_missing(facts.layout) if one.kind == LOSS]
    told = [*unnamed, *(losses_in_tasks(facts.layout, facts.root) or ())]
    if told:
        places = list(dict.fromkeys(one.place for one in told))
        yield Finding(
            area="gaps",
            severity="warning",
            code="losses",
            message=f"{sum(one.missing or 0 for one in told):,} events could not be kept by their "
            f"producers: {_shown(places)}",
            advice="`tasktrail gaps` lists them; more room, or a larger TASKTRAIL_OUTBOX_BYTES",
        )


def check_trails(facts: RootFacts) -> Iterator[Finding]:
    """Trails whose directories were removed: lists still have them, and nothing else."""
    absent = [
        f"{key.family.removesuffix('s')} {key.id}"
        for key in absent_trails(facts.layout, facts.root)
    ]
    if absent:
        yield Finding(
            area="tasks",
            severity="error",
            code="trails_removed",
            message=f"listed, and their directories are gone: {_shown(absent)}",
            advice="put them back from a backup; where they were removed on purpose, "
            "`tasktrail index rebuild` takes them off the lists",
        )


def check_silent(facts: RootFacts) -> Iterator[Finding]:
    """Tasks that are active, and of which nothing was heard for a day."""
    active = ask_index(facts.layout, facts.root, _active_tasks) or ()
    silent = [one.id for one in active if facts.now - one.task.updated_at > DAY]
    if silent:
        yield Finding(
            area="tasks",
            severity="note",
            code="silent_tasks",
            message=f"active, and silent for more than a day: {_shown(silent)}",
            advice='where the process is gone: `tasktrail emit TASK "why" --type task:failed`',
        )


def _active_tasks(queries: Queries) -> list[Listed]:
    wanted = TaskFilter(status=("active",))
    return list_tasks(queries, wanted, limit=MOST_ACTIVE, before=None)


def _shown(names: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def check_dead(facts: RootFacts) -> Iterator[Finding]:
    """Events that could not be recorded and were not replayed."""
    replayed = read_replayed(facts.layout)
    codes: dict[str, int] = {}
    for letter in iter_dead(facts.layout):
        if letter.key not in replayed:
            codes[letter.code] = codes.get(letter.code, 0) + 1
    if codes:
        said = ", ".join(f"{many:,} {code}" for code, many in sorted(codes.items()))
        yield Finding(
            area="dead letters",
            severity="warning",
            code="dead_letters",
            message=f"events that cannot be recorded: {said}",
            advice="`tasktrail dead list` says why; `dead replay` once the cause is mended",
        )
    in_a_row = max((one.counters.consecutive_dead for one in _checkpoints(facts)), default=0)
    if in_a_row > MOST_DEAD_IN_A_ROW:
        yield Finding(
            area="dead letters",
            severity="error",
            code="dead_in_a_row",
            message=f"the last {in_a_row:,} events could not be recorded",
            advice="a producer sends something else than events: look at the newest dead letters",
        )


def check_holds(facts: RootFacts) -> Iterator[Finding]:
    """Webhooks that wait for a task longer than any gateway takes."""
    states: dict[str, int] = {}
    old = 0
    for flow in iter_holds(facts.layout):
        states[flow.state] = states.get(flow.state, 0) + 1
        old += flow.state == "held" and facts.now - (flow.first_at or facts.now) > OLD_HOLD
    if old:
        yield Finding(
            area="holds",
            severity="warning",
            code="old_holds",
            message=f"{old:,} webhooks wait for more than a day for the task they belong to",
            advice="`tasktrail holds` lists them: their gateway names no task, and skips none",
        )
    if states.get("expired"):
        yield Finding(
            area="holds",
            severity="note",
            code="expired_holds",
            message=f"{states['expired']:,} webhooks were never claimed by a task",
            advice="they stay readable: `tasktrail holds`",
        )


STATE_RULES: Final = (
    check_recorders,
    check_spool,
    check_index,
    check_gaps,
    check_losses,
    check_trails,
    check_silent,
    check_dead,
    check_holds,
)


def check_state(facts: RootFacts) -> Sequence[Finding]:
    """Everything that these rules find."""
    return [finding for rule in STATE_RULES for finding in rule(facts)]
