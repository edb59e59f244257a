"""A backend of a few lists and a server that runs it: what the server's tests talk to."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tasktrail.errors import (
    EntryNotFound,
    InvalidCursor,
    InvalidEvent,
    TaskNotFound,
    TasktrailError,
)
from tasktrail.model.acceptance import prepare
from tasktrail.model.filters import EntryFilter, TaskFilter, matches, without_place
from tasktrail.model.ids import TrailKey
from tasktrail.model.page import Paging
from tasktrail.server.app import build_app
from tasktrail.server.serve import Server, listening, url_of
from tasktrail.server.ui import WebUi
from tasktrail.service.accept import Receipt, Rejected
from tasktrail.service.figures import Health, Metrics, Readiness
from tasktrail.settings import Settings
from tasktrail.store.watch import Watch
from tests.server.fake_questions import FakeQuestions
from tests.support.waiting import PATIENCE_SECONDS

Row = dict[str, object]


def row(task_id: str, seq: int, **changes: object) -> Row:
    """An entry as the reader answers it."""
    return {
        "id": f"test:{seq}",
        "seq": seq,
        "task_id": task_id,
        "timestamp": "2026-02-14T10:00:00.000000Z",
        "recorded_at": "2026-02-14T10:00:00.000000Z",
        "level": "info",
        "source": "system",
        "stage": None,
        "channel": "log",
        "event_type": "task:log",
        "message": f"message {seq}",
        "metadata": {},
        "percent": None,
        "worker_id": None,
        "job_id": None,
        "session_id": None,
        "execution_id": None,
        "item": None,
        "attempt": None,
        "fields": {},
        "event": {},
    } | changes


class FakeEnd(NamedTuple):
    """A trail as it was."""

    trail: Sequence[Row]

    @property
    def head(self) -> int:
        """The last seq."""
        return len(self.trail)


class FakeBatch(NamedTuple):
    """What one look gives."""

    logs: Sequence[Mapping[str, object]]
    after_seq: int
    head: int
    counts: Mapping[str, int]
    status: str


class FakeAllBatch(NamedTuple):
    """What one look at all trails gives."""

    logs: Sequence[Mapping[str, object]]
    cursor: str
    has_gap: bool = False


class FakeFollowAll:
    """All entries of a backend; a cursor is how many came before it."""

    def __init__(self, backend: "FakeBackend") -> None:
        self._backend = backend

    def end(self) -> str:
        """Behind the latest one."""
        return str(len(self._backend.everything))

    def recorded(self) -> dict[int, int]:
        """All of them."""
        return {0: len(self._backend.everything)}

    def next_batch(
        self,
        wanted: EntryFilter,
        *,
        cursor: str,
        max_entries: int,
        recorded: dict[int, int] | None = None,
    ) -> FakeAllBatch | None:
        """What matches among the next entries."""
        if not cursor.isdigit():
            raise InvalidCursor(f"expected a number, found {cursor}")
        end = recorded[0] if recorded else None
        piece = self._backend.everything[:end][int(cursor) : int(cursor) + max_entries]
        if not piece:
            return None
        logs = [entry for entry in piece if matches(wanted, entry)]
        return FakeAllBatch(logs, str(int(cursor) + len(piece)), self._backend.has_gap)


class FakeBackend(FakeQuestions):
    """A service that keeps everything in lists; what is accepted is an entry at once."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = Watch()
        self.generation = 3
        self.reset()

    def reset(self) -> None:
        """Forgets all but who watches."""
        self.trails: dict[str, list[Row]] = {}
        self.questions = []
        self.steps = []
        self.everything: list[Row] = []
        self.has_gap = False
        self.statuses: dict[str, str] = {}
        self.accepted: list[bytes] = []
        self.trouble: TasktrailError | None = None  # what every call fails with
        self.health_now = Health(can_record=True)
        self.ready_now = Readiness({"recorder": True, "indexer": True})
        self.metrics_now = Metrics(queue_depth=2, events_recorded=7, tasks=1, queue_lag_seconds=0.5)
        self.unreadable: set[object] = set()  # seqs whose lines are damaged
        self.looks = 0
        self.looking: threading.Barrier | None = None
        self.asked: list[tuple[Any, Paging]] = []

    @property
    def reader(self) -> "FakeBackend":
        """The backend is its own reader."""
        return self

    def settled_reader(self) -> "FakeBackend":
        """There is nothing to wait for."""
        return self

    @property
    def follow(self) -> "FakeBackend":
        """The backend is its own follow."""
        return self

    @property
    def follow_all(self) -> "FakeFollowAll":
        """The trails' entries in the order in which they came."""
        return FakeFollowAll(self)

    def record(self, task_id: str, *, notify: bool = True, **changes: object) -> Row:
        """One more entry of a task, told to followers."""
        trail = self.trails.setdefault(task_id, [])
        entry = row(task_id, len(trail) + 1, **changes)
        trail.append(entry)
        self.everything.append(entry)
        if notify:
            self.watch.notify({TrailKey("tasks", task_id): len(trail)})
        return entry

    def accept(self, events: Iterable[bytes]) -> Receipt:
        """Keeps what can be recorded."""
        self._fail()
        rejected = []
        before = len(self.accepted)
        for index, blob in enumerate(events):
            try:
                self.accepted.append(prepare(blob).event)
            except InvalidEvent as error:
                rejected.append(Rejected(index, str(error), error.code))
        return Receipt(len(self.accepted) - before, tuple(rejected))

    def tasks(self, wanted: TaskFilter, *, limit: int, cursor: str | None) -> Row:
        """All tasks."""
        self._fail()
        self.asked.append((wanted, Paging(limit=limit, cursor=cursor)))
        summaries = [self.task(task_id) for task_id in self.trails]
        return {"tasks": summaries, "total_count": len(summaries), "next_cursor": None}

    def task(self, task_id: str) -> Row:
        """A task by its id."""
        return {"task_id": task_id, "entries": len(self._trail(task_id))}

    def logs(self, task_id: str, wanted: EntryFilter, **page: Any) -> Row:  # noqa: ANN401
        """The entries that match."""
        paging = Paging(**page)
        self.asked.append((wanted, paging))
        logs = [entry for entry in self._trail(task_id) if matches(wanted, entry)]
        first = logs[: paging.limit]
        return {"task_id": task_id, "total_count": len(logs), "logs": first, "next_cursor": None}

    def stats(self, task_id: str, wanted: EntryFilter) -> Row:
        """Only the total."""
        del wanted
        total = len(self._trail(task_id))
        return {"total": total, "by_level": {}, "by_source": {}, "by_stage": {}}

    def sources(self, task_id: str) -> list[str]:
        """Each source once."""
        return sorted({str(entry["source"]) for entry in self._trail(task_id)})

    def entry(self, task_id: str, seq: int) -> Row:
        """One entry."""
        trail = self._trail(task_id)
        if not 1 <= seq <= len(trail):
            raise EntryNotFound(f"expected an entry of {task_id}, found none with seq {seq}")
        return trail[seq - 1]

    def sections(self, task_id: str) -> Row:
        """One section."""
        return {"task_id": task_id, "log": self._trail(task_id)}

    def holds(self) -> Iterator[Row]:
        """One hold."""
        yield {"webhook_event_id": "w-1"}

    def dead(self) -> Iterator[Row]:
        """Three dead letters."""
        for number in range(3):
            yield {"reason": f"no id {number}"}

    def key(self, trail_id: str) -> TrailKey:
        """The trail of a task; `~1` is the directory of the task a/b."""
        task_id = "a/b" if trail_id == "~1" else trail_id
        self._trail(task_id)
        return TrailKey("tasks", task_id)

    def head(self, task_id: str) -> int:
        """The last seq."""
        return len(self._trail(task_id))

    def end(self, task_id: str) -> FakeEnd:
        """The trail as it is now."""
        return FakeEnd(self._trail(task_id)[:])

    def next_batch(
        self,
        task_id: str,
        wanted: EntryFilter,
        *,
        after_seq: int,
        max_entries: int,
        end: FakeEnd,
    ) -> FakeBatch:
        """What matches among the next entries."""
        self.looks += 1
        if looking := self.looking:  # the test may take it away meanwhile
            looking.wait()  # says that it looks, and goes on when the test has looked too
            looking.wait()
        self._trail(task_id)  # which may fail
        trail = end.trail
        piece = trail[after_seq : after_seq + max_entries]
        logs = [entry for entry in piece if matches(without_place(wanted), entry)]
        counts = {"entries": len(trail)}
        logs = [entry for entry in logs if entry["seq"] not in self.unreadable]
        status = self.statuses.get(task_id, "active")
        return FakeBatch(logs, after_seq + len(piece), len(trail), counts, status)

    def health(self) -> Health:
        """What a test set."""
        return self.health_now

    def ready(self) -> Readiness:
        """What a test set."""
        return self.ready_now

    def metrics(self) -> Metrics:
        """What a test set."""
        return self.metrics_now

    def _trail(self, task_id: str) -> list[Row]:
        self._fail()
        if task_id not in self.trails:
            raise TaskNotFound(f"expected a task, found none with id {task_id!r}")
        return self.trails[task_id]

    def _fail(self) -> None:
        if self.trouble:
            raise self.trouble


def settings_of(folder: Path, **changes: object) -> Settings:
    """Settings for a test: a root in its folder, a free port."""
    settings = Settings(data=folder / "root", logs_dir=folder / "root" / "tasks", port=0)
    return msgspec.structs.replace(settings, **changes)


@contextmanager
def serving(backend: FakeBackend, settings: Settings, *, ui: WebUi | None = None) -> Iterator[str]:
    """The address of a real server in a thread, for as long as the test needs it."""
    ready = threading.Event()
    pages = WebUi(settings.data / "no-ui") if ui is None else ui
    with listening(settings.host, settings.port) as listener:
        url = url_of(listener)
        app = build_app(backend, settings, ui=pages)
        server = Server(app, settings, on_ready=_setting(ready))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert ready.wait(PATIENCE_SECONDS), "the server did not start"
            yield url
        finally:
            server.should_exit = True
            thread.join()


def _setting(event: threading.Event) -> Callable[[str], None]:
    def is_ready(url: str) -> None:
        del url
        event.set()

    return is_ready
