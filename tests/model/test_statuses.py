"""Statuses are read as their producers mean them."""

import pytest

from tasktrail.model.event import parse_event
from tasktrail.model.statuses import outcome_of, parse_status


@pytest.mark.parametrize(
    ("sent", "status"),
    [("running", "active"), ("ACTIVE", "active"), ("canceled", "cancelled"), ("odd", None)],
)
def test_statuses_have_one_name(sent: str, status: str | None) -> None:
    """`running` is `active`; an unknown word is no status."""
    assert parse_status(sent) == status


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ('"type":"task:completed"', "completed"),
        ('"type":"task:completed","data":{"status":"completed"}', "completed"),
        ('"type":"task:completed","data":{"status":"failed"}', "failed"),
        ('"type":"task:completed","data":{"status":"timed_out"}', "failed"),
        ('"type":"task:completed","data":{"status":"cancelled"}', "cancelled"),
        ('"type":"task:failed","data":{"status":"completed"}', "failed"),
        ('"type":"task:status","data":{"status":"blocked"}', None),
        ('"type":"task:status","data":{"status":"cancelled"}', "cancelled"),
        ('"type":"task:output"', None),
    ],
)
def test_an_end_is_a_success_only_when_it_says_so(event: str, outcome: str | None) -> None:
    """A completion that reports anything but success is a failure."""
    assert outcome_of(parse_event(f"{{{event}}}".encode())) == outcome
