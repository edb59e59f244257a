"""A partition resumes from its checkpoint and writes the same bytes again."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tasktrail.errors import StorageFailed
from tasktrail.ingest.spool_segments import list_segments
from tasktrail.model.ids import TrailKey
from tasktrail.store.checkpoints import read_checkpoint, write_checkpoint
from tasktrail.store.touched import read_touched
from tasktrail.store.verify import verify_trail
from tests.support.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty root with one partition."""
    return Workshop(tmp_path)


def accept_some(workshop: Workshop, first: int, count: int) -> None:
    """Events of two tasks in several channels, one of them held for a while."""
    for number in range(first, first + count):
        task_id = f"t-{number % 2}"
        workshop.accept("task:log", task_id, data={"message": f"m{number}"})
        workshop.accept("task:output", task_id, src="a", src_seq=number)
        workshop.accept("webhook:received", None, webhook_event_id=f"w-{number}")
        workshop.accept("webhook:task_created", task_id, webhook_event_id=f"w-{number}")


def test_replaying_writes_the_same_bytes(workshop: Workshop) -> None:
    """A crash before the checkpoint: whatever was written is cut and written again, equal."""
    accept_some(workshop, 0, 5)
    workshop.record()
    before = read_checkpoint(workshop.layout, 0)
    accept_some(workshop, 5, 5)
    workshop.record()
    whole = workshop.files()
    assert before is not None
    write_checkpoint(workshop.layout, 0, before)
    workshop.record()

    assert workshop.files() == whole


def test_a_torn_trail_is_healed_by_replay(workshop: Workshop) -> None:
    """A power cut left a torn line and a hole behind the checkpoint: the spool has it all."""
    accept_some(workshop, 0, 5)
    workshop.record()
    before = read_checkpoint(workshop.layout, 0)
    accept_some(workshop, 5, 5)
    workshop.record()
    whole = workshop.files()
    for name in ("tasks/t-0/08-log.jsonl", "tasks/t-1/04-agent-output.jsonl"):
        path = workshop.layout.root / name
        path.write_bytes(path.read_bytes()[:-17])
    assert before is not None
    write_checkpoint(workshop.layout, 0, before)
    workshop.record()

    assert workshop.files() == whole
    assert verify_trail(workshop.layout, TrailKey("tasks", "t-0")) == []


def test_recording_from_zero_gives_the_same_trails(workshop: Workshop) -> None:
    """No clock, no owner and no batch size shows in the bytes of a trail."""
    accept_some(workshop, 0, 20)
    workshop.record()
    at_once = workshop.files()
    workshop.layout.checkpoint(0).unlink()
    partition = workshop.open()
    while partition.step():
        pass
    partition.close()

    assert workshop.files() == at_once


def test_nothing_new_is_nothing_written(workshop: Workshop) -> None:
    """An idle partition touches no file."""
    accept_some(workshop, 0, 2)
    workshop.record()
    before = {path: path.stat().st_mtime_ns for path in workshop.layout.root.rglob("*.json*")}
    partition = workshop.open()

    assert partition.step() == 0
    partition.close()
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_touched_trails_are_told_up_to_the_checkpoint(workshop: Workshop) -> None:
    """Followers learn which trails a batch touched and how far they are."""
    accept_some(workshop, 0, 3)
    told: list[dict[TrailKey, int]] = []
    workshop.watch.subscribe(lambda trails: told.append(dict(trails)))
    workshop.record()

    heads = {TrailKey("tasks", "t-0"): 8, TrailKey("tasks", "t-1"): 4}
    assert told == [heads]
    (touched,) = read_touched(workshop.layout, 0, after=0) or []
    assert touched.heads() == heads


def test_recorded_segments_are_deleted(tmp_path: Path) -> None:
    """What the trails hold, the spool need not keep."""
    workshop = Workshop(tmp_path)
    for _ in range(5):
        workshop.accept("task:output", data={"content": "x" * 600_000})
    assert len(list_segments(workshop.layout.spool(0))) > 1
    workshop.record()

    assert len(list_segments(workshop.layout.spool(0))) == 1


