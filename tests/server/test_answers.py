"""What OpenAPI shows is what a real service sends: same keys, same kinds."""

from collections.abc import Iterator

import msgspec
import pytest

from tasktrail.server import answers, found_answers
from tests.server.conftest import Client
from tests.support.running_service import start_service

FLOW: list[dict[str, object]] = [
    {
        "type": "task:created",
        "task_id": "gh-1",
        "timestamp": "2026-02-14T10:00:00Z",
        "data": {"input_message": "Fix it", "source": "github", "assigned_agent": "brain"},
    },
    {"type": "task:started", "task_id": "gh-1", "data": {"session_id": "s-1"}},
    {"type": "task:thinking", "task_id": "gh-1", "data": {"content": "Hmm…"}},
    {"type": "task:tool_call", "task_id": "gh-1", "data": {"name": "Bash", "input": {"a": 1}}},
    {"type": "task:user_input", "task_id": "gh-1", "data": {"content": "yes"}},
    {"type": "knowledge:query", "task_id": "gh-1", "data": {"query": "x"}},
    {
        "type": "task:log",
        "task_id": "gh-1",
        "source": "git",
        "stage": "plan",
        "level": "WARN",
        "data": {"message": "careful", "metadata": {"a": [1, None]}},
    },
    {"type": "task:progress", "task_id": "gh-1", "data": {"percent": 140}},
    {"type": "task:response_posted", "task_id": "gh-1", "data": {"method": "mcp"}},
    {"type": "odd:thing", "task_id": "gh-1", "attempt": 1, "item": "part", "more": {"x": 1.0}},
    {
        "type": "task:completed",
        "task_id": "gh-1",
        "data": {"status": "failed", "result": "bad", "cost_usd": 0.12, "duration_seconds": 3},
    },
    {"type": "execution:started", "job_id": "JB_1", "execution_id": "PX_1"},
    {
        "type": "task:log",
        "job_id": "JB_1",
        "execution_id": "PX_1",
        "stage": "score",
        "item": "c-1",
        "data": {"message": "scored"},
    },
    {"type": "stage:started", "task_id": "gh-1", "stage": "plan"},
    {"type": "webhook:received", "webhook_event_id": "w-1", "data": {"source": "github"}},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a real service that has recorded the flow."""
    root = tmp_path_factory.mktemp("answers") / "root"
    with start_service(root) as service:
        service.record(FLOW)
        yield Client(service.url)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/tasks", answers.TaskPage),
        ("/api/tasks/gh-1", answers.TaskSummary),
        ("/api/tasks/gh-1/logs", answers.LogPage),
        ("/api/tasks/gh-1/logs?limit=2&preview=3", answers.LogPage),
        ("/api/tasks/gh-1/logs/1", answers.LogEntry),
        ("/api/tasks/gh-1/logs/stats", answers.LogStats),
        ("/api/tasks/gh-1/logs/stats?level=error", answers.LogStats),
        ("/api/tasks/gh-1/logs/sources", list[str]),
        ("/api/tasks/gh-1/logs/histogram?buckets=5", found_answers.Histogram),
        ("/api/tasks/gh-1/logs/histogram?search=nowhere", found_answers.Histogram),
        ("/api/tasks/gh-1/stages", found_answers.StageList),
        ("/api/tasks/gh-1/timeline?limit=3", found_answers.Timeline),
        ("/api/tasks/gh-1/files", found_answers.FileList),
        ("/api/tasks/gh-1/open?tail=3", found_answers.OpenedTask),
        ("/api/jobs/JB_1/logs", found_answers.JobLogPage),
        ("/api/jobs/JB_1/stages", found_answers.JobStages),
        ("/api/jobs/JB_1/tasks/c-1/logs", found_answers.ItemLogPage),
        ("/api/jobs/none/stages", found_answers.JobStages),
        ("/api/executions", found_answers.ExecutionPage),
        ("/api/executions?job_id=none", found_answers.ExecutionPage),
        ("/api/executions/PX_1", found_answers.Execution),
        ("/api/executions/PX_1/logs", found_answers.ExecutionLogPage),
        ("/api/alerts", found_answers.AlertList),
        ("/tasks/gh-1/logs", answers.TaskSections),
        ("/api/holds", answers.HoldList),
        ("/api/dead", answers.DeadLetterList),
        ("/health", answers.HealthAnswer),
        ("/ready", answers.ReadinessAnswer),
        ("/metrics", answers.MetricsAnswer),
        ("/api/tasks/none", answers.ProblemAnswer),
        ("/api/none", answers.ProblemAnswer),
    ],
)
def test_what_is_sent_has_the_shape(client: Client, path: str, kind: type) -> None:
    """Every key that is sent is documented, every documented key is sent."""
    answer = client.get(path, Accept="application/json")
    shown: object = msgspec.json.decode(answer.body, type=kind)
    again = msgspec.json.decode(msgspec.json.encode(shown))

    assert keys_of(msgspec.json.decode(answer.body)) <= keys_of(again)


def test_every_line_of_a_search_has_the_shape(client: Client) -> None:
    """A start, hits, an end; nothing that is not documented."""
    lines = client.get("/api/search?search=careful").body.splitlines()
    shown = [msgspec.json.decode(line, type=found_answers.SearchLine) for line in lines]
    again = [msgspec.json.decode(msgspec.json.encode(one)) for one in shown]

    assert [one.type for one in shown] == ["start", "hit", "end"]
    for line, one in zip(lines, again, strict=True):
        assert keys_of(msgspec.json.decode(line)) <= keys_of(one)


def keys_of(value: object, place: str = "") -> set[str]:
    """Every path to a value, list places left out."""
    if isinstance(value, dict):
        inner = (keys_of(one, f"{place}.{name}") for name, one in value.items())
        return {place}.union(*inner)
    if isinstance(value, list):
        return {place}.union(*(keys_of(one, place) for one in value))
    return {place}


def test_a_receipt_has_the_shape(client: Client) -> None:
    """Also the answer to events."""
    answer = client.post(b'[1,{"type":"task:log","task_id":"gh-2"}]')

    receipt = msgspec.json.decode(answer.body, type=answers.EventReceipt)
    assert receipt.accepted == 1
    assert receipt.rejected[0].index == 0


def test_every_section_of_the_first_design_is_there(client: Client) -> None:
    """The sections of a task that has something in each of them."""
    sections = client.get("/tasks/gh-1/logs").json()

    assert set(sections) >= {
        "metadata",
        "input",
        "user_inputs",
        "agent_output",
        "knowledge_interactions",
        "final_result",
        "response_posting",
    }


def test_the_prometheus_text_of_a_real_service_is_whole(client: Client) -> None:
    """Every figure has a value."""
    text = client.get("/metrics").body.decode()

    assert text.count("# TYPE") == 16
    assert "tasktrail_events_recorded_total" in text
