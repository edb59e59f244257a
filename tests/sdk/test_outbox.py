"""Events of a process stand in files of its own: whole, numbered, locked, whatever happens."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

from tasktrail.model.event import parse_event
from tasktrail.sdk.outbox import BUFFERED_EVENTS, Batch, Outbox
from tasktrail.sdk.outbox_files import OutboxFile, list_outboxes
from tasktrail.sdk.records import Record, Renderer
from tasktrail.sdk.trouble import Trouble
from tasktrail.sdk.waiting import BUFFERED_BYTES
from tests.support.outboxes import frames_of as frames

NOW = 1_763_776_000_000_000
EVENT = b'{"type":"x","task_id":"t"}'


def make(directory: Path, **chosen: Any) -> Outbox:  # noqa: ANN401 - any of its settings
    """An outbox that tells nobody of its troubles."""
    return Outbox(directory, clock=lambda: NOW, trouble=Trouble(lambda _text: None), **chosen)


def test_an_event_is_in_the_file_when_the_call_returns(tmp_path: Path) -> None:
    """With the time of the call and a numbered identity of this process."""
    outbox = make(tmp_path)
    outbox.append(EVENT, task_id="t")
    outbox.append(EVENT, task_id="t")

    first, second = frames(tmp_path)
    assert (first.at, bytes(first.event)) == (NOW, EVENT)
    assert (first.id, second.id) == (f"{outbox.src}:1", f"{outbox.src}:2")
    assert outbox.path.name == f"{outbox.src}.jsonl"


def test_files_and_directories_are_private(tmp_path: Path) -> None:
    """Whatever the umask, only their owner reads what a job said."""
    old = os.umask(0)
    try:
        outbox = make(tmp_path / "root" / "outbox")
        outbox.append(EVENT, task_id="t")
    finally:
        os.umask(old)

    assert outbox.path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "root").stat().st_mode & 0o777 == 0o700


def test_a_process_that_says_nothing_leaves_nothing(tmp_path: Path) -> None:
    """No file is made before the first event."""
    make(tmp_path / "outbox").close()

    assert not (tmp_path / "outbox").exists()


def test_buffered_events_wait_for_a_flush(tmp_path: Path) -> None:
    """Until then they are in memory only."""
    outbox = make(tmp_path, buffered=True)
    outbox.append(EVENT, task_id="t")
    before = frames(tmp_path)
    outbox.flush()

    assert before == []
    assert len(frames(tmp_path)) == 1


def test_a_full_buffer_is_written_by_the_caller(tmp_path: Path) -> None:
    """Memory stays bounded, by count and by bytes."""
    outbox = make(tmp_path, buffered=True)
    for _ in range(BUFFERED_EVENTS):
        outbox.append(EVENT, task_id="t")
    by_count = len(frames(tmp_path))
    outbox.append(b'{"type":"%b"}' % (b"x" * BUFFERED_BYTES), task_id="t")

    assert by_count == BUFFERED_EVENTS
    assert len(frames(tmp_path)) == by_count + 1


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    """The numbers go on, the full file is free to be deleted."""
    outbox = make(tmp_path, part_bytes=200)
    for _ in range(5):
        outbox.append(EVENT, task_id="t")
    outbox.sync()

    names = [path.name for path in list_outboxes(tmp_path)]
    assert names == [f"{outbox.src}.jsonl", f"{outbox.src}.2.jsonl"]
    assert [str(frame.id).split(":")[1] for frame in frames(tmp_path)] == list("12345")
    assert [OutboxFile(tmp_path / name).is_abandoned() for name in names] == [True, False]


def test_a_closed_outbox_is_free_and_can_go_on(tmp_path: Path) -> None:
    """Events told after the end are kept in a further file."""
    outbox = make(tmp_path)
    outbox.append(EVENT, task_id="t")
    outbox.close()
    is_free = OutboxFile(outbox.path).is_abandoned()
    outbox.append(EVENT, task_id="t")

    assert is_free
    assert len(list_outboxes(tmp_path)) == 2


def test_a_forked_child_writes_as_itself(tmp_path: Path) -> None:
    """It has a src and a file of its own, and writes nothing that its parent had buffered."""
    outbox = make(tmp_path, buffered=True)
    outbox.append(EVENT, task_id="t")
    child = os.fork()
    if child == 0:
        outbox.append(EVENT, task_id="t")
        outbox.flush()
        os._exit(0)
    os.waitpid(child, 0)
    outbox.flush()

    names = {str(frame.id) for frame in frames(tmp_path)}
    assert len(names) == 2
    assert len({name.split(":")[0] for name in names}) == 2
    assert all(name.endswith(":1") for name in names)


def test_a_forked_child_does_not_keep_its_parent_s_lock(tmp_path: Path) -> None:
    """A parent that died is told from a living one, even while its child lives."""
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        outbox = make(tmp_path)
        outbox.append(EVENT, task_id="t")
        if os.fork() == 0:
            os.write(write_end, str(os.getpid()).encode())
            signal.pause()
        os._exit(0)
    os.waitpid(parent, 0)
    child = int(os.read(read_end, 20))
    os.close(read_end)
    os.close(write_end)
    (path,) = list_outboxes(tmp_path)
    is_free = OutboxFile(path).is_abandoned()
    os.kill(child, signal.SIGKILL)

    assert is_free


def test_a_file_is_locked_before_it_can_be_found(tmp_path: Path) -> None:
    """Else a pump could take a young process for a dead one and delete its file."""
    program = """
