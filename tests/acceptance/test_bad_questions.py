"""Whatever is asked, the answer is an answer or a problem with a code, never a failure."""

from collections.abc import Iterator
from urllib.parse import quote

import msgspec
import pytest

from tests.support.running_service import RunningService, start_service

TEXTS = [
    "%",
    "_",
    "100%_",
    "a.*b",
    "(",
    "\\",
    "'; DROP TABLE entries; --",
    '"x" OR 1=1',
    "NEAR(",
    "*",
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service with two tasks, one of them of every text that could be taken for more."""
    with start_service(tmp_path_factory.mktemp("questions") / "root") as running:
        events = [
            {"type": "task:log", "task_id": "gh-1", "data": {"message": f"it says {text} here"}}
            for text in TEXTS
        ]
        running.record([*events, {"type": "task:log", "task_id": "gh-2", "data": {"message": "x"}}])
        yield running


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/tasks/gh-1/logs?limit=0", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs?limit=10001", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs?limit=many", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs?nonsense=1", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs?level=loud", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs?exclude=colour:red", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs?q=level:loud", 400, "invalid_query"),
        ("/api/tasks/gh-1/logs?q=%2F.*%2F", 400, "invalid_query"),
        ("/api/tasks/gh-1/logs?cursor=abc", 400, "invalid_cursor"),
        ("/api/tasks/gh-1/logs/histogram?buckets=0", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs/histogram?limit=5", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs/stats?offset=5", 400, "invalid_filter"),
        ("/api/tasks/gh-1/open?tail=10001", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs/1/body?part=all", 400, "invalid_filter"),
        ("/api/tasks/gh-1/logs/99", 404, "entry_not_found"),
        ("/api/tasks/gh-1/logs/99/body", 404, "entry_not_found"),
        ("/api/tasks/gh-1/logs/first", 400, "invalid_filter"),
        ("/api/tasks/gh-1/files/..%2F..%2Froot.json", 404, "file_not_found"),
        ("/api/tasks/gh-1/files/.index", 404, "file_not_found"),
        ("/api/tasks/none/logs", 404, "task_not_found"),
        ("/api/tasks/none/stages", 404, "task_not_found"),
        ("/api/tasks/none/open", 404, "task_not_found"),
        ("/api/tasks/none/files", 404, "task_not_found"),
        ("/api/tasks/none/logs/histogram", 404, "task_not_found"),
        ("/api/tasks/..%2F..%2Froot.json/files", 404, "task_not_found"),
        ("/api/executions/none", 404, "execution_not_found"),
        ("/api/executions/none/logs", 404, "execution_not_found"),
        ("/api/executions?status=lost", 400, "invalid_filter"),
        ("/api/executions?level=error", 400, "invalid_filter"),
        ("/api/search?seconds=0", 400, "invalid_filter"),
        ("/api/search?seconds=3600", 400, "invalid_filter"),
        ("/api/search?q=since:soon", 400, "invalid_query"),
        ("/api/tasks?status=lost", 400, "invalid_filter"),
    ],
)
def test_a_question_that_cannot_be_answered_has_a_code(
    service: RunningService, path: str, status: int, code: str
) -> None:
    """Problem+json, with what was expected and found."""
    found, body = service.request("GET", path)
    problem = msgspec.json.decode(body)

    assert (found, problem["code"]) == (status, code), problem
    assert problem["detail"]


def test_a_mistake_in_a_typed_filter_says_where_it_is(service: RunningService) -> None:
    """So that it can be underlined."""
    _, body = service.request("GET", f"/api/tasks/gh-1/logs?q={quote('ok level:loud')}")
    problem = msgspec.json.decode(body)

    assert "ok level:loud"[problem["position"] :][: problem["length"]] == "loud"


def test_a_cursor_belongs_to_its_task_and_filters(service: RunningService) -> None:
    """Elsewhere it means nothing, and that is said."""
    cursor = service.get("/api/tasks/gh-1/logs?limit=2")["next_cursor"]
    answers = [
        service.request("GET", f"/api/tasks/{rest}cursor={cursor}")
        for rest in ("gh-2/logs?", "gh-1/logs?level=info&", "gh-1/logs?order=desc&")
    ]

    assert [status for status, _ in answers] == [400, 400, 400]
    assert service.get(f"/api/tasks/gh-1/logs?cursor={cursor}")["logs"][0]["seq"] == 3


@pytest.mark.parametrize(
    "query",
    [
        "offset=1000000",
        "after_seq=1000000",
        "level=debug&min_level=error",
        "from_seq=9&to_seq=3",
        "since=2999-01-01T00:00:00Z",
        "source=nobody",
        "q=-it",
    ],
)
def test_what_cannot_match_gives_an_empty_list(service: RunningService, query: str) -> None:
    """Never a missing key, never an error."""
    page = service.get(f"/api/tasks/gh-1/logs?{query}")

    assert (page["logs"], page["next_cursor"]) == ([], None)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_nothing_but_a_text(service: RunningService, text: str) -> None:
    """No wildcard, no pattern, no SQL, in one task and in all."""
    one = service.get(f"/api/tasks/gh-1/logs?search={quote(f'says {text} h')}")
    _, lines = service.request("GET", f"/api/search?search={quote(f'says {text} h')}")
    end = msgspec.json.decode(lines.splitlines()[-1])

    assert [entry["seq"] for entry in one["logs"]] == [TEXTS.index(text) + 1]
    assert (end["found"], end["is_complete"]) == (1, True)


def test_lists_of_nothing_are_empty(service: RunningService) -> None:
    """A job that nobody knows, a task without stages."""
    assert service.get("/api/jobs/none/stages") == {"job_id": "none", "stages": []}
    assert service.get("/api/jobs/none/tasks/none/logs")["logs"] == []
    assert service.get("/api/executions?job_id=none")["executions"] == []
    assert service.get("/api/tasks/gh-2/stages")["stages"] == []
