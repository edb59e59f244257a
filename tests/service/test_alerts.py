"""Alerts: figures beyond their limits, and what the service complains of."""

from tasktrail.service.alerts import LIMITS, alerts, failed_percent, watched
from tasktrail.service.figures import Health, Metrics

WELL = Health(can_record=True)


def test_nothing_is_wrong_at_the_limits() -> None:
    """Only what is more than its limit is told."""
    figures = Metrics(queue_depth=1_000, queue_lag_seconds=30.0, disk_used_percent=80.0)

    assert alerts(figures, WELL) == []


def test_each_figure_beyond_its_limit_is_told() -> None:
    """With its value, its limit and what it is."""
    figures = Metrics(
        queue_depth=1_001,
        queue_lag_seconds=30.5,
        disk_used_percent=80.1,
        dead_letters=6,
        events_recorded=94,
    )
    found = alerts(figures, WELL)

    assert [one.name for one in found] == [one.name for one in LIMITS]
    assert (found[0].value, found[0].limit, found[0].severity) == (1_001, 1_000, "warning")
    assert "accepted and not yet recorded" in found[0].detail


def test_what_is_not_known_is_no_alert() -> None:
    """Nor is it zero where everything watched is listed."""
    assert alerts(Metrics(), WELL) == []
    assert {one.value for one in watched(Metrics())} == {None}


def test_failed_events_are_counted_among_all() -> None:
    """No event at all is no failure."""
    assert failed_percent(Metrics(dead_letters=1, events_recorded=3)) == 25.0
    assert failed_percent(Metrics(dead_letters=0, events_recorded=0)) == 0.0
    assert failed_percent(Metrics(dead_letters=1)) is None


def test_every_concern_of_the_service_is_an_alert() -> None:
    """Critical when nothing can be recorded."""
    concerned = alerts(Metrics(), Health(can_record=True, reasons=("Redis is away",)))
    stopped = alerts(Metrics(), Health(can_record=False, reasons=("the disk is full",)))

    assert [(one.severity, one.detail) for one in concerned] == [("warning", "Redis is away")]
    assert [one.severity for one in stopped] == ["critical"]
