"""The verdict on a service: what makes it unhealthy, what is only a reason to look."""

from typing import Any

import pytest
from msgspec.structs import replace

from tasktrail.ingest.outbox_pump import OutboxStatus
from tasktrail.ingest.pressure import Space
from tasktrail.ingest.pump_status import PumpStatus
from tasktrail.service.health import Vitals, judge
from tasktrail.store.checkpoints import Counters

WELL: dict[str, Any] = {
    "loops": {"recorder": None, "indexer": None},
    "partitions_in_trouble": {},
    "pumps": [],
    "outboxes": None,
    "root_trouble": None,
    "index_trouble": None,
    "space": Space(1000, 10),
    "counters": Counters(),
    "lag_seconds": 0.0,
    "disk_used_percent": 50.0,
}


def pump(state: str) -> PumpStatus:
    """A pump in that state."""
    return PumpStatus("task_events", state, "because", 0, 0.0, 0, 0)  # type: ignore[arg-type]


def test_all_well_is_healthy() -> None:
    """No reason, and the status says so."""
    health = judge(Vitals(**WELL))

    assert (health.status, health.reasons) == ("healthy", ())


@pytest.mark.parametrize(
    ("vital", "value", "word"),
    [
        ("loops", {"recorder": "ValueError: odd"}, "odd"),
        ("partitions_in_trouble", {3: "ENOSPC"}, "partition 3"),
        ("root_trouble", "root.json is gone", "root.json"),
        ("space", Space(5, 10), "nearly full"),
        ("space", None, "not known"),
    ],
)
def test_what_stops_recording_is_unhealthy(vital: str, value: object, word: str) -> None:
    """Disk, root and recorder: without them nothing is kept."""
    health = judge(Vitals(**WELL | {vital: value}))

    assert (health.can_record, health.status) == (False, "unhealthy")
    assert word in health.reasons[0]


@pytest.mark.parametrize(
    ("vital", "value", "word"),
    [
        ("loops", {"recorder": None, "indexer": "IndexDamaged"}, "indexer"),
        ("index_trouble", "disk full", "the index is behind: disk full"),
        ("pumps", [pump("away")], "because"),
        ("pumps", [pump("refused")], "refused"),
        ("pumps", [replace(pump("standby"), owner_trouble="process 4: refused")], "process 4"),
        ("pumps", [replace(pump("connected"), dead_in_a_row=101)], "101 dead letters"),
        ("outboxes", OutboxStatus("blocked", "EIO", 0, 0, 0, 0), "EIO"),
        ("counters", Counters(consecutive_dead=101), "101 dead letters"),
        ("lag_seconds", 31.0, "31 s"),
        ("disk_used_percent", 81.0, "81 %"),
    ],
)
def test_everything_else_is_a_reason_to_look(vital: str, value: object, word: str) -> None:
    """Events are recorded all the same."""
    health = judge(Vitals(**WELL | {vital: value}))

    assert (health.can_record, health.status) == (True, "degraded")
    assert word in health.reasons[0]


@pytest.mark.parametrize(
    ("vital", "value"),
    [
        ("pumps", [pump("connected"), pump("standby")]),
        ("outboxes", OutboxStatus("standby", "another process", 0, 0, 0, 0)),
        ("counters", Counters(consecutive_dead=100, dead_letters=5000)),
        ("counters", None),
        ("lag_seconds", None),
        ("disk_used_percent", None),
    ],
)
def test_what_is_usual_or_not_known_is_no_reason(vital: str, value: object) -> None:
    """A limit that is not passed, or that nobody can tell, alarms nobody."""
    assert judge(Vitals(**WELL | {vital: value})).status == "healthy"


def test_gaps_are_shown_without_alarm() -> None:
    """A loss that happened once stays visible for ever, and is not the present's trouble."""
    health = judge(Vitals(**WELL | {"counters": Counters(gaps=2)}))

    assert (health.status, health.gaps) == ("healthy", 2)
