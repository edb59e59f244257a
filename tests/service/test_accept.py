"""The door in this process: accepted means on disk, refused means named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.errors import Overloaded, StorageFailed
from tasktrail.ingest.spool_commit import Disk
from tasktrail.ingest.spool_reader import SpoolReader
from tasktrail.ingest.spool_writer import SYSTEM_DISK, SpoolWriter
from tasktrail.service.accept import PART_BYTES, Acceptor
from tasktrail.service.parts import Parts, clock, open_parts
from tests.service.rooms import event, settings_in


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A root whose recorder does not run."""
    with open_parts(settings_in(tmp_path)) as opened:
        yield opened


def frames_of(parts: Parts) -> list[tuple[str | None, bytes]]:
    """Identity and bytes of what the spool holds."""
    reader = SpoolReader(parts.layout, 0)
    reader.seek(None)
    found = reader.read(100, 1 << 20)
    reader.close()
    return [(one.frame.id, bytes(one.frame.event)) for one in found if one.frame]


def test_what_is_accepted_is_in_the_spool(parts: Parts) -> None:
    """Every good event, in order, with the identity that its producer gave it."""
    plain, numbered = event(), event(src="abc", src_seq=7)
    receipt = Acceptor(parts.spool, max_event_bytes=1000).accept([plain, numbered])

    assert (receipt.accepted, receipt.rejected) == (2, ())
    assert frames_of(parts) == [(None, plain), ("abc:7", numbered)]


def test_what_is_refused_is_named_and_costs_nothing_else(parts: Parts) -> None:
    """Each has its place and reason; the good ones between them are kept."""
    too_large = event(data={"message": "x" * 2000})
    acceptor = Acceptor(parts.spool, max_event_bytes=1000)
    receipt = acceptor.accept([b"{}", event(), too_large, b"\xff", event()])

    assert [(one.index, one.code) for one in receipt.rejected] == [
        (0, "invalid_event"),
        (2, "event_too_large"),
        (3, "invalid_event"),
    ]
    assert (receipt.accepted, len(frames_of(parts))) == (2, 2)
    assert (acceptor.accepted, acceptor.rejected) == (2, 3)


def test_a_large_request_is_appended_part_by_part(parts: Parts) -> None:
    """All of it, in order; no more than a part is held beside what was sent."""
    told = []
    parts.spool.on_append = lambda: told.append(1)
    large = [event(src="abc", src_seq=n, data={"message": "x" * 700_000}) for n in range(1, 21)]
    receipt = Acceptor(parts.spool, max_event_bytes=1 << 20).accept(one for one in large)

    assert (receipt.accepted, len(told)) == (20, sum(map(len, large)) // PART_BYTES + 1)
    reader = SpoolReader(parts.layout, 0)
    reader.seek(None)
    found = reader.read(100, 1 << 30)
    reader.close()
    assert [one.frame.id for one in found if one.frame] == [f"abc:{n}" for n in range(1, 21)]


def test_nothing_good_touches_no_disk(parts: Parts) -> None:
    """A request of nothing but bad events is answered without an append."""
    told = []
    parts.spool.on_append = lambda: told.append(1)
    receipt = Acceptor(parts.spool, max_event_bytes=1000).accept([b"{}"])

    assert receipt.accepted == 0
    assert told == []


def failing(parts: Parts, disk: Disk) -> Acceptor:
    """A door on a disk that answers so."""
    spool = SpoolWriter(parts.layout, parts.root, segment_bytes=1 << 20, clock=clock, disk=disk)
    return Acceptor(spool, max_event_bytes=1000)


def test_a_full_disk_accepts_nothing(parts: Parts) -> None:
    """Before anything is written, and with a time to come back."""
    acceptor = failing(parts, SYSTEM_DISK._replace(free_bytes=lambda _: 0))

    with pytest.raises(Overloaded) as refused:
        acceptor.accept([event(), event(), b"{}"])
    assert refused.value.retry_after_seconds > 0
    assert (acceptor.accepted, acceptor.rejected) == (0, 3)
    assert frames_of(parts) == []


def test_a_request_that_was_begun_is_taken_whole(parts: Parts) -> None:
    """A disk that gets short of room after its first part costs the others, and not it."""
    free = iter([1 << 40])
    acceptor = failing(parts, SYSTEM_DISK._replace(free_bytes=lambda _: next(free, 0)))
    filler = {"message": "x" * 700}
    count = 2 * PART_BYTES // len(event(data=filler))
    receipt = acceptor.accept(event(src="abc", src_seq=n, data=filler) for n in range(count))

    assert receipt.accepted == count
    with pytest.raises(Overloaded):
        acceptor.accept([event()])


def test_a_sync_that_fails_is_no_acceptance(parts: Parts) -> None:
    """What the disk did not confirm is not claimed."""

    def no_sync(fd: int) -> None:
        raise OSError(5, "EIO", str(fd))

    acceptor = failing(parts, SYSTEM_DISK._replace(sync=no_sync))

    with pytest.raises(StorageFailed):
        acceptor.accept([event()])
    assert acceptor.accepted == 0
