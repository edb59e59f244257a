"""The ledger: sessions, workers, events of coordinators and costs, asked as a query string asks.

Everything here is answered by the index alone. It is waited for, a moment at most, until it has all
that is recorded; an answer for which that was not long enough says `behind`.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from tasktrail.errors import TaskNotFound
from tasktrail.index.database import Queries
from tasktrail.index.tasks import find_state
from tasktrail.model.ids import TrailKey
from tasktrail.model.ledger_filters import (
    Params,
    parse_cost_question,
    parse_event_filter,
    parse_worker_filter,
)
from tasktrail.model.page import parse_paging
from tasktrail.query.budgets import budgets_answer, read_budgets
from tasktrail.query.costs import costs_answer, explain_task
from tasktrail.query.events import events_page
from tasktrail.query.rows import Row
from tasktrail.query.sessions import (
    session_answer,
    sessions_page,
    worker_answer,
    workers_page,
)
from tasktrail.store.layout import Layout

Answer = TypeVar("Answer")
NOTHING: Final[Params] = {}


class Asks(Protocol):
    """Who has the index; the reader does."""

    @property
    def layout(self) -> Layout:
        """Where the trails are."""

    @property
    def is_behind(self) -> bool:
        """Whether something is recorded that the index does not have yet."""

    def ask_index(self, question: Callable[[Queries], Answer]) -> Answer:
        """The answer of the index, once it has what is recorded, or after a moment."""


class Ledger:
    """Answers about money and about who worked; may be used by many threads at once."""

    def __init__(self, reader: Asks, clock: Callable[[], int] | None = None) -> None:
        self._reader = reader
        self._clock = clock or _now

    def costs(self, params: Params = NOTHING) -> Row:
        """What was spent: `total`, `rows` by group, …; raises InvalidFilter, NotFound."""
        question = parse_cost_question(params, now=self._clock())
        return self._ask(lambda queries: costs_answer(queries, question))

    def explain(self, task_id: str) -> Row:
        """Every call, bucket and price behind a task's cost; raises TaskNotFound."""

        def answer(queries: Queries) -> Row:
            if find_state(queries, TrailKey("tasks", task_id)) is None:
                raise TaskNotFound(f"expected a task {task_id[:200]!r}, there is none")
            return explain_task(queries, task_id)

        return self._ask(answer)

    def budgets(self) -> Row:
        """The root's budgets, and what came nearest to each of late."""
        found, now = read_budgets(self._reader.layout), self._clock()
        return self._ask(lambda queries: budgets_answer(queries, found, now=now))

    def sessions(self, params: Params = NOTHING) -> Row:
        """A page of sessions, newest first."""
        paging = parse_paging(params)
        return self._ask(lambda queries: sessions_page(queries, paging))

    def session(self, session_id: str) -> Row:
        """One session with its tasks and workers; raises NotFound."""
        return self._ask(lambda queries: session_answer(queries, session_id))

    def workers(self, params: Params = NOTHING) -> Row:
        """A page of workers, newest first; raises InvalidFilter."""
        wanted, paging = parse_worker_filter(params), parse_paging(params)
        return self._ask(lambda queries: workers_page(queries, wanted, paging))

    def worker(self, worker_id: str) -> Row:
        """One worker with those that it started; raises NotFound."""
        return self._ask(lambda queries: worker_answer(queries, worker_id))

    def events(self, params: Params = NOTHING) -> Row:
        """A page of events of coordinators, newest first; raises InvalidFilter."""
        wanted = parse_event_filter(params, now=self._clock())
        paging, layout = parse_paging(params), self._reader.layout
        return self._ask(lambda queries: events_page(queries, layout, wanted, paging))

    def _ask(self, question: Callable[[Queries], Row]) -> Row:
        answer = self._reader.ask_index(question)
        return answer | {"behind": True} if self._reader.is_behind else answer


def _now() -> int:
    return time.time_ns() // 1_000