def test_a_lost_spool_is_a_gap_that_everybody_sees(workshop: Workshop) -> None:
    """The trails keep what they have; the gap is counted and stands in Tasktrail's own session."""
    accept_some(workshop, 0, 3)
    workshop.record()
    kept = workshop.files()
    for segment in list_segments(workshop.layout.spool(0)):
        segment.path.unlink()
    workshop.accept("task:log", "t-0", data={"message": "after"})
    workshop.record()

    checkpoint = read_checkpoint(workshop.layout, 0)
    assert checkpoint is not None
    assert checkpoint.counters.gaps == 1
    (gap,) = workshop.lines("tasktrail", "sessions")
    assert gap["event"]["event_type"] == "gap"
    assert workshop.lines("t-0")[-1]["message"] == "after"
    assert all(workshop.files()[name].startswith(blob) for name, blob in kept.items())


def test_a_gap_does_not_cut_what_nobody_can_replay(workshop: Workshop) -> None:
    """The checkpoint is older than the trail and the spool is gone: the trail stays whole."""
    accept_some(workshop, 0, 3)
    workshop.record()
    checkpoint = read_checkpoint(workshop.layout, 0)
    assert checkpoint is not None
    write_checkpoint(workshop.layout, 0, replace(checkpoint, pos=10, offset=10))
    kept = workshop.lines("t-0")
    for segment in list_segments(workshop.layout.spool(0)):
        segment.path.unlink()
    workshop.accept("task:log", "t-0")
    workshop.record()

    assert workshop.lines("t-0")[: len(kept)] == kept


def test_a_damaged_frame_costs_only_itself(workshop: Workshop) -> None:
    """A hole in the middle of the spool is counted; its neighbours are recorded."""
    for number in range(3):
        workshop.accept("task:log", data={"message": f"m{number}"})
    (segment,) = list_segments(workshop.layout.spool(0))
    blob = segment.path.read_bytes()
    start, end = blob.index(b"m1") - 5, blob.index(b"m1") + 2
    segment.path.write_bytes(blob[:start] + b"\0" * (end - start) + blob[end:])
    workshop.record()

    checkpoint = read_checkpoint(workshop.layout, 0)
    assert checkpoint is not None
    assert checkpoint.counters.damaged_frames == 1
    assert [line["message"] for line in workshop.lines()] == ["m0", "m2"]


def test_a_disk_that_refuses_stops_the_partition_and_loses_nothing(workshop: Workshop) -> None:
    """No dead letter, no moved checkpoint: what failed is recorded after the repair."""
    workshop.accept("task:log", data={"message": "first"})
    workshop.record()
    away = workshop.layout.tasks.rename(workshop.layout.root / "away")
    workshop.layout.tasks.write_text("no directory")
    workshop.accept("task:output", data={"content": "second"})
    partition = workshop.open()
    with pytest.raises(StorageFailed):
        partition.step()
    partition.close()
    workshop.layout.tasks.unlink()
    away.rename(workshop.layout.tasks)
    workshop.record()

    assert [line["seq"] for line in workshop.lines()] == [1, 2]


def test_documents_follow_the_trail(workshop: Workshop) -> None:
    """Summary, input and result stand beside the channels when the task has ended."""
    workshop.accept("task:created", data={"input_message": "Fix it"})
    workshop.accept("task:completed", data={"status": "failed", "result": "no"})
    workshop.record()

    folder = workshop.layout.tasks / "gh-1"
    assert sorted(one.name for one in folder.iterdir()) == [
        "01-input.json",
        "06-final-result.json",
        "10-events.jsonl",
        "metadata.json",
    ]
    assert verify_trail(workshop.layout, TrailKey("tasks", "gh-1")) == []


def test_what_a_step_takes_is_shared_by_all_partitions(tmp_path: Path) -> None:
    """One process may own all of them, and has the memory of one process."""
    sizes = {}
    for partitions in (1, 4, 64):
        partition = Workshop(tmp_path / str(partitions), partitions=partitions).open()
        sizes[partitions] = partition._batch_bytes  # noqa: SLF001 - memory is not told
        partition.close()

    assert sizes == {1: 16 << 20, 4: 4 << 20, 64: 1 << 20}
