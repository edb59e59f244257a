"""The demo's script: an endless, gentle stream of events of several producers at once.

Pure: no clock, no sending. The same seed tells the same story; a higher speed tells it faster.
`stamped` gives an event the time at which it is really sent, so nothing in a demo claims to have
happened at another time than it did.
"""

import heapq
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from random import Random
from typing import Final, NamedTuple

from tasktrail.cli.demo_engine import PROVIDER_EVENTS
from tasktrail.cli.demo_jobs import JOBS, coordinator_run, job_task
from tasktrail.cli.demo_teller import Step, Teller
from tasktrail.cli.demo_texts import PLOTS
from tasktrail.cli.demo_webhooks import (
    chat_task,
    skipped_webhook,
    undelivered_webhook,
    webhook_task,
)

LIVE_STORIES: Final = 5  # how many go on at the same time
OPENING_SECONDS: Final = 1.5  # between the first stories, so that a screen fills at once
RARELY: Final = 3  # rounds of stories, until one more job cannot be queued
PAUSE_SECONDS: Final = (1.0, 6.0)  # from the end of a story to the next one in its place

Story = Iterator[Step]


class Cue(NamedTuple):
    """A step of the script and when it is due, in seconds after the start."""

    at: float
    step: Step


def play(seed: int, *, speed: float = 1.0) -> Iterator[Cue]:
    """The steps of all stories in the order in which they are due; never ends."""
    rng = Random(seed)
    stage = _Stage()
    stories = _stories(rng, speed)
    for place in range(LIVE_STORIES):
        stage.enter(next(stories), at=OPENING_SECONDS * place / speed)
    while True:
        at, story, step = stage.pop()
        yield Cue(at, step)
        following = next(story, None)
        if following is None:
            stage.enter(next(stories), at=at + rng.uniform(*PAUSE_SECONDS) / speed)
        else:
            stage.push(at + following.wait, story, following)


class _Stage:
    """The stories that are being told, the next due first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Story, Step]] = []
        self._order = count()  # two steps due at once come in the order in which they were told

    def enter(self, story: Story, *, at: float) -> None:
        """Begin a story at that time."""
        first = next(story)
        self.push(at + first.wait, story, first)

    def push(self, at: float, story: Story, step: Step) -> None:
        """Let the story's step wait until it is due."""
        heapq.heappush(self._waiting, (at, next(self._order), story, step))

    def pop(self) -> tuple[float, Story, Step]:
        """The next step that is due."""
        at, _, story, step = heapq.heappop(self._waiting)
        return at, story, step


def _stories(rng: Random, speed: float) -> Iterator[Story]:
    """One story after the other: every kind once before any comes again."""
    for turn in count():
        kinds = _kinds()
        if turn:
            rng.shuffle(kinds)
        if turn % RARELY == 0:
            kinds.append(undelivered_webhook)
        for kind in kinds:
            yield kind(Teller(Random(rng.getrandbits(64)), speed=speed))


def _kinds() -> list[Callable[[Teller], Story]]:
    """Every usual kind of story; those that show most first, so the first screen is a full one."""
    agents = [
        partial(webhook_task if plot.origin in PROVIDER_EVENTS else chat_task, plot=plot)
        for plot in PLOTS
    ]
    jobs = [partial(job_task, job=job) for job in JOBS]
    return [agents[0], jobs[0], coordinator_run, agents[1], skipped_webhook, *jobs[1:], *agents[2:]]
