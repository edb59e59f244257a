"""What jobs on this machine wrote down arrives in the spool once, whatever dies in between."""

import os
import threading
from pathlib import Path
from typing import Any

from tasktrail.ingest.outbox_pump import OutboxPump
from tasktrail.ingest.spool_writer import SYSTEM_DISK
from tasktrail.model.frame import encode_frame
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.trouble import Trouble
from tasktrail.store.dead_letters import iter_dead
from tests.support.pumping import NOW, Pumping
from tests.support.waiting import wait_until


def pump_of(pumping: Pumping, **chosen: Any) -> OutboxPump:  # noqa: ANN401 - any of its settings
    """The pump of that data root's outboxes."""
    return OutboxPump(pumping.layout, pumping.spool, pumping.clock, **chosen)


def outbox_of(pumping: Pumping) -> Outbox:
    """The outbox of a job."""
    trouble = Trouble(lambda _text: None)
    return Outbox(pumping.layout.outbox, clock=lambda: NOW, trouble=trouble)


def event(n: int) -> bytes:
    """A numbered event."""
    return b'{"type":"x","task_id":"t","data":{"n":%d}}' % n


def leave(pumping: Pumping, src: str, *lines: bytes) -> Path:
    """What a dead process left."""
    path = pumping.layout.outbox / f"{src}.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def frame(src: str, n: int) -> bytes:
    """A numbered frame of that process."""
    return encode_frame(NOW + n, event(n), identity=f"{src}:{n}")


def left(pumping: Pumping) -> list[str]:
    """The files that wait in the outboxes' directory."""
    return sorted(path.name for path in pumping.layout.outbox.iterdir() if path.suffix != ".lock")


def test_events_arrive_as_their_job_gave_them(pumping: Pumping) -> None:
    """With its identity and its time of acceptance, byte for byte."""
    outbox = outbox_of(pumping)
    for n in range(3):
        outbox.append(event(n), task_id="t")
    moved = pump_of(pumping).drain()

    assert moved == 3
    assert [frame.id for frame in pumping.frames()] == [f"{outbox.src}:{n}" for n in (1, 2, 3)]
    assert {frame.at for frame in pumping.frames()} == {NOW}
    assert bytes(pumping.frames()[0].event) == event(0)


def test_a_living_process_keeps_its_file(pumping: Pumping) -> None:
    """What it says later arrives later; how far it came is remembered."""
    outbox = outbox_of(pumping)
    outbox.append(event(1), task_id="t")
    pump_of(pumping).drain()
    kept = left(pumping)
    outbox.append(event(2), task_id="t")
    pump_of(pumping).drain()

    assert kept == [f"{outbox.src}.json", f"{outbox.src}.jsonl"]
    assert pumping.numbers() == [1, 2]
    assert len(pumping.frames()) == 2


def test_a_dead_process_s_file_is_deleted_when_it_is_read(pumping: Pumping) -> None:
    """Nothing of it stays behind."""
    leave(pumping, "ab", frame("ab", 1), frame("ab", 2))
    (pumping.layout.outbox / ".ab.json.tmp").write_bytes(b'{"off')  # a pump died here
    pump_of(pumping).drain()

    assert pumping.numbers() == [1, 2]
    assert left(pumping) == []


def test_a_dead_process_s_events_come_before_its_successor_s(pumping: Pumping) -> None:
    """However many they are, and over however many files: a restarted job keeps its order."""
    first = leave(pumping, "cc", *(frame("cc", n) for n in range(1, 1_502)))
    second = leave(pumping, "cc.2", frame("cc", 1_502))
    successor = leave(pumping, "aa", frame("aa", 1_503))
    for age, path in enumerate((successor, second, first)):
        os.utime(path, ns=(NOW - age, NOW - age))
    pump_of(pumping).pump_once()

    assert [one.id for one in pumping.frames()][-3:] == ["cc:1501", "cc:1502", "aa:1503"]
    assert len(pumping.frames()) == 1_503


