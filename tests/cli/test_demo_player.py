"""Plays the demo's script in time."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from tasktrail.cli.demo_player import Player
from tasktrail.cli.demo_script import Cue
from tasktrail.cli.demo_teller import Fields, Step
from tasktrail.errors import ServerUnreachable
from tests.support.waiting import PATIENCE_SECONDS


class Inbox:
    """A sender that keeps what it is given, and can be away at first."""

    def __init__(self, wanted: int, *, refusals: int = 0) -> None:
        self.events: list[Fields] = []
        self.is_full = threading.Event()
        self._wanted = wanted
        self._refusals = refusals

    def send(self, event: Fields) -> None:
        """Keep the event."""
        if self._refusals:
            self._refusals -= 1
            raise ServerUnreachable("away")
        self.events.append(event)
        if len(self.events) >= self._wanted:
            self.is_full.set()

    def close(self) -> None:
        """Nothing to close."""


def cues(every_seconds: float) -> Iterator[Cue]:
    """Numbered steps, for ever."""
    for number in count():
        event: Fields = {"type": "task:log", "task_id": "t", "data": {"message": str(number)}}
        yield Cue(number * every_seconds, Step(0, "sdk", event))


def played(inbox: Inbox, said: list[str]) -> list[str]:
    """The messages that arrived until the inbox was full."""
    player = Player(cues(0.001), inbox, say=said.append)
    player.start()
    assert inbox.is_full.wait(PATIENCE_SECONDS)
    player.stop()
    return [event["data"]["message"] for event in inbox.events]  # type: ignore[index]


def test_events_are_sent_in_order_with_the_time_of_sending() -> None:
    """Nothing in a demo claims to have happened before it was sent."""
    began, inbox = datetime.now(UTC), Inbox(5)
    messages = played(inbox, [])

    assert messages[:5] == ["0", "1", "2", "3", "4"]
    assert all(datetime.fromisoformat(str(e["timestamp"])) >= began for e in inbox.events)


def test_an_event_that_was_refused_is_sent_again() -> None:
    """A service that is away for a moment gets every event, and it is said once."""
    said: list[str] = []
    messages = played(Inbox(3, refusals=2), said)

    assert messages[:3] == ["0", "1", "2"]
    assert said == ["demo: away; trying again"]


def test_a_stopped_player_sends_nothing_more() -> None:
    """When stop returns, the last event has been sent."""
    inbox = Inbox(1)
    played(inbox, [])
    before = len(inbox.events)

    assert not [thread for thread in threading.enumerate() if thread.name == "demo"]
    assert len(inbox.events) == before


def test_stopping_before_the_start_is_harmless() -> None:
    """A demo that never came up can be ended."""
    inbox = Inbox(1)
    Player(cues(0), inbox, say=print).stop()

    assert inbox.events == []
