"""Reading a root without a service: what waits is recorded first; nobody waits for ever."""

import logging
from pathlib import Path

import pytest

from tasktrail.errors import RootUnusable, TaskNotFound
from tasktrail.ingest.outbox_pump import LOCK_NAME
from tasktrail.model.codec import encode
from tasktrail.model.frame import encode_frame
from tasktrail.model.ids import partition_of
from tasktrail.service.accept import Acceptor
from tasktrail.service.local import open_local, open_reader
from tasktrail.service.parts import open_parts
from tasktrail.settings import Settings, load_settings
from tasktrail.store.locks import FileLock
from tests.service.rooms import event, reading_only, settings_in, tree_of


def accept(settings: Settings, *events: bytes) -> None:
    """Events into the spool of a root where nothing runs."""
    with open_parts(settings) as parts:
        Acceptor(parts.spool, max_event_bytes=1 << 20).accept(events)


def write_outbox(settings: Settings, *events: bytes) -> None:
    """What a job that is gone left behind."""
    frames = [encode_frame(1, one, identity=f"ab:{n}") for n, one in enumerate(events, 1)]
    (settings.data / "outbox" / "ab.jsonl").write_bytes(b"".join(frames))


def test_what_waits_in_the_spool_is_in_the_answer(tmp_path: Path) -> None:
    """A command sees what was accepted just before."""
    settings = settings_in(tmp_path)
    accept(settings, event("gh-1"), event("gh-1"))
    with open_reader(settings) as reader:
        assert reader.logs("gh-1")["total_count"] == 2
        assert reader.tasks()["total_count"] == 1
        assert not reader.is_behind


def test_what_jobs_left_behind_is_in_the_answer(tmp_path: Path) -> None:
    """Outboxes of processes that are gone are taken on by whoever looks."""
    settings = settings_in(tmp_path)
    accept(settings)
    write_outbox(settings, event("gh-2"), event("gh-2"))
    with open_reader(settings) as reader:
        assert reader.logs("gh-2")["total_count"] == 2

    assert list((settings.data / "outbox").glob("*.jsonl")) == []


def test_a_mistyped_root_is_refused_and_not_made(tmp_path: Path) -> None:
    """An empty answer would look like an empty root; who only reads makes none."""
    settings = settings_in(tmp_path)
    for found in ("no such directory", "no root.json"):
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(RootUnusable, match=found), open_reader(settings):
            pass
        assert sorted(tmp_path.rglob("*")) == before
        settings.data.mkdir(exist_ok=True)


def test_a_root_that_a_job_began_is_taken_on(tmp_path: Path) -> None:
    """What a job wrote before any service ran is recorded by whoever looks first."""
    settings = settings_in(tmp_path)
    (settings.data / "outbox").mkdir(parents=True)
    write_outbox(settings, event("gh-1"))
    with open_reader(settings) as reader:
        assert reader.logs("gh-1")["total_count"] == 1


def test_the_default_root_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking first is no mistake where nobody named a place."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with open_reader(load_settings({})) as reader:
        assert reader.tasks()["tasks"] == []


def test_asking_again_brings_what_came_since(tmp_path: Path) -> None:
    """One reader can go on, as `log -f` does."""
    settings = settings_in(tmp_path)
    accept(settings)
    with open_local(settings) as local:
        accept(settings, event("gh-1"))
        with pytest.raises(TaskNotFound):
            local.reader.task("gh-1")
        local.refresh()

        assert local.reader.task("gh-1")["task_id"] == "gh-1"


def test_a_flow_that_moves_to_another_partition_is_followed(tmp_path: Path) -> None:
    """A webhook's held events are recorded in the partition of their task, in the same answer."""
    settings = settings_in(tmp_path, partitions=8)
    flow = next(f"w-{n}" for n in range(99) if partition_of(f"w-{n}", 8) == 7)
    task = next(f"gh-{n}" for n in range(99) if partition_of(f"gh-{n}", 8) == 0)
    held = {"type": "webhook:received", "webhook_event_id": flow, "data": {}}
    binding = {**held, "type": "webhook:task_created", "data": {"task_id": task}}
    accept(settings, encode(held), encode(binding))
    with open_reader(settings) as reader:
        assert reader.logs(task)["total_count"] == 2


def test_a_lock_that_is_not_let_go_is_waited_for_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After a while the answer comes without the newest, and says so."""
    settings = settings_in(tmp_path)
    accept(settings)
    with open_local(settings) as local:
        accept(settings, event("gh-1"))
        lock = FileLock(settings.data / "partitions" / "0.lock")
        assert lock.acquire()
        local.refresh(patience_seconds=0.1)
        lock.release()

    assert "partitions [0] are held by another process" in caplog.text


def test_an_outbox_that_another_reads_is_waited_for_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The same at the door of the jobs."""
    settings = settings_in(tmp_path)
    accept(settings)
    with open_local(settings) as local:
        write_outbox(settings, event("gh-1"))
        lock = FileLock(settings.data / "outbox" / LOCK_NAME)
        assert lock.acquire()
        local.refresh(patience_seconds=0.1)
        lock.release()

    assert "another process reads the outboxes" in caplog.text


def test_an_absent_redis_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What waits there is missing in the answer, and the person who asked knows."""
    settings = settings_in(tmp_path, redis_url="redis://127.0.0.1:1/0")
    accept(settings)
    with caplog.at_level(logging.WARNING), open_reader(settings) as reader:
        assert reader.tasks()["tasks"] == []

    assert "nothing was read from Redis" in caplog.text


def test_a_root_that_may_only_be_read_is_only_read(tmp_path: Path) -> None:
    """Nothing in it changes, and what is recorded is answered."""
    settings = settings_in(tmp_path)
    accept(settings, event("gh-1"))
    with open_reader(settings):
        pass
    accept(settings, event("gh-1"))
    before = tree_of(settings.data)
    with reading_only(settings.data), open_reader(settings) as reader:
        total = reader.logs("gh-1")["total_count"]

    assert total == 1
    assert tree_of(settings.data) == before


def test_a_directory_without_a_root_that_may_only_be_read_is_refused(tmp_path: Path) -> None:
    """There is nothing to read and nothing may be made."""
    settings = settings_in(tmp_path)
    settings.data.mkdir()
    with reading_only(settings.data), pytest.raises(RootUnusable), open_reader(settings):
        pass