import os, sys
from pathlib import Path
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.outbox_files import list_outboxes
from tasktrail.sdk.trouble import Trouble
from tasktrail.sdk.waiting import BUFFERED_BYTES
from tests.support.outboxes import frames_of as frames

directory, seen = Path(sys.argv[1]), []

def watch(event, _arguments):
    if event == "fcntl.flock":
        seen.append(len(list_outboxes(directory)))

sys.addaudithook(watch)
Outbox(directory, clock=lambda: 1, trouble=Trouble()).append(b"{}", task_id=None)
print(seen, len(list_outboxes(directory)))
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=True)

    assert outcome.stdout == "[0] 1\n"


def test_a_killed_process_loses_nothing_it_said(tmp_path: Path) -> None:
    """What was written through survives the process, whole, and is free to be taken on."""
    job = os.fork()
    if job == 0:
        outbox = make(tmp_path)
        for _ in range(50):
            outbox.append(EVENT, task_id="t")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(job, 0)

    (path,) = list_outboxes(tmp_path)
    assert len(frames(tmp_path)) == 50
    assert OutboxFile(path).is_abandoned()


def test_a_durable_event_is_synced_before_the_call_returns(tmp_path: Path) -> None:
    """One sync per event; otherwise none until somebody asks."""
    syncs: list[int] = []
    make(tmp_path, durable=True, sync=syncs.append).append(EVENT, task_id="t")
    durable = len(syncs)
    outbox = make(tmp_path, sync=syncs.append)
    outbox.append(EVENT, task_id="t")
    written = len(syncs)
    outbox.sync()
    outbox.sync()

    assert (durable, written, len(syncs)) == (1, 1, 2)


def test_a_failed_sync_is_repeated_in_a_new_file(tmp_path: Path) -> None:
    """The old file is never trusted again; the identity makes twice once."""
    syncs: list[int] = []

    def fail_once(fd: int) -> None:
        syncs.append(fd)
        if len(syncs) == 1:
            raise OSError(5, "Input/output error")

    outbox = make(tmp_path, durable=True, sync=fail_once)
    outbox.append(EVENT, task_id="t")

    assert len(list_outboxes(tmp_path)) == 2
    assert {frame.id for frame in frames(tmp_path)} == {f"{outbox.src}:1"}


