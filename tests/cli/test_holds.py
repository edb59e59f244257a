"""`tasktrail holds`."""

from pathlib import Path

from tasktrail.cli.figures import Fields
from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import accept, begin, serving


def flow(name: str, *types: str) -> list[Fields]:
    """A webhook's events, without a task."""
    return [{"type": one, "webhook_event_id": name, "data": {"source": "github"}} for one in types]


def test_flows_without_a_task_are_listed(tmp_path: Path) -> None:
    """What waits and what was skipped stand there, by file and by HTTP, what is bound does not."""
    bound = flow("w-3", "webhook:received")
    bound.append({"type": "webhook:task_created", "webhook_event_id": "w-3", "task_id": "gh-1"})
    skipped = flow("w-2", "webhook:received", "webhook:skipped")
    accept(tmp_path, [*flow("w-1", "webhook:received"), *skipped, *bound])
    table = tasktrail("holds", "--data", tmp_path)
    local = tasktrail("holds", "--json", "--data", tmp_path)
    with serving(tmp_path) as url:
        remote = tasktrail("holds", "--json", "--server", url)

    states = {one["webhook_event_id"]: one["state"] for one in json_lines(local.stdout)}
    assert states == {"w-1": "held", "w-2": "skipped"}
    assert json_lines(remote.stdout) == json_lines(local.stdout)
    assert "webhook:received, webhook:skipped\n" in table.stdout
    assert table.stderr == "2 flows without a task\n"


def test_no_flow_is_no_failure(tmp_path: Path) -> None:
    """An empty list prints nothing on stdout."""
    done = tasktrail("holds", "--data", begin(tmp_path))

    assert (done.returncode, done.stdout) == (0, "")
