"""Producers: all numbers in order, each until it is accepted, on from where the ledger ends."""

from collections.abc import Sequence
from pathlib import Path

from tasktrail.chaos.doors import Event, NotAccepted
from tasktrail.chaos.ledger import Batch, Ledger, read_ledger
from tasktrail.chaos.producer import Producer, main


class MemoryDoor:
    """Keeps the numbers it was sent; refuses every so manyth batch."""

    def __init__(self, *, refuses_every: int = 0) -> None:
        self.sent: list[str] = []
        self._refuses_every = refuses_every
        self._count = 0

    def send(self, events: Sequence[Event]) -> list[str]:
        """Nothing, unless it refuses."""
        self._count += 1
        if self._refuses_every and self._count % self._refuses_every == 0:
            raise NotAccepted("not now")
        said = [event["data"] for event in events]
        self.sent += [str(one["chaos"]) for one in said if isinstance(one, dict)]
        return []

    def close(self) -> None:
        """Nothing is open."""


def produced(folder: Path, name: str, door: MemoryDoor, *, events: int = 300) -> list[int]:
    """The numbers that the door was sent, each at its first time, once the producer is done."""
    producer = Producer(name, door, folder / "x.ledger", tasks=3, probe=folder / "none")
    assert producer.run(events, float("inf"))
    producer.close()
    return [int(one.partition("#")[2]) for one in dict.fromkeys(door.sent)]


def test_everything_is_sent_in_order(tmp_path: Path) -> None:
    """Also where some batches are refused at first."""
    assert produced(tmp_path, "http-1", MemoryDoor(refuses_every=3)) == list(range(300))


def test_a_shuffled_producer_sends_everything_in_another_order(tmp_path: Path) -> None:
    """Nothing is left out."""
    numbers = produced(tmp_path, "shuffled-1", MemoryDoor(), events=2_000)

    assert sorted(numbers) == list(range(2_000))
    assert numbers != sorted(numbers)


def test_accepted_batches_are_sent_again_now_and_then(tmp_path: Path) -> None:
    """As clients do that missed an answer."""
    door = MemoryDoor()
    produced(tmp_path, "http-1", door, events=5_000)

    assert len(door.sent) > 5_000


def test_events_without_identity_are_never_sent_again(tmp_path: Path) -> None:
    """What was refused or unanswered is left alone."""
    door = MemoryDoor(refuses_every=3)
    numbers = produced(tmp_path, "bare-1", door)

    assert len(door.sent) == len(numbers) < 300


def test_a_killed_producer_goes_on_by_its_ledger(tmp_path: Path) -> None:
    """What was open is sent first, then what was never tried."""
    ledger = Ledger(tmp_path / "x.ledger")
    ledger.note_try(Batch(0, 4))
    ledger.note_accepted(Batch(0, 4), [])
    ledger.note_try(Batch(5, 9))
    ledger.close()
    numbers = produced(tmp_path, "http-1", MemoryDoor(), events=20)

    assert [n for n in numbers if n > 4] == list(range(5, 20))


def test_what_the_disk_did_not_outlive_is_not_accepted(tmp_path: Path) -> None:
    """The probe leads to a file that is gone: the batch stays open."""
    (tmp_path / "probe").symlink_to(tmp_path / "gone")
    producer = Producer(
        "durable-1", MemoryDoor(), tmp_path / "x.ledger", tasks=3, probe=tmp_path / "probe"
    )
    producer.run(10, float("inf"))
    producer.close()

    assert read_ledger(tmp_path / "x.ledger").accepted == []


def test_the_program_writes_outbox_and_ledger(tmp_path: Path) -> None:
    """As a process it ends with 0 once everything is sent."""
    root, ledger = tmp_path / "root", tmp_path / "durable-1.ledger"
    code = main(["durable-1", "--events", "30", "--root", str(root), "--ledger", str(ledger)])

    assert code == 0
    assert read_ledger(ledger).next_number == 30
