"""The faults of a chaos run: what each does, and how often it is drawn.

A fault acts on the stage and leaves it able to go on: what was killed is started again, what was
frozen is thawed. `removes` marks those that take entries from Redis behind the pump's back: they
cost events, and a gap must say so.
"""

import random
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol

from tasktrail.chaos.processes import Child
from tasktrail.chaos.proxy import Proxy
from tasktrail.chaos.small_disk import SmallDisk

STILL_CHANCE: Final = 0.5
MOST_LEFT: Final = 4 << 20  # on a full disk: some doors close before nothing can be written


class Stage(Protocol):
    """What faults act on."""

    recorders: list[Child]
    producers: list[Child]
    redis: Child | None
    recorders_line: Proxy | None
    producers_line: Proxy | None
    disk: SmallDisk | None

    def start_recorder(self, recorder: Child) -> None:
        """The recorder runs again."""

    def start_redis(self) -> None:
        """Redis runs again and listens."""

    def ask_redis(self, *command: str | int) -> None:
        """Redis was told that, if it listens."""

    def poison(self, dice: random.Random) -> None:
        """Entries that cannot be events stand in the stream, if Redis listens."""

    def one_more_recorder(self, seconds: float) -> None:
        """Another recorder came and went."""


class Fault(NamedTuple):
    """One kind of fault."""

    name: str
    weight: int
    act: Callable[[Stage, random.Random], None]
    needs_redis: bool = False
    removes: bool = False
    needs_disk: bool = False


class Means(NamedTuple):
    """What a run can break."""

    has_redis: bool = False
    has_disk: bool = False  # a small one of its own
    removes: bool = False  # entries may be taken out of Redis

    def allows(self, fault: Fault) -> bool:
        """Whether that fault can be dealt."""
        return (
            (self.has_redis or not fault.needs_redis)
            and (self.has_disk or not fault.needs_disk)
            and (self.removes or not fault.removes)
        )


def kill_recorder(stage: Stage, dice: random.Random) -> None:
    """One dies, and comes back soon."""
    recorder = dice.choice(stage.recorders)
    recorder.kill()
    time.sleep(dice.uniform(0, 0.2))
    stage.start_recorder(recorder)


def kill_all_recorders(stage: Stage, dice: random.Random) -> None:
    """All die within a moment."""
    for recorder in stage.recorders:
        recorder.kill()
    time.sleep(dice.uniform(0, 0.2))
    for recorder in stage.recorders:
        stage.start_recorder(recorder)


def freeze_recorder(stage: Stage, dice: random.Random) -> None:
    """One stands still, the others go on, and it wakes as if nothing had happened."""
    recorder = dice.choice(stage.recorders)
    recorder.freeze()
    time.sleep(dice.choice([dice.uniform(0.05, 0.4), dice.uniform(0.4, 1.2)]))
    recorder.thaw()


def freeze_then_kill(stage: Stage, dice: random.Random) -> None:
    """One stands still and then dies without ever moving again."""
    recorder = dice.choice(stage.recorders)
    recorder.freeze()
    time.sleep(dice.uniform(0.1, 0.5))
    recorder.kill()
    stage.start_recorder(recorder)


def add_recorder(stage: Stage, dice: random.Random) -> None:
    """A further recorder takes its share and leaves."""
    stage.one_more_recorder(dice.uniform(0.8, 1.5))


def kill_producer(stage: Stage, dice: random.Random) -> None:
    """A producer dies in the middle of whatever it sends, and goes on by its ledger."""
    producer = dice.choice(stage.producers)
    if producer.is_alive:
        producer.kill()
        producer.start()


def freeze_producer(stage: Stage, dice: random.Random) -> None:
    """A producer stands still in the middle of a request."""
    producer = dice.choice(stage.producers)
    producer.freeze()
    time.sleep(dice.uniform(0.05, 0.4))
    producer.thaw()


def kill_redis(stage: Stage, dice: random.Random) -> None:
    """Redis dies and comes back with what it wrote down."""
    if stage.redis is not None:
        stage.redis.kill()
        time.sleep(dice.uniform(0, 0.3))
        stage.start_redis()


