"""A durable task waits for the disk with each call; the others of its client do not."""

from pathlib import Path

from tasktrail.sdk.durable import DurableOutbox
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.records import event_record
from tasktrail.sdk.trouble import Trouble


def test_what_is_told_through_it_is_synced(tmp_path: Path) -> None:
    """By the quick way and by the other one; what waited before goes along."""
    syncs: list[int] = []
    outbox = Outbox(tmp_path, clock=lambda: 1, trouble=Trouble(), buffered=True, sync=syncs.append)
    durable = DurableOutbox(outbox)
    record = event_record(1_000, "t", b"{}")
    outbox.put(record, size=2)
    before = len(syncs)
    durable.put(record, size=2)
    by_put = len(syncs)
    durable.seats.records.append(record)
    durable.press()

    assert (before, by_put, len(syncs)) == (0, 1, 2)
    assert len(outbox.path.read_bytes().splitlines()) == 3
