"""The reader's questions over HTTP: what is asked, what comes back, what is raised."""

import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from msgspec import Raw

from tasktrail import errors
from tasktrail.chaos.processes import free_port
from tasktrail.model.filters import EntryFilter, TaskFilter, parse_filter
from tasktrail.model.times import MICROSECONDS
from tasktrail.sdk.remote_reader import RemoteReader
from tests.support.scripted_server import Reply, ScriptedServer

Question = Any


def reply(answer: object, *, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(status, msgspec.json.encode(answer), headers)


def asked(server: ScriptedServer) -> tuple[str, dict[str, list[str]]]:
    """The path and the query of the last request."""
    parts = urlsplit(server.requests[-1].path)
    return parts.path, parse_qs(parts.query)


def test_tasks_are_asked_for_with_their_filter() -> None:
    """Every value of a filter is a parameter of its own."""
    page = {"tasks": [], "total_count": 0, "next_cursor": None}
    wanted = TaskFilter(status=("failed", "active"), since=0, search="100 %")
    with ScriptedServer(reply(page)) as server:
        answer = RemoteReader(server.url).tasks(wanted, limit=5, cursor="abc")

    assert answer == page
    assert asked(server) == (
        "/api/tasks",
        {
            "status": ["failed", "active"],
            "since": ["1970-01-01T00:00:00.000000Z"],
            "search": ["100 %"],
            "limit": ["5"],
            "cursor": ["abc"],
        },
    )


def test_a_task_id_may_hold_anything() -> None:
    """It is one segment of the path, whatever it is made of."""
    with ScriptedServer(reply({"task_id": "a/b ?"})) as server:
        answer = RemoteReader(server.url).task("a/b ?")

    assert answer == {"task_id": "a/b ?"}
    assert server.requests[0].path == "/api/tasks/a%2Fb%20%3F"


def test_entries_keep_the_bytes_that_were_stored() -> None:
    """Metadata, fields and event are the server's bytes, all else is plain."""
    sent = b'"metadata":{"n":1.50},"fields":{"a":1e400},"event":{"x":"\\u00e9"}'
    row = b'{"seq":1,"message":"hi",%b}' % sent
    body = b'{"task_id":"t","total_count":1,"logs":[%b],"next_cursor":null}' % row
    with ScriptedServer(Reply(200, body)) as server:
        answer = RemoteReader(server.url).logs("t", limit=1, order="desc", cursor=None)

    (entry,) = answer["logs"]
    assert (answer["total_count"], answer["next_cursor"], entry["message"]) == (1, None, "hi")
    assert entry["metadata"] == Raw(b'{"n":1.50}')
    assert entry["fields"] == {"a": Raw(b"1e400")}
    assert entry["event"] == Raw(b'{"x":"\\u00e9"}')
    assert asked(server) == ("/api/tasks/t/logs", {"limit": ["1"], "order": ["desc"]})


def test_a_relative_time_is_asked_for_as_it_was_said() -> None:
    """So that the server binds its cursor to what was said, not to a moment."""
    now = 1_763_776_000 * MICROSECONDS
    wanted = parse_filter({"since": ["10m"], "level": ["error,warning"]}, now=now)
    with ScriptedServer(reply({"logs": []})) as server:
        RemoteReader(server.url).logs("t", wanted)

    query = asked(server)[1]
    assert query["since"] == ["10m"]
    assert sorted(query["level"]) == ["error", "warning"]
    assert "ago" not in query


def test_places_in_a_trail_are_numbers() -> None:
    """A filter may say after or before which entry."""
    with ScriptedServer(reply({"logs": []})) as server:
        RemoteReader(server.url).logs("t", EntryFilter(after_seq=0, before_seq=9), preview=10)

    assert asked(server)[1] == {"after_seq": ["0"], "before_seq": ["9"], "preview": ["10"]}


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (lambda reader: reader.stats("t"), "/api/tasks/t/logs/stats"),
        (lambda reader: reader.sources("t"), "/api/tasks/t/logs/sources"),
        (lambda reader: reader.entry("t", 7), "/api/tasks/t/logs/7"),
        (lambda reader: reader.sections("t"), "/tasks/t/logs"),
        (lambda reader: reader.health(), "/health"),
    ],
)
def test_every_question_has_its_address(ask: Question, path: str) -> None:
    """The routes of the contract."""
    with ScriptedServer(reply({})) as server:
        answer = ask(RemoteReader(server.url, api_key="k"))

    assert answer == {}
    assert asked(server) == (path, {})
    assert server.requests[0].headers["Authorization"] == "Bearer k"