def test_what_a_child_said_stands_where_it_was_said(pumping: Pumping) -> None:
    """Also where it ended before its parent, whose outbox was written to last."""
    parent = leave(pumping, "bb", *(frame("bb", n) for n in (1, 2, 5)))
    child = leave(pumping, "aa", frame("aa", 3), frame("aa", 4))
    for age, path in enumerate((parent, child)):
        os.utime(path, ns=(NOW - age, NOW - age))
    pump_of(pumping).drain()

    assert [one.id for one in pumping.frames()] == ["bb:1", "bb:2", "aa:3", "aa:4", "bb:5"]
    assert left(pumping) == []


def test_a_crash_before_the_place_is_remembered_doubles_no_identity(pumping: Pumping) -> None:
    """The events come again as what they were."""
    outbox = outbox_of(pumping)
    outbox.append(event(1), task_id="t")
    pump = pump_of(pumping)
    assert pump.pump_once() == 1
    pump.close()  # without the lock it may not write down how far it came
    outbox.close()
    pump_of(pumping).drain()

    assert [one.id for one in pumping.frames()] == [f"{outbox.src}:1"] * 2
    assert left(pumping) == []


def test_a_disk_that_refuses_keeps_the_outbox(tmp_path: Path) -> None:
    """Nothing is passed that the spool has not; it is tried again until the disk recovers."""
    syncs: list[int] = []

    def fail_twice(fd: int) -> None:
        syncs.append(fd)
        if len(syncs) <= 2:
            raise OSError(28, "No space left on device")

    stop = threading.Event()
    with Pumping(tmp_path / "root", disk=SYSTEM_DISK._replace(sync=fail_twice)) as pumping:
        leave(pumping, "ab", frame("ab", 1))
        pump = pump_of(pumping, retry_seconds=0.01)
        thread = threading.Thread(target=pump.run, args=(stop,))
        thread.start()
        wait_until(lambda: left(pumping) == [])
        stop.set()
        thread.join()

        assert len(syncs) >= 3
        assert pumping.numbers() == [1]


def test_damaged_frames_are_skipped_and_told(pumping: Pumping) -> None:
    """The good ones around them arrive; the gap says where, the same way every time."""
    path = leave(pumping, "ab", frame("ab", 1), b"\x00" * 30 + b"\n", frame("ab", 3))
    blob = path.read_bytes()
    for _ in range(2):
        pump = pump_of(pumping)
        pump.drain()
        path.write_bytes(blob)

    assert pumping.numbers() == [1, 3]
    (gap,) = pumping.gaps()
    assert (gap["outbox"], gap["offset"], gap["bytes"]) == ("ab.jsonl", len(frame("ab", 1)), 31)
    assert pump.status().damaged == 1


def test_an_event_that_was_never_finished_is_dropped_with_its_file(pumping: Pumping) -> None:
    """Its process died before the call returned: it was never accepted."""
    leave(pumping, "ab", frame("ab", 1), frame("ab", 2)[:-4])
    pump = pump_of(pumping)
    pump.drain()

    assert pumping.numbers() == [1]
    assert left(pumping) == []
    assert pump.status().damaged == 1


def test_poison_costs_only_itself(pumping: Pumping) -> None:
    """What cannot be recorded is a dead letter with its reason; the rest flows."""
    no_id = encode_frame(NOW, b'{"type":"x"}', identity="ab:1")
    large = encode_frame(NOW, b'{"type":"x","task_id":"%b"}' % (b"t" * 999), identity="ab:2")
    leave(pumping, "ab", no_id, large, frame("ab", 3))
    pump = pump_of(pumping, max_event_bytes=500)
    pump.drain()

    letters = list(iter_dead(pumping.layout))
    assert [one.identity for one in letters] == ["ab:1", "ab:2"]
    assert letters[0].blob == b'{"type":"x"}'
    assert {one.p for one in letters} == {"outbox"}
    assert pumping.numbers() == [3]
    assert pump.status().dead == 2