def test_what_does_not_fit_is_counted_and_told_later(tmp_path: Path) -> None:
    """A full disk tears no line; when there is room again, a loss event says how many lack."""
    trouble = Trouble(lambda _text: None)
    outbox = Outbox(tmp_path, clock=lambda: NOW, trouble=trouble)
    outbox.append(EVENT, task_id="t")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (outbox.path.stat().st_size + 20, limits[1]))
        outbox.append(EVENT, task_id="t")
        outbox.append(EVENT, task_id="t")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    outbox.append(EVENT, task_id="t")

    assert trouble.lost == 2
    assert [str(frame.id).split(":")[1] for frame in frames(tmp_path)] == ["1", "4", "5"]
    loss = parse_event(bytes(frames(tmp_path)[2].event))
    assert (loss.event_type, loss.task_id, bytes(loss.data["lost"])) == ("loss", "t", b"2")


def test_a_directory_that_cannot_be_made_harms_nobody(tmp_path: Path) -> None:
    """The events are counted as lost, with the reason."""
    (tmp_path / "file").write_text("")
    told: list[str] = []
    trouble = Trouble(told.append)
    outbox = Outbox(tmp_path / "file" / "outbox", clock=lambda: NOW, trouble=trouble)
    outbox.append(EVENT, task_id="t")

    assert trouble.lost == 1
    assert str(tmp_path / "file") in told[0]


def test_threads_share_one_row_of_numbers(tmp_path: Path) -> None:
    """Every event once, the numbers in the order of the file."""
    outbox = make(tmp_path)
    threads = [Thread(target=append_many, args=(outbox, 100)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = [int(str(frame.id).split(":")[1]) for frame in frames(tmp_path)]
    assert numbers == list(range(1, 401))


def append_many(outbox: Outbox, count: int) -> None:
    """So many events, one after the other."""
    for _ in range(count):
        outbox.append(EVENT, task_id="t")


class Interrupted(Outbox):
    """An outbox in the middle of whose first write something speaks, as a finaliser does."""

    was_interrupted = False

    def _write(self, batch: Batch) -> None:
        if not self.was_interrupted:
            self.was_interrupted = True
            self.append(b'{"type":"inside"}', task_id="t")
        super()._write(batch)


def test_a_call_inside_our_own_writing_leaves_its_record(tmp_path: Path) -> None:
    """The write that it interrupted goes on, and takes it on at its end: each once, in order."""
    outbox = Interrupted(tmp_path, clock=lambda: NOW, trouble=Trouble())
    outbox.append(EVENT, task_id="t")

    assert [bytes(frame.event) for frame in frames(tmp_path)] == [EVENT, b'{"type":"inside"}']
    assert [str(frame.id).split(":")[1] for frame in frames(tmp_path)] == ["1", "2"]


class Speaking(Renderer):
    """A renderer in the middle of which something speaks, as a finaliser does."""

    outbox: Outbox | None = None

    def line(self, record: Record, number: int) -> bytes:
        """The line; once with something said in between."""
        outbox, self.outbox = self.outbox, None
        if outbox is not None:
            outbox.append(b'{"type":"inside"}', task_id="t")
        return super().line(record, number)


def test_a_call_inside_the_straight_way_leaves_its_record(tmp_path: Path) -> None:
    """Where a single record is written through: it follows, at once."""
    outbox = make(tmp_path)
    outbox.wake = lambda: None
    outbox.append(EVENT, task_id="t")
    outbox._renderer = renderer = Speaking(outbox.src)  # noqa: SLF001 - a finaliser has no door
    renderer.outbox = outbox
    outbox.append(EVENT, task_id="t")

    kinds = [bytes(frame.event) for frame in frames(tmp_path)]
    assert kinds == [EVENT, EVENT, b'{"type":"inside"}']
    assert outbox.waiting == []


def test_a_call_inside_a_sync_is_kept(tmp_path: Path) -> None:
    """A finaliser may speak durably while full files are synced and let go: each once, in order."""
    inside = iter([b'{"type":"inside"}'])

    def sync(_fd: int) -> None:
        for event in inside:
            outbox.append(event, task_id="t")

    outbox = make(tmp_path, durable=True, part_bytes=1, sync=sync)
    outbox.append(EVENT, task_id="t")
    outbox.append(EVENT, task_id="t")
    outbox.close()

    assert [str(frame.id).split(":")[1] for frame in frames(tmp_path)] == ["1", "2", "3"]
    assert all(OutboxFile(path).is_abandoned() for path in list_outboxes(tmp_path))
