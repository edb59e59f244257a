"""The fold from what entries tell of stages to the times that a task went through one.

A stage that starts again is a stage of its own, numbered. It lies within the stage that the same
worker had open when it started.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.model.codec import Fields, integer_of, number_of, plain_text
from tasktrail.model.times import MICROSECONDS

STARTED, COMPLETED, FAILED = "stage:started", "stage:completed", "stage:failed"
UNNAMED: Final = "unknown"


class StageTold(NamedTuple):
    """What an entry tells of a stage; `at` is its own time, in µs since the epoch."""

    seq: int
    event_type: str
    name: str
    worker_id: str | None
    at: int
    attempt: int | None
    data: Fields


class Stage(Struct):
    """One time through a stage, as its events tell it."""

    name: str
    number: int
    first_seq: int
    worker_id: str | None
    attempt: int | None
    parent: "Stage | None" = None
    status: str | None = None
    started_at: int | None = None
    completed_at: int | None = None
    seconds: float | None = None
    error: str | None = None
    last_seq: int | None = None  # where the next stage of that name begins, less one
    depth: int = 0  # how many stages lie around it


def fold_stages(told: Iterable[StageTold]) -> list[Stage]:
    """The stages that these entries tell of, in the order in which they appeared."""
    folding = _Folding()
    for one in told:
        folding.take(one)
    return folding.stages


class _Folding:
    """Stages as they begin and end; each entry is a few looks, however many stages there are."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._latest: dict[str, Stage] = {}
        self._open: dict[tuple[str | None, ...], list[Stage]] = {}  # the latest to begin at the end

    def take(self, told: StageTold) -> None:
        """The entry begins a stage, or ends one."""
        name, worker = told.name, told.worker_id
        if told.event_type == STARTED:
            stage = self._begin(told)
            stage.parent, stage.status = self._last_open((worker,)), "active"
            stage.depth = stage.parent.depth + 1 if stage.parent else 0
            stage.started_at = told.at
            for key in ((worker,), (worker, name), (None, name, None)):
                self._open.setdefault(key, []).append(stage)
        else:
            own = self._last_open((worker, name)) or self._last_open((None, name, None))
            _end(own or self._begin(told), told)

    def _last_open(self, key: tuple[str | None, ...]) -> Stage | None:
        stages = self._open.get(key)
        while stages and stages[-1].status != "active":
            stages.pop()
        return stages[-1] if stages else None

    def _begin(self, told: StageTold) -> Stage:
        before = self._latest.get(told.name)
        if before:
            before.last_seq = told.seq - 1
        number = before.number + 1 if before else 1
        stage = Stage(told.name, number, told.seq, told.worker_id, told.attempt)
        self._latest[told.name] = stage
        self.stages.append(stage)
        return stage


def _end(stage: Stage, told: StageTold) -> None:
    stage.status = "failed" if told.event_type == FAILED else "completed"
    stage.completed_at = told.at
    if stage.status == "failed":
        text = plain_text(told.data.get("error")) or plain_text(told.data.get("message"))
        stage.error = text if text and text != "null" else None
    stage.seconds = _seconds(stage, told)


def _seconds(stage: Stage, told: StageTold) -> float | None:
    """Between its events, else as the last of them says."""
    if stage.started_at is not None:
        return (told.at - stage.started_at) / MICROSECONDS
    seconds = number_of(told.data.get("duration_seconds"))
    millis = integer_of(told.data.get("duration_ms")) if seconds is None else None
    return seconds if millis is None else millis / 1_000
