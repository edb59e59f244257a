"""What is kept beside the trails: holds and dead letters, as rows."""

from collections.abc import Iterator

import msgspec

from tasktrail.model.times import known_time
from tasktrail.query.rows import Row
from tasktrail.store.dead_letters import iter_dead, read_replayed
from tasktrail.store.hold_journal import iter_holds
from tasktrail.store.layout import Layout


def hold_rows(layout: Layout) -> Iterator[Row]:
    """Every webhook flow that no task has claimed: its state, since when, and its events."""
    for flow in iter_holds(layout):
        yield {
            "webhook_event_id": flow.webhook_event_id,
            "state": flow.state,
            "first_at": known_time(flow.first_at),
            "partition": flow.p,
            "event_types": flow.event_types(),
            "events": [
                {"id": line.identity, "recorded_at": known_time(line.at), "event": line.event}
                for line in flow.events
            ],
        }


def dead_rows(layout: Layout) -> Iterator[Row]:
    """Every dead letter: when and where it was met, why, and its bytes in base64."""
    replayed = read_replayed(layout)
    for number, letter in enumerate(iter_dead(layout), 1):
        row: Row = msgspec.to_builtins(letter)
        when = replayed.get(letter.key)
        told = {"at": known_time(letter.at), "key": letter.key, "replayed_at": known_time(when)}
        yield {"number": number} | row | told
