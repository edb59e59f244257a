"""Redaction has its place in the accept path."""

from tasktrail.model import acceptance
from tasktrail.model.redaction import redact


def test_bytes_pass_through_untouched() -> None:
    """No rule exists yet, so nothing is changed."""
    event = b'{"type":"x","data":{"password":"hunter2"}}'

    assert redact(event) is event


def test_every_accepted_event_passes_redaction() -> None:
    """The way of all doors calls the one place where secrets will be taken out."""
    assert "redact" in acceptance.prepare.__code__.co_names
