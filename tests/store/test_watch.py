"""Watch: these trails advanced."""

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread

from tasktrail.model.ids import TrailKey
from tasktrail.store.checkpoints import Checkpoint, write_checkpoint
from tasktrail.store.layout import Layout
from tasktrail.store.touched import TouchedJournal
from tasktrail.store.watch import CheckpointPoller, Watch
from tests.support.store_trails import KEY, new_root
from tests.support.waiting import PATIENCE_SECONDS


class Heard:
    """A subscriber that keeps what it is told."""

    def __init__(self, watch: Watch) -> None:
        self.notices: list[Mapping[TrailKey, int]] = []
        self.event = Event()
        self.leave = watch.subscribe(self)

    def __call__(self, trails: Mapping[TrailKey, int]) -> None:
        """The notice kept."""
        self.notices.append(trails)
        self.event.set()


def fail(trails: Mapping[TrailKey, int]) -> None:
    """A subscriber with a mistake in it."""
    raise ValueError(trails)


def advance(layout: Layout, pos: int, *, touched: int | None) -> None:
    """The partition's checkpoint moved there, as its owner would."""
    if touched is not None:
        journal = TouchedJournal(layout, 0)
        journal.append(pos, {KEY: touched})
        journal.close()
    write_checkpoint(layout, 0, Checkpoint(pos=pos, segment="s", offset=0, crc=0, generation=1))


def test_everybody_is_told_until_they_leave() -> None:
    """Each subscriber hears each notice; who left hears none."""
    watch = Watch()
    one, other = Heard(watch), Heard(watch)
    watch.notify({KEY: 1})
    one.leave()
    watch.notify({KEY: 2})
    one.leave()

    assert (one.notices, other.notices) == ([{KEY: 1}], [{KEY: 1}, {KEY: 2}])


def test_a_failing_subscriber_keeps_nobody_from_hearing() -> None:
    """Whoever notifies goes on, and so do the others."""
    watch = Watch()
    watch.subscribe(fail)
    heard = Heard(watch)
    watch.notify({KEY: 1})

    assert heard.notices == [{KEY: 1}]


def test_a_recorder_elsewhere_is_heard_by_its_checkpoint(tmp_path: Path) -> None:
    """What another process recorded is told once, with the trails it touched."""
    layout, watch = new_root(tmp_path), Watch()
    advance(layout, 10, touched=1)
    heard = Heard(watch)
    poller = CheckpointPoller(layout, 1, watch, Event())
    poller.poll()
    advance(layout, 20, touched=2)
    poller.poll()
    poller.poll()

    assert heard.notices == [{KEY: 2}]


def test_a_batch_is_told_when_its_checkpoint_has_come(tmp_path: Path) -> None:
    """What is journalled and not yet checkpointed is told later, once."""
    layout, watch = new_root(tmp_path), Watch()
    heard = Heard(watch)
    poller = CheckpointPoller(layout, 1, watch, Event())
    journal = TouchedJournal(layout, 0)
    journal.append(20, {KEY: 2})
    journal.append(30, {KEY: 3})
    journal.close()
    for pos in (20, 30):
        advance(layout, pos, touched=None)
        poller.poll()

    assert heard.notices == [{KEY: 2}, {KEY: 3}]


def test_an_advance_with_the_same_file_and_time_is_noticed(tmp_path: Path) -> None:
    """An inode comes again and clocks are coarse: what the checkpoint says is what counts."""
    layout, watch = new_root(tmp_path), Watch()
    advance(layout, 10, touched=1)
    heard = Heard(watch)
    poller = CheckpointPoller(layout, 1, watch, Event())
    before = layout.checkpoint(0).stat()
    advance(layout, 20, touched=2)
    newer = layout.checkpoint(0).read_bytes()
    layout.checkpoint(0).write_bytes(newer)
    os.utime(layout.checkpoint(0), ns=(before.st_atime_ns, before.st_mtime_ns))
    poller.poll()

    assert heard.notices == [{KEY: 2}]


def test_without_a_journal_anything_may_have_advanced(tmp_path: Path) -> None:
    """A recorder whose journal does not tell is still noticed."""
    layout, watch = new_root(tmp_path), Watch()
    heard = Heard(watch)
    poller = CheckpointPoller(layout, 1, watch, Event())
    advance(layout, 20, touched=None)
    poller.poll()

    assert heard.notices == [{}]


def test_a_poller_runs_until_it_is_stopped(tmp_path: Path) -> None:
    """Its loop looks by itself, and survives a checkpoint that cannot be read."""
    layout, watch, stop = new_root(tmp_path), Watch(), Event()
    heard = Heard(watch)
    poller = CheckpointPoller(layout, 1, watch, stop, interval=0.001)
    thread = Thread(target=poller.run)
    thread.start()
    layout.checkpoint(0).write_bytes(b"half")
    advance_later = Thread(target=lambda: advance_over_damage(layout))
    advance_later.start()
    heard_something = heard.event.wait(PATIENCE_SECONDS)
    stop.set()
    thread.join(PATIENCE_SECONDS)
    advance_later.join()

    assert heard_something
    assert not thread.is_alive()


def advance_over_damage(layout: Layout) -> None:
    """A checkpoint written over one that could not be read."""
    write_checkpoint(layout, 0, Checkpoint(pos=5, segment="s", offset=0, crc=0, generation=1))