def test_lists_are_read_to_their_end() -> None:
    """Page after page, as many as there are."""
    pages = [
        reply({"dead_letters": [{"number": 1}, {"number": 2}], "total_count": 3}),
        reply({"dead_letters": [{"number": 3}], "total_count": 3}),
    ]
    with ScriptedServer(*pages) as server:
        letters = list(RemoteReader(server.url).dead())

    assert [one["number"] for one in letters] == [1, 2, 3]
    assert asked(server)[1]["offset"] == ["2"]


def test_no_holds_are_an_empty_list() -> None:
    """And one question."""
    with ScriptedServer(reply({"holds": [], "total_count": 0})) as server:
        assert list(RemoteReader(server.url).holds()) == []

    assert len(server.requests) == 1


def test_a_server_that_is_not_well_still_tells() -> None:
    """503 with reasons is an answer to how it is."""
    with ScriptedServer(reply({"status": "unhealthy"}, status=503)) as server:
        assert RemoteReader(server.url).health() == {"status": "unhealthy"}


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (404, "task_not_found", errors.TaskNotFound),
        (404, "entry_not_found", errors.EntryNotFound),
        (404, "not_found", errors.NotFound),
        (400, "invalid_filter", errors.InvalidFilter),
        (400, "invalid_cursor", errors.InvalidCursor),
        (503, "overloaded", errors.Overloaded),
        (503, "storage_failed", errors.StorageFailed),
        (401, "unauthorized", errors.TasktrailError),
        (500, "internal_error", errors.ServerUnreachable),
    ],
)
def test_a_problem_is_the_error_that_it_names(
    status: int, code: str, error: type[errors.TasktrailError]
) -> None:
    """By its code, with the server's own words."""
    problem = reply({"code": code, "detail": "expected TASKTRAIL_API_KEY"}, status=status)
    with ScriptedServer(problem) as server:
        reader = RemoteReader(server.url)

        with pytest.raises(error, match="TASKTRAIL_API_KEY") as raised:
            reader.task("t")
    assert type(raised.value) is error


def test_overload_says_when_to_come_back() -> None:
    """As the server said it."""
    problem = reply({"code": "overloaded"}, status=503)._replace(headers={"Retry-After": "9"})
    with ScriptedServer(problem) as server, pytest.raises(errors.Overloaded) as raised:
        RemoteReader(server.url).task("t")

    assert raised.value.retry_after_seconds == 9


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]"])
def test_another_server_is_told_apart(body: bytes) -> None:
    """What is no answer of ours is no answer."""
    with ScriptedServer(default=Reply(200, body)) as server:
        reader = RemoteReader(server.url)

        with pytest.raises(errors.ServerUnreachable, match="expected JSON"):
            reader.logs("t")


def test_no_server_is_said() -> None:
    """With the address that does not answer."""
    with pytest.raises(errors.ServerUnreachable, match=r"127\.0\.0\.1"):
        RemoteReader(f"http://127.0.0.1:{free_port()}").task("t")


def test_what_must_not_match_is_asked_for_too() -> None:
    """Exclusions, several texts, and stretches of the trail are parameters like others."""
    wanted = parse_filter(
        {"q": ["-source:git word -noise seq:3..9"], "search": ["a b"], "worker_id": ["w*"]}
    )
    with ScriptedServer(reply({"logs": []})) as server:
        RemoteReader(server.url).logs("t", wanted)

    query = asked(server)[1]
    assert query["exclude"] == ["source:git"]
    assert sorted(query["search"]) == ["a b", "word"]
    assert (query["without"], query["worker_id"]) == (["noise"], ["w*"])
    assert (query["from_seq"], query["to_seq"]) == (["3"], ["9"])
    assert parse_filter(query) == wanted