def freeze_redis(stage: Stage, dice: random.Random) -> None:
    """Redis stands still."""
    if stage.redis is not None:
        stage.redis.freeze()
        time.sleep(dice.uniform(0.05, 0.6))
        stage.redis.thaw()


def pause_writes(stage: Stage, dice: random.Random) -> None:
    """Redis takes no write for a while."""
    stage.ask_redis("CLIENT", "PAUSE", dice.randint(50, 400), "WRITE")


def cut_line(stage: Stage, dice: random.Random) -> None:
    """Every connection of recorders, or of producers, to Redis breaks."""
    line = dice.choice([stage.recorders_line, stage.producers_line])
    if line is not None:
        line.cut()


def lose_replies(stage: Stage, dice: random.Random) -> None:
    """Redis runs what it is told, its replies are lost, and then the connections break."""
    line = dice.choice([stage.recorders_line, stage.recorders_line, stage.producers_line])
    if line is not None:
        line.lose_replies(dice.uniform(0.005, 0.2))


def trim_stream(stage: Stage, dice: random.Random) -> None:
    """Somebody cuts the stream to a few entries, while nobody reads it."""
    with _standing_still(stage, dice):
        stage.ask_redis("XTRIM", "task_events", "MAXLEN", dice.randint(0, 9))


def empty_redis(stage: Stage, dice: random.Random) -> None:
    """Somebody empties Redis, or deletes the stream."""
    with _standing_still(stage, dice):
        stage.ask_redis(*dice.choice([("FLUSHALL",), ("DEL", "task_events")]))


@contextmanager
def _standing_still(stage: Stage, dice: random.Random) -> Iterator[None]:
    """A block in which, half of the time, all recorders are frozen since a moment."""
    frozen = stage.recorders if dice.random() < STILL_CHANCE else []
    for recorder in frozen:
        recorder.freeze()
    if frozen:
        time.sleep(dice.uniform(0.2, 0.6))
    yield
    for recorder in frozen:
        recorder.thaw()


def destroy_group(stage: Stage, dice: random.Random) -> None:
    """Somebody deletes the consumer group; the stream stays."""
    del dice
    stage.ask_redis("XGROUP", "DESTROY", "task_events", "task-logger")


def poison_stream(stage: Stage, dice: random.Random) -> None:
    """Somebody sends what cannot be events, few or very many in a row."""
    stage.poison(dice)


def fill_disk(stage: Stage, dice: random.Random) -> None:
    """The disk is full for a while; half of the time a recorder dies and comes back to that."""
    if stage.disk is not None:
        with stage.disk.filled(leave=dice.choice([0, dice.randrange(MOST_LEFT)])):
            if dice.random() < STILL_CHANCE:
                kill_recorder(stage, dice)
            time.sleep(dice.uniform(0.2, 1.0))


FAULTS: Final = (
    Fault("kill a recorder", 30, kill_recorder),
    Fault("kill all recorders", 4, kill_all_recorders),
    Fault("freeze a recorder", 20, freeze_recorder),
    Fault("freeze a recorder, then kill it", 8, freeze_then_kill),
    Fault("one more recorder", 4, add_recorder),
    Fault("kill a producer", 8, kill_producer),
    Fault("freeze a producer", 4, freeze_producer),
    Fault("kill Redis", 6, kill_redis, needs_redis=True),
    Fault("freeze Redis", 4, freeze_redis, needs_redis=True),
    Fault("pause writes to Redis", 2, pause_writes, needs_redis=True),
    Fault("cut a line to Redis", 4, cut_line, needs_redis=True),
    Fault("lose replies", 4, lose_replies, needs_redis=True),
    Fault("trim the stream", 2, trim_stream, needs_redis=True, removes=True),
    Fault("empty Redis", 1, empty_redis, needs_redis=True, removes=True),
    Fault("destroy the group", 1, destroy_group, needs_redis=True),
    Fault("poison the stream", 5, poison_stream, needs_redis=True),
    Fault("fill the disk", 5, fill_disk, needs_disk=True),
)


def draw(dice: random.Random, means: Means, *, only: Collection[str] = ()) -> Fault:
    """The next fault, of those that can be had; `only`: of these."""
    possible = [one for one in FAULTS if means.allows(one) and (not only or one.name in only)]
    return dice.choices(possible, [one.weight for one in possible])[0]
