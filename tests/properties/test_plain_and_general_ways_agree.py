"""Recording plain events quickly changes nothing: same bytes, same documents, same counts."""

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tasktrail.ingest.recorder import Recorder
from tasktrail.ingest.spool_reader import SpoolFrame
from tasktrail.model.channels import CHANNEL_FILES
from tasktrail.model.documents import Documents
from tasktrail.model.entry import parse_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.task import Task
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.document_files import fold
from tasktrail.store.layout import layout_of
from tasktrail.store.lines import iter_lines
from tasktrail.store.repair import open_state
from tests.support.event_strategies import any_ids, event_blobs, task_ids, task_steps
from tests.support.make import event_bytes
from tests.support.workshop import SECOND, Workshop

SENT = "2026-02-14T10:00:00Z"
LINE = event_bytes("task:output", timestamp=SENT, src="a", src_seq=4, data={"content": "c"})


class GeneralRecorder(Recorder):
    """A recorder that knows no shorter way."""

    def record_all(self, items: Sequence[SpoolFrame]) -> None:
        """Take each frame the general way."""
        for item in items:
            self.record(item)


class CountingRecorder(Recorder):
    """A recorder that counts what it could not take the short way."""

    taken = 0

    def record(self, item: SpoolFrame) -> None:
        """Take one frame the general way, and count it."""
        self.taken += 1
        super().record(item)


@st.composite
def plain_blobs(draw: st.DrawFn) -> bytes:
    """An output or log line of a task; few numbers, so that some come again or late."""
    ids = draw(task_ids)
    kind = draw(st.sampled_from(["output", "thinking", "log"]))
    said = {"content": "c"} if kind != "log" else {"message": "m"}
    more: dict[str, object] = {}
    if draw(st.booleans()):
        more |= {"src": "a", "src_seq": draw(st.integers(1, 9))}
    if draw(st.booleans()):
        more["level"] = draw(st.sampled_from(["info", "WARN", "error"]))
    if draw(st.booleans()):
        more["stage"] = draw(st.sampled_from(["plan", "build"]))
    if draw(st.booleans()):
        more["timestamp"] = SENT
    return event_bytes(f"task:{kind}", ids["task_id"], **more, data=said)


histories = st.lists(
    st.lists(
        st.one_of(plain_blobs(), plain_blobs(), task_steps(task_ids), event_blobs(any_ids)),
        min_size=1,
        max_size=12,
    ),
    min_size=1,
    max_size=4,
)


def recorded(folder: Path, history: list[list[bytes]], kind: type[Recorder]) -> dict[str, object]:
    """All files of the trails, and the counters, after the batches were recorded."""
    workshop = Workshop(folder)
    for batch in history:
        for number, blob in enumerate(batch):
            identity = f"redis:e:{number}-0" if number % 3 == 2 else None
            workshop.now += SECOND
            workshop.put(blob, identity=identity)
        partition = workshop.open()
        partition._recorder.__class__ = kind  # noqa: SLF001 - the one thing that differs
        while partition.step():
            pass
        partition.rest()
        partition.close()
    checkpoint = read_checkpoint(workshop.layout, 0)
    assert checkpoint is not None
    files = {
        str(one.relative_to(workshop.layout.root)): one.read_bytes()
        for family in ("tasks", "sessions")
        for one in workshop.layout.family(family).glob("*/*")
    }
    return {**files, "counters": checkpoint.counters}


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@example([[event_bytes("task:created"), LINE]])
@example([[LINE, LINE, event_bytes("task:failed"), event_bytes("task:log", attempt=2), LINE]])
@given(histories)
def test_both_ways_record_the_same(history: list[list[bytes]]) -> None:
    """Whatever comes, in whatever batches, repeated or late."""
    with tempfile.TemporaryDirectory() as folder:
        quick = recorded(Path(folder) / "a", history, Recorder)
        general = recorded(Path(folder) / "b", history, GeneralRecorder)

    assert quick == general


def folded(lines: Iterable[tuple[bytes, str]], key: TrailKey) -> Documents:
    """What the lines of a trail come to, each the general way."""
    documents = Documents(Task(key.id))
    entries = [parse_line(line, channel, key) for line, channel in lines]
    for entry in sorted(entries, key=lambda one: one.seq):
        fold(documents, entry)
    return documents


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@example([[event_bytes("task:created"), LINE, event_bytes("task:log", level="WARN", stage="s")]])
@example([[LINE, event_bytes("task:log", data={"message": "m", "attempt": 2}), LINE]])
@given(histories)
def test_a_trail_is_opened_as_its_lines_say(history: list[list[bytes]]) -> None:
    """Plain lines are folded in one go when a trail is opened: to what they come to singly."""
    with tempfile.TemporaryDirectory() as folder:
        recorded(Path(folder), history, Recorder)
        layout = layout_of(Path(folder) / "root")
        for directory in layout.family("tasks").iterdir():
            key = TrailKey(
                "tasks", json.loads((directory / "metadata.json").read_bytes())["task_id"]
            )
            state = open_state(layout, key, keep_below=None)
            state.rest()
            lines = [
                (line, channel)
                for channel, name in CHANNEL_FILES.items()
                for _, line in iter_lines(directory / name)
            ]

            assert state.documents == folded(lines, key)


def test_plain_events_take_the_short_way(tmp_path: Path) -> None:
    """Of a hundred output lines only those that begin the task are taken apart."""
    workshop = Workshop(tmp_path)
    for number in range(100):
        workshop.put(
            event_bytes("task:output", timestamp=SENT, data={"content": str(number)}), key="gh-1"
        )
    partition = workshop.open()
    recorder = partition._recorder  # noqa: SLF001 - work is counted
    recorder.__class__ = CountingRecorder
    partition.step()
    partition.close()

    assert len(workshop.lines()) == 100
    assert recorder.taken == 1  # type: ignore[attr-defined]
