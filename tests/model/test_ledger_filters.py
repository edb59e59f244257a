"""What is asked of costs, workers and events, read from a query's keys."""

import pytest

from tasktrail.errors import InvalidFilter
from tasktrail.model.ledger_filters import (
    CostFilter,
    parse_cost_question,
    parse_event_filter,
    parse_worker_filter,
)
from tasktrail.model.times import parse_time

NOW = 1_768_478_400_000_000  # 2026-01-15T12:00:00Z


def test_today_and_days_begin_at_the_zones_midnight() -> None:
    """`until` a day ends before it begins."""
    asked = {"since": ["today"], "until": ["2026-01-16"], "zone": ["Asia/Tokyo"], "by": ["day"]}
    wanted = parse_cost_question(asked, now=NOW).wanted

    assert wanted.since == parse_time("2026-01-14T15:00:00Z")
    assert wanted.until == parse_time("2026-01-15T15:00:00Z")


def test_times_may_be_relative_or_exact() -> None:
    """As everywhere."""
    assert parse_cost_question({"since": ["1h"]}, now=NOW).wanted.since == NOW - 3_600_000_000
    exact = parse_cost_question({"since": ["2026-01-01T00:00:00Z"]}, now=NOW).wanted.since
    assert exact == parse_time("2026-01-01T00:00:00Z")


def test_empty_values_and_pages_say_nothing() -> None:
    """A form sends every field; which page is asked for is for others."""
    question = parse_cost_question({"model": [""], "limit": ["5"]}, now=NOW)

    assert (question.wanted, question.by) == (CostFilter(), None)


@pytest.mark.parametrize(
    "params",
    [
        {"by": ["colour"]},
        {"since": ["soon"]},
        {"shade": ["x"]},
        {"model": ["a", "b"]},
        {"zone": ["?"]},
        {"parts": ["11"]},
        {"parts": ["-1"]},
    ],
)
def test_what_means_nothing_is_refused(params: dict[str, list[str]]) -> None:
    """With the key that was wrong."""
    with pytest.raises(InvalidFilter, match=next(iter(params))):
        parse_cost_question(params, now=NOW)


def test_workers_have_three_statuses() -> None:
    """Another one is a mistake worth telling."""
    assert parse_worker_filter({"status": ["failed"], "task_id": ["t"]}).status == "failed"
    with pytest.raises(InvalidFilter, match="status"):
        parse_worker_filter({"status": ["tired"]})


def test_severities_are_levels() -> None:
    """`min_severity` and `severity` together can mean nothing at all."""
    assert parse_event_filter({"min_severity": ["WARN"]}, now=NOW).severities == (
        "warning",
        "error",
        "critical",
    )
    assert parse_event_filter({"severity": ["error"]}, now=NOW).severities == ("error",)
    none = parse_event_filter({"severity": ["info"], "min_severity": ["error"]}, now=NOW)
    assert none.severities == ("none",)
    assert parse_event_filter({}, now=NOW).severities == ()
    with pytest.raises(InvalidFilter, match="severity"):
        parse_event_filter({"severity": ["loud"]}, now=NOW)


def test_a_relative_time_is_remembered_as_it_was_said() -> None:
    """So that a cursor made a minute ago still fits."""
    wanted = parse_event_filter({"since": ["24h"], "type": ["decision"]}, now=NOW)

    assert (wanted.since, wanted.ago) == (NOW - 86_400_000_000, "24h")
    assert parse_event_filter({"since": ["2026-01-01"]}, now=NOW).ago is None