def test_counts_and_stages_are_asked_for() -> None:
    """Each under its own address."""
    with ScriptedServer(default=reply({"stages": []})) as server:
        reader = RemoteReader(server.url)
        reader.stats("t", EntryFilter(level=("error",)))
        stats = asked(server)
        reader.stages("t")
        stages = asked(server)
        reader.job_stages("a/b")
        job = asked(server)
        reader.executions(job_id="J", status=("failed",), limit=5, offset=2)
        executions = asked(server)

    assert stats == ("/api/tasks/t/logs/stats", {"level": ["error"]})
    assert (stages[0], job[0]) == ("/api/tasks/t/stages", "/api/jobs/a%2Fb/stages")
    assert executions == (
        "/api/executions",
        {"job_id": ["J"], "status": ["failed"], "limit": ["5"], "offset": ["2"]},
    )


SEARCH = (
    b'{"type":"start","limit":5}\n'
    b'{"type":"hit","entry":{"seq":1,"message":"x","event":{"a":1.50}}}\n'
    b'{"type":"progress","shown":1,"found":1,"searched_bytes":5,"total_bytes":10,'
    b'"searched_trails":1,"total_trails":2}\n'
    b'{"type":"end","shown":1,"found":3,"searched_bytes":10,"total_bytes":10,'
    b'"searched_trails":2,"total_trails":2,"ended":"complete","is_complete":true}\n'
)


def search(server: ScriptedServer, stop: threading.Event | None = None) -> list[Any]:
    """The steps of a search."""
    reader = RemoteReader(server.url)
    wanted = EntryFilter(search=("x",))
    return list(reader.search(wanted, limit=5, seconds=3.0, stop=stop or threading.Event()))


def test_a_search_is_read_line_by_line() -> None:
    """Hits as the bytes that were stored, then how far it is, then how it ended."""
    with ScriptedServer(Reply(200, SEARCH)) as server:
        hit, progress, end = search(server)

    assert (hit.hits[0]["seq"], hit.hits[0]["event"]) == (1, Raw(b'{"a":1.50}'))
    assert (progress.progress.searched_bytes, progress.progress.ended) == (5, None)
    assert (end.progress.found, end.progress.ended) == (3, "complete")
    assert asked(server) == ("/api/search", {"search": ["x"], "limit": ["5"], "seconds": ["3"]})


def test_a_search_that_is_refused_raises_what_it_means() -> None:
    """Before it begins, and also in the middle."""
    refused = reply({"code": "invalid_query", "detail": "level: loud"}, status=400)
    broken = SEARCH.splitlines()[0] + b'\n{"type":"error","code":"storage_failed","detail":"EIO"}\n'
    with ScriptedServer(refused, Reply(200, broken)) as server:
        with pytest.raises(errors.InvalidFilter, match="loud"):
            search(server)
        with pytest.raises(errors.StorageFailed, match="EIO"):
            search(server)


def test_whoever_stops_reads_no_further() -> None:
    """The connection is closed with the reading."""
    stop = threading.Event()
    stop.set()
    with ScriptedServer(Reply(200, SEARCH)) as server:
        assert search(server, stop) == []


def test_tasks_with_their_hits_come_as_the_reader_gives_them() -> None:
    """The newest hit of each is an entry like any other."""
    told = b'{"type":"task","task_id":"gh-1","session_id":null,"hits":2,"latest":{"seq":9}}\n'
    with ScriptedServer(Reply(200, told)) as server:
        reader = RemoteReader(server.url)
        (step,) = reader.search(limit=1, seconds=1, stop=threading.Event(), by_task=True)

    assert "by=task" in server.requests[0].path
    assert step.tasks == [{"task_id": "gh-1", "session_id": None, "hits": 2, "latest": {"seq": 9}}]
