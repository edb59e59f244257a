"""The ledger over HTTP: the same questions about money and workers, the same answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

Row = dict[str, Any]
Params = Mapping[str, Sequence[str]]
Get = Callable[[str, list[tuple[str, str | int]]], Any]

NOTHING: Final[Params] = {}


class RemoteLedger:
    """Answers about money and about who worked, by asking a server."""

    def __init__(self, get: Get) -> None:
        """`get` asks for an address with its parameters and gives the answer."""
        self._get = get

    def costs(self, params: Params = NOTHING) -> Row:
        """What was spent; raises InvalidFilter, NotFound."""
        return self._ask("/api/costs", params)

    def explain(self, task_id: str) -> Row:
        """Every call, bucket and price behind a task's cost; raises TaskNotFound."""
        return self._ask(f"/api/tasks/{_quoted(task_id)}/costs")

    def sessions(self, params: Params = NOTHING) -> Row:
        """A page of sessions, newest first."""
        return self._ask("/api/sessions", params)

    def session(self, session_id: str) -> Row:
        """One session with its tasks and workers; raises NotFound."""
        return self._ask(f"/api/sessions/{_quoted(session_id)}")

    def workers(self, params: Params = NOTHING) -> Row:
        """A page of workers, newest first; raises InvalidFilter."""
        return self._ask("/api/workers", params)

    def worker(self, worker_id: str) -> Row:
        """One worker with those that it started; raises NotFound."""
        return self._ask(f"/api/workers/{_quoted(worker_id)}")

    def events(self, params: Params = NOTHING) -> Row:
        """A page of events of coordinators, newest first; raises InvalidFilter."""
        return self._ask("/api/events", params)

    def _ask(self, path: str, params: Params = NOTHING) -> Row:
        said = [(name, text) for name, texts in params.items() for text in texts]
        answer: Row = self._get(path, list(said))
        return answer


def _quoted(text: str) -> str:
    return quote(text, safe="")
