"""The spool writer: receipts, partitions, refusals, and many writers at once."""

import errno
import os
import signal
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from tasktrail.errors import Overloaded, RootUnusable, StorageFailed
from tasktrail.ingest.spool_writer import SYSTEM_DISK
from tasktrail.model.acceptance import Accepted
from tasktrail.model.ids import partition_of
from tasktrail.store.layout import Layout
from tests.ingest.spool_support import (
    NOW,
    accepted,
    child,
    identities,
    new_root,
    new_writer,
    next_line,
    read_all_frames,
    spool_files,
    tell,
    write_root,
)
from tests.support.waiting import wait_until


def test_a_receipt_says_where_the_batch_ends(tmp_path: Path) -> None:
    """Whoever waits for recording knows which position the checkpoint has to reach."""
    layout, root = new_root(tmp_path)
    writer = new_writer(layout, root)
    writer.append([accepted("k:1")])
    receipt = writer.append([accepted("k:2"), accepted("k:3")])
    writer.close()

    assert receipt.accepted == 2
    assert receipt.ends == {0: spool_files(layout)[0].stat().st_size}


def test_a_frame_keeps_what_its_door_said(tmp_path: Path) -> None:
    """Acceptance time, identity, hand-over and the event's bytes come out as they went in."""
    layout, root = new_root(tmp_path)
    writer = new_writer(layout, root)
    event = b'{"type":"x",  "data":{"n":1.0}}'
    writer.append([Accepted(event, "k:1", "gh-1", 7, to="gh-9"), Accepted(event, None, "")])
    writer.close()
    first, second = (one.frame for one in read_all_frames(layout))

    assert first is not None
    assert second is not None
    assert (first.at, first.id, first.to, bytes(first.event)) == (7, "k:1", "gh-9", event)
    assert (second.at, second.id, second.to) == (NOW, None, None)


def test_nothing_to_append_touches_nothing(tmp_path: Path) -> None:
    """An empty batch makes no segment."""
    layout, root = new_root(tmp_path)
    receipt = new_writer(layout, root).append([])

    assert (receipt.accepted, receipt.ends) == (0, {})
    assert spool_files(layout) == []


def test_a_line_end_in_an_event_does_not_tear_its_frame(tmp_path: Path) -> None:
    """JSON may have line ends between its tokens; a frame is one line."""
    layout, root = new_root(tmp_path)
    writer = new_writer(layout, root)
    writer.append([replace(accepted("k:1"), event=b'{"type":\n"x"}'), accepted("k:2")])
    writer.close()

    assert identities(read_all_frames(layout)) == ["k:1", "k:2"]


def test_events_go_to_the_partition_of_their_key(tmp_path: Path) -> None:
    """A batch is split by key; each part stands together and in its order."""
    layout, root = new_root(tmp_path, 3)
    writer = new_writer(layout, root)
    keys = [f"gh-{n % 7}" for n in range(50)]
    receipt = writer.append([accepted(f"k:{n}", key) for n, key in enumerate(keys)])
    writer.close()
    found = [identities(read_all_frames(layout, p)) for p in range(3)]

    assert found == [
        [f"k:{n}" for n, key in enumerate(keys) if partition_of(key, 3) == p] for p in range(3)
    ]
    assert sorted(receipt.ends) == [0, 1, 2]


def test_the_recorder_is_woken_after_the_sync(tmp_path: Path) -> None:
    """What it then finds is on disk."""
    layout, root = new_root(tmp_path)
    told: list[str] = []

    def sync(fd: int) -> None:
        told.append("synced")
        os.fdatasync(fd)

    writer = new_writer(layout, root, disk=SYSTEM_DISK._replace(sync=sync))
    writer.on_append = lambda: told.append("woken")
    writer.append([accepted("k:1")])
    writer.close()

    assert told == ["synced", "woken"]


def test_a_changed_generation_is_never_written_to(tmp_path: Path) -> None:
    """After the number of partitions changed, an old process would choose wrong ones."""
    layout, root = new_root(tmp_path)
    writer = new_writer(layout, root)
    writer.append([accepted("k:1")])
    write_root(layout, replace(root, generation=2))

    with pytest.raises(RootUnusable, match="generation 2"):
        writer.append([accepted("k:2")])
    writer.close()
    assert identities(read_all_frames(layout)) == ["k:1"]


def test_a_full_disk_refuses_before_anything_is_written(tmp_path: Path) -> None:
    """The door is told to come back; a hand-over of recording itself passes."""
    layout, root = new_root(tmp_path)
    writer = new_writer(layout, root, disk=SYSTEM_DISK._replace(free_bytes=lambda _path: 1_000))
    with pytest.raises(Overloaded):
        writer.append([accepted("k:1")])
    receipt = writer.append([accepted("k:2")], ignore_pressure=True)
    writer.close()

    assert receipt.accepted == 1
    assert identities(read_all_frames(layout)) == ["k:2"]
    assert writer.space().free == 1_000


