"""Every error has its status, and none tells of our insides."""

import pytest

from tasktrail import errors
from tasktrail.server.problems import PROBLEMS
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidFilter("x"), 400, "invalid_filter"),
        (errors.InvalidCursor("x"), 400, "invalid_cursor"),
        (errors.InvalidEvent("x"), 400, "invalid_event"),
        (errors.EventTooLarge("x"), 413, "event_too_large"),
        (errors.TaskNotFound("x"), 404, "task_not_found"),
        (errors.EntryNotFound("x"), 404, "entry_not_found"),
        (errors.NotFound("x"), 404, "not_found"),
        (errors.Overloaded("x"), 503, "overloaded"),
        (errors.StorageFailed("x"), 503, "storage_failed"),
        (errors.RootUnusable("x"), 503, "root_unusable"),
        (errors.LockHeld("x"), 503, "lock_held"),
        (errors.TornEntry("x"), 500, "internal_error"),
    ],
)
def test_each_error_has_its_status(
    client: Client, backend: FakeBackend, error: errors.TasktrailError, status: int, code: str
) -> None:
    """The table says which; the body repeats it."""
    backend.trouble = error
    answer = client.get("/api/tasks")

    assert answer.status == status
    assert (answer.json()["status"], answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_error_that_is_none_of_the_client_s_business_says_nothing(
    client: Client, backend: FakeBackend
) -> None:
    """What only our log understands stays there."""
    backend.trouble = errors.TornEntry("trail gh-1 at 4711")
    answer = client.get("/api/tasks")

    assert answer.status == 500
    assert b"4711" not in answer.body


def test_a_new_kind_of_error_answers_like_its_parent(client: Client, backend: FakeBackend) -> None:
    """A narrower error that the table does not list yet keeps its family's status."""

    class SessionNotFound(errors.NotFound):
        code = "session_not_found"

    backend.trouble = SessionNotFound("no such session")
    answer = client.get("/api/tasks")

    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_a_fault_of_ours_says_nothing_of_our_insides(
    client: Client, backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """The client sees that we failed; the log sees how."""
    backend.statuses = None  # type: ignore[assignment]
    backend.trails = None  # type: ignore[assignment]
    answer = client.get("/api/tasks")

    assert (answer.status, answer.json()["code"]) == (500, "internal_error")
    assert b"NoneType" not in answer.body
    assert "NoneType" in caplog.text


def test_a_wrong_method_names_the_right_ones(client: Client) -> None:
    """405 with Allow, as a problem."""
    answer = client.send("DELETE", "/api/tasks")

    assert (answer.status, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


def test_the_table_has_every_error_that_a_client_can_cause() -> None:
    """Each name of ours that is not only a matter of this process has a row."""
    inside = {
        "tasktrail_error",
        "invalid_setting",
        "damaged_frame",
        "torn_entry",
        "trail_unusable",
        "foreign_consumer",
        "port_in_use",
        "server_unreachable",
        "server_timeout",
    }
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.code for kind in kinds if issubclass(kind, errors.TasktrailError)}

    assert codes - inside - set(PROBLEMS) == set()
