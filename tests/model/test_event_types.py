"""Known event types have a channel, unknown ones survive."""

from tasktrail.model.channels import CHANNELS, EVENTS, LOG, WEBHOOK_FLOW
from tasktrail.model.event_types import EVENT_TYPES, channel_of


def test_every_known_type_has_a_channel_and_a_meaning() -> None:
    """The table has no holes."""
    assert all(one.channel in CHANNELS and one.meaning for one in EVENT_TYPES.values())


def test_an_unknown_type_goes_to_events() -> None:
    """What nobody knows is still recorded."""
    assert channel_of("vector:search_v9") == EVENTS
    assert channel_of("task:log") == LOG
    assert channel_of("notification:ops") == WEBHOOK_FLOW
