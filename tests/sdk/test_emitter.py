"""An emitter that records: one entry for each call, passed on unchanged, never in the way."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tasktrail.sdk.emitter import WARNING, CapturingEmitter, ProgressEmitter
from tests.support.outboxes import Told


class Wrapped:
    """An emitter that notes its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def emit_stage(self, stage: str, message: str) -> None:
        """A stage."""
        self.calls.append(("stage", stage, message))

    def emit_info(self, message: str) -> None:
        """A message."""
        self.calls.append(("info", message))

    def emit_progress(self, count: int, metadata: Any = None) -> None:  # noqa: ANN401 - noted
        """A count."""
        self.calls.append(("progress", count, metadata))

    def emit_error(self, stage: str, error: object) -> None:
        """An error."""
        self.calls.append(("error", stage, error))

    def emit_complete(self, summary: Any) -> None:  # noqa: ANN401 - noted
        """The end."""
        self.calls.append(("complete", summary))


class Rich(Wrapped):
    """One that can do more."""

    flavour = "rich"

    def emit_attestations(self, count: int, entities: object) -> None:
        """Attestations."""
        self.calls.append(("attestations", count, entities))

    def emit_candidate_match(self, item: str, score: float, reason: str) -> None:
        """A match."""
        self.calls.append(("match", item, score, reason))

    def emit_token(self, token: str, *, last: bool) -> str:
        """Something that nobody foresaw."""
        self.calls.append(("token", token, last))
        return "thanks"

    def add_task(self, task_id: str, name: str) -> None:
        """A call that emits nothing."""
        self.calls.append(("task", task_id, name))


class Broken:
    """A task whose store raises."""

    task_id = job_id = "gh-1"
    lost = 0

    def event(self, *_: object, **__: object) -> None:
        """Raise."""
        raise RuntimeError("database is gone")


def rows(told: Told) -> list[tuple[Any, ...]]:
    """Level, stage, message and metadata of each entry."""
    return [
        (e.get("level"), e.get("stage"), e["data"]["message"], e["data"].get("metadata"))
        for e in told.events
    ]


def emit_everything(emitter: ProgressEmitter, error: Exception) -> None:
    """A job from beginning to end."""
    emitter.emit_info("before")
    emitter.emit_stage("read", "reading")
    emitter.emit_info("in it")
    emitter.emit_progress(3, {"total": 4})
    emitter.emit_progress(4)
    emitter.emit_error("score", error)
    emitter.emit_info("after")
    emitter.emit_complete({"matches": 2})


def test_each_call_writes_one_entry_and_goes_on_unchanged(told: Told) -> None:
    """With the stage that the job is in; an error's stage stays."""
    plain, wrapped, error = Wrapped(), Wrapped(), ValueError("bad row")
    emit_everything(plain, error)
    emit_everything(CapturingEmitter(wrapped, told.task()), error)

    assert wrapped.calls == plain.calls
    assert rows(told) == [
        ("info", None, "before", None),
        ("info", "read", "reading", None),
        ("info", "read", "in it", None),
        ("info", "read", "Progress: 3", {"count": 3, "total": 4}),
        ("info", "read", "Progress: 4", {"count": 4}),
        ("error", "score", "bad row", None),
        ("info", "score", "after", None),
        ("info", "score", "Job completed", {"matches": 2}),
    ]
    assert [event["data"].get("percent") for event in told.events[3:5]] == [75.0, None]


def test_the_job_is_the_task_s_unless_told(told: Told) -> None:
    """The job that a task is an execution of, else the task itself, else what was said."""
    for task, job in (
        (told.task("a"), None),
        (told.task("b", job_id="nightly"), None),
        (told.task("c"), "JB_1"),
    ):
        CapturingEmitter(Wrapped(), task, job_id=job).emit_info("x")

    assert [event["job_id"] for event in told.events] == ["a", "nightly", "JB_1"]


def test_items_are_named_in_their_stage(told: Told) -> None:
    """What is emitted for one of the things that a job works through names it."""
    wrapped = Rich()
    emitter = CapturingEmitter(wrapped, told.task())
    emitter.emit_stage("score", "scoring")
    emitter.for_item("cand-7").emit_info("looking")
    emitter.emit_candidate_match("cand-8", 0.9, "fits")
    emitter.emit_info("done")

    assert [(e.get("item"), e.get("stage")) for e in told.events] == [
        (None, "score"),
        ("cand-7", "score"),
        ("cand-8", "score"),
        (None, "score"),
    ]
    assert told.events[2]["data"]["metadata"] == {"score": 0.9, "reason": "fits"}
    assert wrapped.calls[2] == ("match", "cand-8", 0.9, "fits")


