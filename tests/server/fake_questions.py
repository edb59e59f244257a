"""Answers of a few fixed values to the questions that need an index."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, NamedTuple

from msgspec import Struct

from tasktrail.errors import ExecutionNotFound, FileNotFound
from tasktrail.model.filters import EntryFilter
from tasktrail.model.search_progress import SearchProgress
from tasktrail.server.backend import Ledger

Row = dict[str, object]


class FakeSeqs(Struct):
    """Seqs that match, packed."""

    blob: bytes = b"\x01\x02"
    count: int = 2
    head: int = 9
    next_after_seq: int | None = 3
    is_partial: bool = True


class FakeFile(NamedTuple):
    """A file of a trail."""

    content: bytes

    @property
    def size(self) -> int:
        """Its length."""
        return len(self.content)

    def read(self, start: int, length: int) -> bytes:
        """A piece of it."""
        return self.content[start : start + length]


def progress(shown: int, found: int, ended: str | None = None) -> SearchProgress:
    """How far a search is, half-way through two trails."""
    return SearchProgress(shown, found, 10, 20, 1, 2, ended)


class FakeStep(NamedTuple):
    """A piece of a search."""

    hits: list[Row]
    progress: SearchProgress
    tasks: Sequence[Row] = ()
    titles: Mapping[str, str] = {}


class FakeQuestions:
    """What a backend of lists answers besides entries; what was asked is kept."""

    def __init__(self) -> None:
        self.questions: list[dict[str, Any]] = []
        self.steps: list[FakeStep] = []
        self.stop: Event | None = None
        self.is_file_open = False

    @property
    def ledger(self) -> Ledger:
        """None: the ledger's routes are tested on a real service."""
        raise NotImplementedError

    def body(self, task_id: str, seq: int, part: str) -> bytes:
        """The id, the seq and the part."""
        return f"{task_id} ünï {seq} {part}".encode()

    def histogram(self, task_id: str, wanted: EntryFilter, *, buckets: int) -> Row:
        """No entry, no bucket."""
        self.questions.append({"wanted": wanted, "buckets": buckets})
        return {"task_id": task_id, "total_count": 0, "buckets": []}

    def seqs(self, task_id: str, wanted: EntryFilter, *, limit: int) -> FakeSeqs:
        """Two."""
        del task_id
        self.questions.append({"wanted": wanted, "limit": limit})
        return FakeSeqs()

    def stages(self, task_id: str) -> Row:
        """None."""
        return {"task_id": task_id, "stages": []}

    def timeline(self, task_id: str, *, limit: int) -> Row:
        """The question."""
        self.questions.append({"limit": limit})
        return {"task_id": task_id, "read": 0}

    def open(self, task_id: str, wanted: EntryFilter, *, tail: int, preview: int | None) -> Row:
        """The question."""
        self.questions.append({"wanted": wanted, "tail": tail, "preview": preview})
        return {"task": {"task_id": task_id}, "logs": []}

    def files(self, task_id: str) -> Row:
        """One file."""
        one = {"name": "08-log.jsonl", "kind": "channel", "size": 10}
        return {"task_id": task_id, "files": [one]}

    @contextmanager
    def file(self, task_id: str, name: str) -> Iterator[FakeFile]:
        """The one file, of ten bytes."""
        del task_id
        if name != "08-log.jsonl":
            raise FileNotFound(f"expected a file of the trail, found {name!r}")
        self.is_file_open = True
        yield FakeFile(b"0123456789")
        self.is_file_open = False

    def session_logs(self, session_id: str, wanted: EntryFilter, **said: object) -> Row:
        """None."""
        self.questions.append({"wanted": wanted, **said})
        return {"session_id": session_id, "total_count": 0, "logs": [], "next_cursor": None}

    def job_logs(self, job_id: str, wanted: EntryFilter, **said: object) -> Row:
        """None."""
        self.questions.append({"wanted": wanted, **said})
        return {"job_id": job_id, "total_count": 0, "logs": [], "next_cursor": None}

    def job_stages(self, job_id: str) -> Row:
        """None."""
        return {"job_id": job_id, "stages": []}

    def executions(self, **said: object) -> Row:
        """None."""
        self.questions.append(said)
        return {"executions": [], "count": 0, "total": 0, "has_more": False}

    def execution(self, execution_id: str) -> Row:
        """Only PX_1 is known."""
        if execution_id != "PX_1":
            raise ExecutionNotFound(f"expected an execution, found {execution_id!r}")
        return {"id": execution_id, "status": "running"}

    def execution_logs(self, execution_id: str, wanted: EntryFilter, **said: object) -> Row:
        """None."""
        self.execution(execution_id)
        self.questions.append({"wanted": wanted, **said})
        page = {"total_count": 0, "logs": [], "next_cursor": None}
        return {"execution_id": execution_id} | page

    def search(
        self, wanted: EntryFilter, *, limit: int, seconds: float, stop: Event, by_task: bool
    ) -> Iterator[FakeStep]:
        """The steps that a test set."""
        self.questions.append({"wanted": wanted, "limit": limit, "seconds": seconds})
        self.questions[-1] |= {"by_task": True} if by_task else {}
        self.stop = stop
        yield from self.steps
