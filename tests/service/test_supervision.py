"""Whoever holds a lock of the root and does not run is ended; everybody else is left alone."""

from pathlib import Path

import pytest

from tasktrail.service.supervision import Supervision
from tasktrail.store.holders import Holder
from tests.support.store_trails import new_root

OTHER = 4711


class Processes:
    """Other processes, as the system would tell of them."""

    def __init__(self, folder: Path) -> None:
        self.layout = new_root(folder)
        self.holders: list[Holder] = []
        self.progress: dict[int, int | None] = {}
        self.asked: list[Path] = []
        self.ended: list[int] = []
        self.can_end = True

    def hold(self, pid: int, path: Path, started: int = 1) -> None:
        """Another process holds that lock."""
        self.holders.append(Holder(pid, started, path))
        self.progress[pid] = 0

    def find(self, paths: list[Path]) -> list[Holder]:
        """Who holds these locks."""
        self.asked = paths
        return [one for one in self.holders if one.path in paths]

    def end(self, holder: Holder) -> bool:
        """The process is gone, if it can be ended."""
        self.ended.append(holder.pid)
        if self.can_end:
            self.holders = [one for one in self.holders if one.pid != holder.pid]
        return self.can_end

    def supervision(self, stalled_seconds: float = 3.0) -> Supervision:
        """What looks at them."""
        return Supervision(
            self.layout,
            2,
            stalled_seconds=stalled_seconds,
            find=self.find,
            progress=self.progress.__getitem__,
            kill=self.end,
        )


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    """Nobody yet."""
    return Processes(tmp_path)


def test_a_holder_that_does_not_run_is_ended(processes: Processes) -> None:
    """After so many looks as make the time, not before."""
    processes.hold(OTHER, processes.layout.partition_lock(1))
    supervision = processes.supervision()
    for _ in range(3):
        supervision.look()
    before = list(processes.ended)
    supervision.look()

    assert (before, processes.ended, supervision.ended) == ([], [OTHER], 1)


def test_a_holder_that_runs_now_and_then_is_left_alone(processes: Processes) -> None:
    """However little it does."""
    processes.hold(OTHER, processes.layout.partition_lock(0))
    supervision = processes.supervision()
    for look in range(12):
        processes.progress[OTHER] = look // 3
        supervision.look()

    assert processes.ended == []


def test_a_number_that_came_again_is_another_process(processes: Processes) -> None:
    """Time counts from when that very process was seen first."""
    supervision = processes.supervision()
    for started in range(5):
        processes.holders.clear()
        processes.hold(OTHER, processes.layout.partition_lock(0), started)
        supervision.look()
        supervision.look()

    assert processes.ended == []


def test_every_lock_of_the_root_is_looked_at_but_no_job_s(processes: Processes) -> None:
    """Partitions, append locks, pumps and the index; an outbox belongs to a job."""
    layout = processes.layout
    (layout.pumps / "task_events.lock").touch()
    (layout.outbox / "abc.1.jsonl").touch()
    processes.supervision().look()

    assert set(processes.asked) == {
        *(layout.partition_lock(p) for p in (0, 1)),
        *(layout.append_lock(p) for p in (0, 1)),
        layout.pumps / "task_events.lock",
        layout.outbox / "pump.lock",
        layout.index_lock,
    }


def test_one_that_cannot_be_ended_is_told_once(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    """Another user's process, perhaps: it is tried again, and the log does not fill up."""
    processes.hold(OTHER, processes.layout.partition_lock(0))
    processes.can_end = False
    supervision = processes.supervision(1.0)
    for _ in range(5):
        supervision.look()

    assert len(processes.ended) == 4
    assert len(caplog.records) == 1
    assert "could not be ended" in caplog.records[0].message


def test_what_cannot_be_told_is_no_reason(processes: Processes) -> None:
    """A process of which nothing is known is not ended."""
    processes.hold(OTHER, processes.layout.partition_lock(0))
    processes.progress[OTHER] = None
    supervision = processes.supervision(0.5)
    for _ in range(5):
        supervision.look()

    assert processes.ended == []
