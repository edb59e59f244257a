"""A flood: far more events than can be recorded come at once, and no process may grow by it.

The recorders stand still while producers fill Redis and outboxes as fast as they can; then they
wake to all of it, and HTTP clients send without a pause. What waits then is what a flood of ten
times their speed leaves behind; how long that flood would have been follows from how long they work
at it. The memory of each process is measured.
"""

import json
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.chaos.checker import Allowed, check
from tasktrail.chaos.events import kind_of
from tasktrail.chaos.runs import Outcome, Tell, tell_nobody, verify
from tasktrail.chaos.stage import Cast, TheStage
from tasktrail.chaos.trouble import ChaosFailed

PRODUCERS: Final = ("packed", "packed", "packed", "redis", "sdk", "http")
SEGMENT_BYTES: Final = 64 << 20  # as it is set by default
TIMES: Final = 10
PATIENCE_SECONDS: Final = 1_800.0
LOOK_SECONDS: Final = 0.2


class Flood(Struct):
    """What came, how fast, and what it cost."""

    outcome: Outcome
    sent: int  # while nobody recorded
    sent_seconds: float
    recorded_seconds: float  # for these and what clients sent meanwhile, by all recorders
    peaks: dict[str, int]  # bytes of each process at its largest

    @property
    def flood_seconds(self) -> float:
        """How long a flood of ten times their speed had to be to leave that much work behind."""
        return self.recorded_seconds / (TIMES - 1)


def run_flood(
    folder: Path,
    *,
    events: int,
    recorders: int,
    producers: tuple[str, ...] = PRODUCERS,
    tell: Tell = tell_nobody,
) -> Flood:
    """The flood's outcome; raises ChaosFailed when it does not come to an end."""
    began = time.monotonic()
    cast = Cast(
        recorders=recorders, producers=producers, events=events, segment_bytes=SEGMENT_BYTES
    )
    with TheStage(folder, cast) as stage:
        early, sent_seconds = _fill(stage)
        tell(f"{sent_seconds:.1f} s: what Redis and outboxes were sent is there, recorders wake")
        woke_at = time.monotonic()
        for recorder in stage.recorders:
            recorder.thaw()
        stage.finish_producers()
        _wait_until_recorded(stage)
        recorded_seconds = time.monotonic() - woke_at
        stage.note_crashes()
        peaks = {recorder.name: recorder.peak_bytes for recorder in stage.recorders}
        stage.finish()
        verdict = check(stage.root, stage.ledgers, Allowed())
        said, is_verified = verify(stage.root, folder / "verify.log")
        took = time.monotonic() - began
        outcome = Outcome(verdict, {"flood": 1}, took, stage.crashes, said, is_verified)
        outcome.peak_bytes = stage.peak_bytes
        sent = events // len(stage.producers) * early
        return Flood(outcome, sent, sent_seconds, recorded_seconds, peaks)


def _fill(stage: TheStage) -> tuple[int, float]:
    """How many producers have sent all they have, and for how long they did, with nobody awake."""
    stage.start_recorders()
    for recorder in stage.recorders:
        recorder.freeze()
    began = time.monotonic()
    for producer in stage.producers:
        producer.start()
    early = [one for one in stage.producers if kind_of(one.name).door != "http"]
    for producer in early:
        if producer.wait(PATIENCE_SECONDS) != 0:
            raise ChaosFailed(f"{producer.name} ended before its last event: {producer.said}")
    return len(early), time.monotonic() - began


def _wait_until_recorded(stage: TheStage) -> None:
    """Nothing waits any more, as the service tells; raises ChaosFailed when that is too slow."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _waiting(stage.http_port) == 0:
            return
        stage.note_crashes()
        time.sleep(LOOK_SECONDS)
    raise ChaosFailed(f"events still wait after {PATIENCE_SECONDS:g} s")


def _waiting(port: int) -> int | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/metrics", headers={"Accept": "application/json"})
        depth = json.loads(connection.getresponse().read()).get("queue_depth")
    except (OSError, ValueError):
        return None
    finally:
        connection.close()
    return depth if isinstance(depth, int) else None