def test_what_only_the_wrapped_one_can_do_goes_on(told: Told) -> None:
    """What emits something is recorded on the way; what it gives back is given back."""
    wrapped = Rich()
    emitter = CapturingEmitter(wrapped, told.task())
    emitter.emit_attestations(2, ["a", "b"])
    thanks = emitter.emit_token("x", last=True)
    emitter.add_task("t", "name")

    assert (thanks, emitter.flavour) == ("thanks", "rich")
    assert wrapped.calls == [
        ("attestations", 2, ["a", "b"]),
        ("token", "x", True),
        ("task", "t", "name"),
    ]
    assert rows(told) == [
        ("info", None, "Created attestations", {"count": 2}),
        ("info", None, "token", {"arguments": ["x"], "last": True}),
    ]


@pytest.mark.parametrize("name", ["emit_attestations", "emit_candidate_match", "add_task", "x"])
def test_what_the_wrapped_one_cannot_do_fails_as_without_us(told: Told, name: str) -> None:
    """And leaves no entry."""
    emitter = CapturingEmitter(Wrapped(), told.task())

    with pytest.raises(AttributeError, match=name):
        getattr(emitter, name)("a", "b")
    assert told.events == []


def test_what_the_wrapped_one_raises_is_raised(told: Told) -> None:
    """The entry is written before."""

    class Failing(Wrapped):
        def emit_info(self, message: str) -> None:
            raise KeyError(message)

    with pytest.raises(KeyError):
        CapturingEmitter(Failing(), told.task()).emit_info("x")
    assert rows(told) == [("info", None, "x", None)]


def test_a_broken_store_never_breaks_the_job() -> None:
    """The wrapped emitter is warned once, and gets every call."""
    wrapped = Wrapped()
    emitter = CapturingEmitter(wrapped, Broken())
    emitter.emit_stage("read", "reading")
    emitter.emit_info("two")

    assert wrapped.calls == [
        ("info", f"{WARNING}: database is gone"),
        ("stage", "read", "reading"),
        ("info", "two"),
    ]


def test_events_that_are_lost_are_a_broken_store_too(tmp_path: Path) -> None:
    """A root that cannot be written raises nothing, but the job's user is told."""
    (tmp_path / "root").touch()
    wrapped, lost = Wrapped(), Told(tmp_path / "root")
    lost.client.trouble.tell("lost", "said already")
    CapturingEmitter(wrapped, lost.task()).emit_info("x")

    assert wrapped.calls == [("info", f"{WARNING}: events are lost"), ("info", "x")]


def test_a_warning_that_fails_is_nobody_s_trouble() -> None:
    """Not even where the wrapped emitter is broken as well, as long as nobody calls it."""

    class Mute(Wrapped):
        def emit_info(self, message: str) -> None:
            raise OSError(message)

    wrapped = Mute()
    CapturingEmitter(wrapped, Broken()).emit_stage("a", "b")

    assert wrapped.calls == [("stage", "a", "b")]


def test_threads_have_their_own_stages(told: Told) -> None:
    """One that has named none is where the job is; what it names is not the job's."""
    emitter = CapturingEmitter(Wrapped(), told.task())
    emitter.emit_stage("main", "m")

    def work() -> None:
        emitter.emit_info("inherited")
        emitter.emit_stage("own", "o")
        emitter.emit_info("mine")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    emitter.emit_info("still")

    assert [stage for _, stage, _, _ in rows(told)] == ["main", "main", "own", "own", "main"]


def test_metadata_of_any_kind_is_recorded(told: Told) -> None:
    """A value without JSON costs neither the entry nor the job."""
    wrapped, odd = Wrapped(), {"when": object(), 5: {1}}
    CapturingEmitter(wrapped, told.task()).emit_complete(odd)  # type: ignore[arg-type]

    assert wrapped.calls == [("complete", odd)]
    assert "object object" in told.events[0]["data"]["metadata"]["when"]


def test_progress_of_any_shape_is_taken(tmp_path: Path) -> None:
    """What a job says of its progress need not be a mapping; it is passed on as it was."""
    wrapped = Wrapped()
    told = Told(tmp_path)
    CapturingEmitter(wrapped, told.task()).emit_progress(3, ["read", 4])  # type: ignore[arg-type]
    told.close()

    assert wrapped.calls == [("progress", 3, ["read", 4])]
    assert told.events[-1]["data"]["metadata"] == {"metadata": ["read", 4], "count": 3}
