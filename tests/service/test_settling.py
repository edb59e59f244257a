"""Reading waits a moment for what was accepted here, and only for that."""

from pathlib import Path

from tasktrail.service.accept import Acceptor
from tasktrail.service.parts import open_parts
from tasktrail.service.running import open_service
from tasktrail.service.settling import Settling
from tests.service.rooms import event, settings_in
from tests.support.waiting import PATIENCE_SECONDS


def test_nothing_accepted_here_is_nothing_to_wait_for(tmp_path: Path) -> None:
    """Also when others have work waiting in the spool."""
    with open_parts(settings_in(tmp_path)) as parts:
        Acceptor(parts.spool, max_event_bytes=1000).accept([event()])

        assert Settling(parts.layout).wait(patience_seconds=0)


def test_what_is_accepted_is_waited_for_in_every_partition(tmp_path: Path) -> None:
    """As soon as all checkpoints have come that far the wait is over, and the next is none."""
    waits: list[float] = []

    def record(seconds: float) -> None:
        waits.append(seconds)
        parts.recording.record_now()

    with open_parts(settings_in(tmp_path, partitions=3)) as parts:
        settling = Settling(parts.layout, sleep=record)
        door = Acceptor(parts.spool, max_event_bytes=1000, settling=settling)
        door.accept([event(f"gh-{number}") for number in range(30)])

        assert settling.wait(patience_seconds=20)
        assert settling.wait(patience_seconds=0)
        assert len(waits) == 1
        assert parts.reader.tasks(limit=1)["total_count"] == 30


def test_a_recorder_that_stands_still_holds_nobody_up(tmp_path: Path) -> None:
    """After a moment the answer goes out without the newest."""
    with open_parts(settings_in(tmp_path)) as parts:
        settling = Settling(parts.layout)
        Acceptor(parts.spool, max_event_bytes=1000, settling=settling).accept([event()])

        assert settling.wait(patience_seconds=0.01) is False


def test_a_checkpoint_that_cannot_be_read_is_not_waited_for_longer(tmp_path: Path) -> None:
    """Whoever reads the answer then tells the trouble."""
    with open_parts(settings_in(tmp_path)) as parts:
        settling = Settling(parts.layout)
        Acceptor(parts.spool, max_event_bytes=1000, settling=settling).accept([event()])
        parts.layout.checkpoint(0).write_text("broken", encoding="utf-8")

        assert settling.wait(patience_seconds=0.01) is False


def test_who_sends_and_asks_at_once_finds_it(tmp_path: Path) -> None:
    """Through the whole service, every time."""
    with open_service(settings_in(tmp_path)) as service:
        for number in range(1, 51):
            service.accept([event("gh-1")])

            reader = service.settled_reader(patience_seconds=PATIENCE_SECONDS)
            assert reader.task("gh-1")["as_of"] == number
