"""The ledger over HTTP: what is asked."""

from collections.abc import Callable
from typing import Any

import pytest

from tasktrail.sdk.remote_ledger import RemoteLedger
from tasktrail.sdk.remote_reader import RemoteReader
from tests.sdk.test_remote_reader import asked, reply
from tests.support.scripted_server import ScriptedServer

Ask = Callable[[RemoteLedger], Any]


@pytest.mark.parametrize(
    ("ask", "path", "query"),
    [
        (
            lambda one: one.costs({"by": ["day"], "since": ["today"]}),
            "/api/costs",
            {"by": ["day"], "since": ["today"]},
        ),
        (lambda one: one.explain("a/b"), "/api/tasks/a%2Fb/costs", {}),
        (lambda one: one.sessions({"limit": ["3"]}), "/api/sessions", {"limit": ["3"]}),
        (lambda one: one.session("s 1"), "/api/sessions/s%201", {}),
        (lambda one: one.workers({"status": ["failed"]}), "/api/workers", {"status": ["failed"]}),
        (lambda one: one.worker("w"), "/api/workers/w", {}),
        (lambda one: one.events(), "/api/events", {}),
    ],
)
def test_a_question_is_an_address(ask: Ask, path: str, query: dict[str, list[str]]) -> None:
    """With its parameters as they were said; the answer is given back as it is."""
    with ScriptedServer(reply({"x": 1})) as server:
        answer = ask(RemoteReader(server.url).ledger)

    assert answer == {"x": 1}
    assert asked(server) == (path, query)
