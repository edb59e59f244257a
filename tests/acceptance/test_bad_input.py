"""Bad input costs itself only: a clear answer, and everything around it is recorded."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasktrail.model.ids import directory_name
from tests.acceptance.test_end_to_end import trail_lines
from tests.support.redis_server import RedisServer
from tests.support.running_service import PROGRAM, RunningService, start_service
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

MIB = 1 << 20
GOOD = {"type": "task:output", "task_id": "stream", "data": '{"content":"good"}'}
POISON = [
    ({"task_id": "t", "data": "{}"}, "`type` or `event_type`"),
    ({"type": "task:output", "data": "{}"}, "expected task_id"),
    ({"type": "task:output", "task_id": "t", "data": "no JSON"}, "data"),
    ({"type": "task:output", "task_id": "t", "data": "[1,2]"}, "JSON object"),
    ({"type": "task:output", "task_id": "t", "data": '{"a":NaN}'}, "data"),
    ({"type": "task:output", "task_id": "t", "data": b'{"a":"\xff\xfe"}'}, "UTF-8"),
]


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis for all tests of this file."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, stream: RedisServer
) -> Iterator[RunningService]:
    """One service for all tests of this file, each with tasks of its own; 24 MiB for an event."""
    environment = {"REDIS_URL": stream.url, "TASKTRAIL_MAX_EVENT_BYTES": str(24 * MIB)}
    folder = tmp_path_factory.mktemp("bad-input")
    with start_service(folder / "root", environment=environment) as running:
        yield running


def dead(service: RunningService) -> list[dict[str, Any]]:
    """The dead letters, as the API lists them."""
    return list(service.get("/api/dead")["dead_letters"])


def task_ids(service: RunningService) -> set[str]:
    """Every task there is."""
    return {one["task_id"] for one in service.get("/api/tasks?limit=1000")["tasks"]}


def output(content: str, task_id: str) -> dict[str, Any]:
    """A line of output."""
    return {"type": "task:output", "task_id": task_id, "data": {"content": content}}


def test_poison_in_the_stream_goes_aside_with_its_reason(
    service: RunningService, stream: RedisServer
) -> None:
    """Each unusable entry is a dead letter and acknowledged; its neighbours are recorded."""
    client = stream.client
    for fields, _ in POISON:
        client.xadd("task_events", fields)  # type: ignore[arg-type]
        client.xadd("task_events", GOOD)  # type: ignore[arg-type]
    eventually(lambda: len(trail_lines(service.root, "stream")), len(POISON))

    letters = dead(service)
    assert len(letters) == len(POISON)
    for letter, (_, reason) in zip(letters, POISON, strict=True):
        assert reason in letter["reason"]
    eventually(stream.pending, 0)


def test_unknown_types_and_fields_are_kept(service: RunningService) -> None:
    """What nobody has heard of is recorded in events, as it came."""
    service.record(
        [{"type": "vector:v9", "task_id": "odd", "odd": [1.50], "data": {"x": {"y": None}}}]
    )

    row = service.get("/api/tasks/odd/logs")["logs"][0]
    assert (row["channel"], row["event_type"]) == ("events", "vector:v9")
    assert row["event"]["odd"] == [1.50]
    assert row["event"]["data"] == {"x": {"y": None}}


def test_twenty_megabytes_come_back_whole(service: RunningService, stream: RedisServer) -> None:
    """A very long line is accepted by every door and answered byte for byte."""
    content = "0123456789abcdef" * (20 * MIB // 16)
    service.record([output(content, "large")])
    fields = GOOD | {"task_id": "large", "data": json.dumps({"content": content})}
    stream.client.xadd("task_events", fields)  # type: ignore[arg-type]
    eventually(lambda: service.get("/api/tasks/large/logs?preview=10")["total_count"], 2)

    rows = service.get("/api/tasks/large/logs")["logs"]
    assert [row["message"] for row in rows] == [content, content]


def test_an_event_above_the_limit_is_refused_before_acceptance(service: RunningService) -> None:
    """413 says the limit; nothing of it is recorded, other tasks are not troubled."""
    body = json.dumps(output("x" * 25 * MIB, "too-large")).encode()
    status, answer = service.request("POST", "/api/events", body)
    service.record([output("small", "beside")])

    assert status == 413
    assert json.loads(answer)["code"] == "event_too_large"
    assert {"too-large", "beside"} & task_ids(service) == {"beside"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no JSON", 400),
        (b'{"type":"x"}', 400),
        (b'{"type":"x","task_id":"bad","data":[]}', 400),
        (b'{"type":"x","task_id":"bad","data":{"a":NaN}}', 400),
        (b'{"type":"x","task_id":"bad","data":{"a":"\xff"}}', 400),
        (b'{"type":"x","task_id":"bad","data":' + b"[" * 100_000, 400),
    ],
)
def test_bad_bodies_get_a_problem(service: RunningService, body: bytes, status: int) -> None:
    """A body that holds no event says what was expected; nothing is recorded."""
    found, answer = service.request("POST", "/api/events", body)

    assert found == status
    problem = json.loads(answer)
    assert problem["code"]
    assert problem["detail"]
    assert "bad" not in task_ids(service)


def test_a_bad_event_among_good_ones_costs_only_itself(service: RunningService) -> None:
    """The receipt names the place and the reason of what was refused."""
    sent = [output("a", "mixed"), {"type": "x"}, output("b", "mixed"), ["no", "event"]]
    receipt = service.record(json.dumps(sent).encode())

    assert receipt["accepted"] == 2
    assert [one["index"] for one in receipt["rejected"]] == [1, 3]
    assert all(one["reason"].startswith("expected") for one in receipt["rejected"])
    assert [row["message"] for row in service.get("/api/tasks/mixed/logs")["logs"]] == ["a", "b"]


@pytest.mark.parametrize("hostile", ["../../x", "y" * 300, "nul\0id", "a/b", "%2e%2e", "é \u202e"])
def test_hostile_ids_are_ids_like_any_other(service: RunningService, hostile: str) -> None:
    """They never become paths, and every answer knows their true name."""
    service.record([output("hello", hostile)])
    path = "/api/tasks/" + "".join(f"%{byte:02X}" for byte in hostile.encode())

    assert service.get(path)["task_id"] == hostile
    assert service.get(path + "/logs")["logs"][0]["message"] == "hello"
    assert not (service.root.parent / "x").exists()
    assert directory_name(hostile) in {one.name for one in (service.root / "tasks").iterdir()}


def test_how_a_task_ends_is_told_once(service: RunningService) -> None:
    """A failed completion is a failure; what comes after the first end is kept, not believed."""
    end = {"type": "task:completed", "data": {"status": "failed", "result": "no"}}
    service.record([end | {"task_id": "a"}])
    service.record([{"type": "task:completed", "task_id": "b"}])
    service.record([{"type": "task:failed", "task_id": "b", "data": {"error": "late"}}])

    assert service.get("/api/tasks/a")["status"] == "failed"
    late = service.get("/api/tasks/b")
    assert (late["status"], late["error"], late["counts"]["entries"]) == ("completed", None, 2)
    assert service.get("/tasks/b/logs")["final_result"]["success"] is True


@pytest.mark.parametrize("first", ["engine", "dashboard"])
def test_two_creations_merge_in_either_order(service: RunningService, first: str) -> None:
    """The dashboard and the engine both say that a task was created."""
    said = {
        "engine": {"source": "unknown", "session_id": "s-1", "assigned_agent": "brain"},
        "dashboard": {"source": "dashboard", "conversation_id": "c-1", "input_message": "Do it"},
    }
    order = sorted(said, key=lambda name: name != first)
    service.record([{"type": "task:created", "task_id": first, "data": said[one]} for one in order])

    task = service.get(f"/api/tasks/{first}")
    assert (task["source"], task["session_id"], task["agent"]) == ("dashboard", "s-1", "brain")
    assert (task["title"], task["counts"]["entries"]) == ("Do it", 2)


def test_a_redis_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    """The trouble is said, recorded tasks are served meanwhile, and everything sent arrives."""
    with ExitStack() as stack:
        server = stack.enter_context(RedisServer(tmp_path / "redis", appendonly=True))
        environment = {"REDIS_URL": server.url}
        service = stack.enter_context(start_service(tmp_path / "root", environment=environment))
        server.client.xadd("task_events", GOOD)  # type: ignore[arg-type]
        eventually(lambda: len(service.get("/api/tasks/stream/logs")["logs"]), 1)
        server.kill()
        eventually(lambda: service.get("/health")["status"], "degraded")
        assert len(service.get("/api/tasks/stream/logs")["logs"]) == 1
        server.start()
        server.client.xadd("task_events", GOOD)  # type: ignore[arg-type]
        eventually(lambda: len(trail_lines(service.root, "stream")), 2)
        eventually(lambda: service.get("/health")["status"], "healthy")


def start_and_fail(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed command, which is expected to give up at once."""
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    return subprocess.run(
        [str(PROGRAM), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )


def test_a_root_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """One line names the root and the reason; nothing is started."""
    (tmp_path / "file").write_text("no directory")
    ended = start_and_fail("serve", "--data", str(tmp_path / "file" / "root"), "--port", "0")

    assert ended.returncode == 1
    assert str(tmp_path / "file" / "root") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    """One line names the address that is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = start_and_fail("serve", "--data", str(tmp_path / "root"), "--port", port)

    assert ended.returncode == 1
    assert port in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unknown_task_is_not_found(service: RunningService) -> None:
    """Every surface says so with its own word for it."""
    assert httpx.get(f"{service.url}/api/tasks/none").json()["code"] == "task_not_found"
    assert httpx.get(f"{service.url}/tasks/none/logs").json()["detail"] == "Task not found"
    assert start_and_fail("task", "none", "--data", str(service.root)).returncode == 3
