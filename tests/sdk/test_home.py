"""Where a client keeps, another process can keep too."""

import pickle
from pathlib import Path

import pytest

import tasktrail
from tasktrail.sdk.home import Home
from tests.support.outboxes import Told, events_in


@pytest.mark.parametrize(
    ("target", "environ"),
    [
        ("http://127.0.0.1:8090", {"TASKTRAIL_URL": "http://127.0.0.1:8090"}),
        ("redis://127.0.0.1/0", {"TASKTRAIL_URL": "redis://127.0.0.1/0"}),
        ("/data/root", {"TASKTRAIL_DATA": "/data/root"}),
    ],
)
def test_the_environment_of_a_child_names_the_place(target: str, environ: dict[str, str]) -> None:
    """An address as such, a path as a data root."""
    home = Home(target, buffered=False, durable=False, level=None, rejoin=print)

    assert home.environ() == environ


def test_a_task_that_travels_is_joined_where_it_arrives(told: Told) -> None:
    """With its ids; it tells no second beginning and no end."""
    with told.task("a", session_id="s") as task:
        there = pickle.loads(pickle.dumps(task))  # noqa: S301 - our own
        with there:
            there.logger.info("from there")
        there.client.close()

    assert told.types().count("task:completed") == 1
    entry = next(event for event in told.events if event["type"] == "task:log")
    assert (entry["task_id"], entry["session_id"]) == ("a", "s")


def test_a_client_that_travels_keeps_in_the_same_place(tmp_path: Path) -> None:
    """Also as it kept: durable, buffered, from a level on."""
    client = tasktrail.connect(tmp_path, buffered=True, level="info")
    there: tasktrail.Client = pickle.loads(pickle.dumps(client))  # noqa: S301 - our own
    again = pickle.loads(pickle.dumps(client))  # noqa: S301 - our own
    there.send("x", task_id="t")
    there.close()

    assert (there.home, there is again) == (client.home, True)
    assert len(events_in(tmp_path)) == 1
