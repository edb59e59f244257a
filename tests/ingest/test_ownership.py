"""Ownership: one recorder per partition, shared out fairly, taken over after a death."""

import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tasktrail.ingest.ownership import Ownership
from tasktrail.store.layout import Layout
from tasktrail.store.locks import FileLock
from tests.ingest.spool_support import child, new_root, next_line, tell
from tests.support.waiting import wait_until

PARTITIONS = 4


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A root with four partitions."""
    return new_root(tmp_path, PARTITIONS)[0]


@pytest.fixture
def recorders(layout: Layout) -> Iterator[list[Ownership]]:
    """Three recorders that have not looked around yet."""
    three = [Ownership(layout, PARTITIONS) for _ in range(3)]
    yield three
    for one in three:
        one.close()


def settle(*recorders: Ownership) -> None:
    """Let everybody look around and hand back until nothing changes any more."""
    for _ in range(3):
        for one in recorders:
            one.rebalance()
            for p in one.surplus():
                one.release(p)


def owned(process: subprocess.Popen[str]) -> set[int]:
    """What the other process owns after it looked around once more."""
    tell(process)
    return {int(word) for word in next_line(process).split()}


def test_a_lone_recorder_owns_everything(recorders: list[Ownership]) -> None:
    """Nobody has to be told how many recorders there are."""
    first, *_ = recorders
    first.rebalance()

    assert first.owned == {0, 1, 2, 3}
    assert first.surplus() == frozenset()


def test_three_recorders_share_four_partitions(recorders: list[Ownership]) -> None:
    """Everything is owned, nothing twice, and nobody owns more than one above another."""
    settle(*recorders)
    shares = [one.owned for one in recorders]

    assert sorted(map(len, shares)) == [1, 1, 2]
    assert frozenset().union(*shares) == {0, 1, 2, 3}


@pytest.mark.parametrize("seed", range(4))
def test_recorders_that_come_and_go_always_share_fairly(tmp_path: Path, seed: int) -> None:
    """After every change everything is owned, nothing twice, and shares differ by one at most."""
    layout = new_root(tmp_path, 7)[0]
    chance = random.Random(seed)
    living = [Ownership(layout, 7)]
    for _ in range(25):
        if len(living) > 1 and chance.random() < 0.5:
            living.pop(chance.randrange(len(living))).close()
        else:
            living.append(Ownership(layout, 7))
        settle(*living)
        shares = [sorted(one.owned) for one in living]

        assert sorted(p for share in shares for p in share) == list(range(7))
        assert max(map(len, shares)) - min(map(len, shares)) <= 1
    for one in living:
        one.close()


def test_a_newcomer_gets_its_share_when_it_is_handed_back(recorders: list[Ownership]) -> None:
    """An owner keeps what is above its share until it has put it in order."""
    first, second, _ = recorders
    first.rebalance()
    second.rebalance()
    before = second.owned
    first.rebalance()
    surplus = first.surplus()
    for p in surplus:
        first.release(p)
    second.rebalance()

    assert before == frozenset()
    assert len(surplus) == 2
    assert second.owned == surplus
    assert first.surplus() == frozenset()


def test_a_recorder_without_a_share_stands_by(layout: Layout) -> None:
    """More recorders than partitions: the surplus ones own nothing."""
    recorders = [Ownership(layout, 1) for _ in range(3)]
    settle(*recorders)
    shares = sorted(len(one.owned) for one in recorders)
    for one in recorders:
        one.close()

    assert shares == [0, 0, 1]


def test_a_partition_held_by_a_command_is_left_to_it(
    layout: Layout, recorders: list[Ownership]
) -> None:
    """A command that records for a moment is no recorder: its partition comes later."""
    lock = FileLock(layout.partition_lock(2))
    lock.acquire()
    recorders[0].rebalance()
    before = recorders[0].owned
    lock.release()
    recorders[0].rebalance()

    assert before == {0, 1, 3}
    assert recorders[0].owned == {0, 1, 2, 3}


def test_closing_gives_everything_back(layout: Layout, recorders: list[Ownership]) -> None:
    """An orderly end leaves no file behind and all partitions free."""
    first, second, _ = recorders
    first.rebalance()
    first.close()
    left = list(layout.recorders.iterdir())
    second.rebalance()

    assert left == []
    assert second.owned == {0, 1, 2, 3}


def test_a_killed_owner_is_followed_by_another(layout: Layout, recorders: list[Ownership]) -> None:
    """The kernel frees its locks, and its file no longer counts as a living recorder."""
    with child("own", layout.root, PARTITIONS) as other:
        assert next_line(other) == "0 1 2 3"
        recorders[0].rebalance()
        before = recorders[0].owned
        other.send_signal(signal.SIGKILL)
        other.wait()
        recorders[0].rebalance()

    assert before == frozenset()
    assert recorders[0].owned == {0, 1, 2, 3}
    assert len(list(layout.recorders.iterdir())) == 1


def test_a_stopped_owner_keeps_what_it_owns(layout: Layout, recorders: list[Ownership]) -> None:
    """Its partitions stall, nothing breaks: it may go on writing at any moment."""
    with child("own", layout.root, PARTITIONS) as other:
        assert next_line(other) == "0 1 2 3"
        other.send_signal(signal.SIGSTOP)
        settle(recorders[0])
        stopped = recorders[0].owned
        other.send_signal(signal.SIGCONT)
        wait_until(lambda: len(owned(other)) == 2)
        recorders[0].rebalance()

    assert stopped == frozenset()
    assert len(recorders[0].owned) == 2


def test_three_processes_share_four_partitions(layout: Layout) -> None:
    """Processes agree without a word between them; a death changes all shares."""
    with ExitStack() as running:
        others = [running.enter_context(child("own", layout.root, PARTITIONS)) for _ in range(3)]
        for one in others:
            next_line(one)
        wait_until(lambda: sorted(len(owned(one)) for one in others) == [1, 1, 2])
        three = [owned(one) for one in others]
        others[0].kill()
        others[0].wait()
        wait_until(lambda: sorted(len(owned(one)) for one in others[1:]) == [2, 2])
        two = [owned(one) for one in others[1:]]

    assert set().union(*three) == {0, 1, 2, 3}
    assert set().union(*two) == {0, 1, 2, 3}