def test_parts_of_one_outbox_arrive_in_order(pumping: Pumping) -> None:
    """A full file comes wholly before the one that follows it."""
    many = [frame("ab", n) for n in range(1, 1501)]
    leave(pumping, "ab", *many)
    leave(pumping, "ab.2", frame("ab", 1501))
    leave(pumping, "cd", frame("cd", 9999))
    pump_of(pumping).drain()

    numbers = [n for n in pumping.numbers() if n != 9999]
    assert numbers == list(range(1, 1502))
    assert left(pumping) == []


def test_a_file_that_cannot_be_read_stops_no_other(pumping: Pumping) -> None:
    """A planted link is not followed, and told once."""
    (pumping.layout.outbox / "aa.jsonl").symlink_to(pumping.layout.root_json)
    leave(pumping, "bb", frame("bb", 1))
    pump_of(pumping).drain()

    assert pumping.numbers() == [1]
    assert pumping.layout.root_json.exists()


def test_one_process_pumps_at_a_time(pumping: Pumping) -> None:
    """Who comes second waits until the first has taken what waits, and moves nothing itself."""
    stop = threading.Event()
    first, second = pump_of(pumping), pump_of(pumping)
    thread = threading.Thread(target=first.run, args=(stop,))
    thread.start()
    wait_until(lambda: first.status().state == "working")
    outbox = outbox_of(pumping)
    outbox.append(event(1), task_id="t")
    moved = second.drain(timeout_seconds=20)
    seen = pumping.numbers()
    stop.set()
    thread.join()

    assert (moved, seen) == (0, [1])
    assert len(pumping.frames()) == 1


def test_a_pump_that_is_stuck_is_not_waited_for_long(pumping: Pumping) -> None:
    """A command goes on without it and says so."""
    leave(pumping, "ab", frame("ab", 1))
    stuck = pump_of(pumping)
    assert stuck.lock.acquire()
    moved = pump_of(pumping).drain(timeout_seconds=0.05)
    stuck.lock.release()

    assert moved == 0
    assert pumping.frames() == []
    assert pump_of(pumping).drain() == 1


def test_a_process_that_says_more_and_more_does_not_hold_up_a_drain(pumping: Pumping) -> None:
    """What waited when it was asked for is moved; what came meanwhile may wait for the next one."""
    outbox, later = outbox_of(pumping), iter(range(2, 50))
    pumping.spool.on_append = lambda: outbox.append(event(next(later)), task_id="t")
    outbox.append(event(1), task_id="t")

    assert pump_of(pumping).drain() == 1
    assert pumping.numbers() == [1]


def test_a_running_pump_takes_what_comes(pumping: Pumping) -> None:
    """From every process, until it is told to stop."""
    stop = threading.Event()
    pump = pump_of(pumping)
    thread = threading.Thread(target=pump.run, args=(stop,))
    thread.start()
    jobs = []
    for _ in range(3):
        job = os.fork()
        if job == 0:
            outbox = outbox_of(pumping)
            for n in range(50):
                outbox.append(event(n), task_id="t")
            os._exit(0)
        jobs.append(job)
    for job in jobs:
        os.waitpid(job, 0)
    wait_until(lambda: left(pumping) == [])
    stop.set()
    thread.join()

    assert sorted(pumping.numbers()) == sorted(list(range(50)) * 3)
    assert pump.status().state == "stopped"


def test_the_status_tells_what_waits(pumping: Pumping) -> None:
    """Files, bytes, and nothing of what was taken on."""
    outbox = outbox_of(pumping)
    outbox.append(event(1), task_id="t")
    pump = pump_of(pumping)
    pump.pump_once()
    taken = pump.status()
    outbox.append(event(2), task_id="t")
    waiting = pump.status()

    assert (taken.files, taken.waiting_bytes) == (1, 0)
    assert waiting.waiting_bytes == len(encode_frame(NOW, event(2), identity=f"{outbox.src}:2"))