def test_a_failed_sync_gives_no_receipt(tmp_path: Path) -> None:
    """The caller learns it; the next append goes to another segment and is fine."""
    layout, root = new_root(tmp_path)
    failures = [OSError(errno.EIO, "the disk is broken")]

    def sync(_fd: int) -> None:
        if failures:
            raise failures.pop()

    writer = new_writer(layout, root, disk=SYSTEM_DISK._replace(sync=sync))
    with pytest.raises(StorageFailed, match="EIO"):
        writer.append([accepted("k:1")])
    receipt = writer.append([accepted("k:2")])
    writer.close()

    assert receipt.accepted == 1
    assert len(spool_files(layout)) == 2


def test_a_root_that_vanishes_is_a_failure(tmp_path: Path) -> None:
    """A missing folder is named; nothing is made in its place."""
    layout, root = new_root(tmp_path)
    writer = new_writer(layout, root)
    layout.spool(0).rmdir()

    with pytest.raises(StorageFailed, match="spool"):
        writer.append([accepted("k:1")])
    assert not layout.spool(0).exists()


def test_concurrent_appends_share_their_syncs(tmp_path: Path) -> None:
    """Eight appends at a time need at most two syncs: one under way, one for all the others."""
    layout, root = new_root(tmp_path)
    syncs: list[int] = []

    def sync(fd: int) -> None:
        wait_until(lambda: spool_files(layout)[0].read_bytes().count(b"\n") == 8)
        os.fdatasync(fd)
        syncs.append(fd)

    writer = new_writer(layout, root, disk=SYSTEM_DISK._replace(sync=sync))
    threads = [
        threading.Thread(target=writer.append, args=([accepted(f"k:{n}")],)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()

    assert len(read_all_frames(layout)) == 8
    assert 1 <= len(syncs) <= 2


def test_many_processes_lose_double_and_tear_nothing(tmp_path: Path) -> None:
    """Four processes of two threads, two partitions, rolling: every event once, in order."""
    layout, root = new_root(tmp_path, 2)
    names = [f"job{n}" for n in range(4)]
    with ExitStack() as running:
        children = [
            running.enter_context(child("append", layout.root, name, 2_000)) for name in names
        ]
        _start_together(children)
        last = [next_line(process) for process in children]
    frames = [read_all_frames(layout, p) for p in range(root.partitions)]
    found = [identity for part in frames for identity in identities(part)]
    producers = [f"{name}-{thread}" for name in names for thread in range(2)]

    assert last == ["done"] * 4
    assert len(found) == 8 * 2_000
    for producer in producers:
        own = [one for one in found if one is not None and one.startswith(f"{producer}:")]
        assert own == [f"{producer}:{n}" for n in range(2_000)]
    assert len(spool_files(layout, 0)) > 2


def _start_together(children: list[subprocess.Popen[str]]) -> None:
    for process in children:
        assert next_line(process) == "ready"
    for process in children:
        tell(process)


def test_a_killed_writer_loses_nothing_it_had_a_receipt_for(tmp_path: Path) -> None:
    """Three times killed at any moment: all receipts hold, and the spool is whole."""
    layout, root = new_root(tmp_path)
    promised = 0
    for _ in range(3):
        with child("append_for_ever", layout.root) as process:
            for _ in range(20):
                said = int(next_line(process))
            process.send_signal(signal.SIGKILL)
        promised += said
    writer = new_writer(layout, root)
    writer.append([accepted("after")])
    writer.close()
    found = identities(read_all_frames(layout))

    assert len(found) > promised
    assert found[-1] == "after"
    assert "damaged" not in found


def test_a_write_torn_by_a_kill_is_cut_by_the_next_append(tmp_path: Path) -> None:
    """A kill in the middle of a large write leaves a torn tail and nothing worse."""
    layout, root = new_root(tmp_path)
    attempts = 1
    while not _tear_a_write(layout):
        attempts += 1
        assert attempts < 20, "the kill never came in the middle of a write"
    writer = new_writer(layout, root)
    writer.append([accepted("after")])
    writer.close()
    found = identities(read_all_frames(layout))
    last = found[len(found) - 1 - found[::-1].index("first") :]

    assert last == ["first", *(f"big:{n}" for n in range(len(last) - 2)), "after"]
    assert "damaged" not in found


def _tear_a_write(layout: Layout) -> bool:
    """Kill a process while it writes 200 MiB; whether a torn line is what it left."""
    with child("append_much", layout.root) as process:
        assert next_line(process) == "ready"
        segment = spool_files(layout)[-1]
        size = segment.stat().st_size
        wait_until(lambda: segment.stat().st_size > size or len(spool_files(layout)) > 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with spool_files(layout)[-1].open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"
