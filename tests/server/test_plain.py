"""The pages without JavaScript: readable, bounded, and harmless whatever was recorded."""

import pytest
from msgspec import Raw

from tasktrail.server.plain import ENTRIES, is_plain
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend

MARKUP = "<img src=x onerror=alert(1)>"


def test_entries_stand_in_a_table_oldest_first(backend: FakeBackend, client: Client) -> None:
    """The last entries are shown in their order, with what they say."""
    backend.record("a")
    backend.record("a", level="error", message="it broke")
    answer = client.get("/t/a/plain")

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.body.index(b"message 1") < answer.body.index(b"it broke")
    assert b'<tr class="error">' in answer.body


def test_what_is_kept_as_json_breaks_no_page(backend: FakeBackend, client: Client) -> None:
    """Fields of an entry come as the JSON they were recorded as: its page is shown all the same."""
    backend.record("a", message="with fields", fields=Raw(b'{"deep": {"x": 1}}'))
    answer = client.get("/t/a/plain")

    assert answer.status == 200
    assert b"with fields" in answer.body


def test_a_page_is_bounded_and_says_of_how_much(backend: FakeBackend, client: Client) -> None:
    """The newest entries are asked for, and how many there are in all is said."""
    for _ in range(ENTRIES + 5):
        backend.record("a", notify=False)
    body = client.get("/t/a/plain").body

    assert f"{ENTRIES} of {ENTRIES + 5} entries".encode() in body
    assert backend.asked[-1][1].order == "desc"


def test_filters_hold_here_too(backend: FakeBackend, client: Client) -> None:
    """What is asked for is what the API takes."""
    for _ in range(3):
        backend.record("a")
    body = client.get("/t/a/plain?level=error").body

    assert b"0 of 0 entries" in body


def test_recorded_markup_is_text(backend: FakeBackend, client: Client) -> None:
    """Whatever field it stands in, markup is escaped."""
    backend.record("a", message=MARKUP, source=MARKUP, stage=MARKUP)
    body = client.get("/t/a/plain").body

    assert b"<img" not in body
    assert body.count(b"&lt;img") == 3


def test_tasks_lead_to_their_entries(backend: FakeBackend, client: Client) -> None:
    """The list of tasks has a link to each, relative, so that a prefix does not break it."""
    backend.record("gh-1")
    answer = client.get("/plain")

    assert answer.status == 200
    assert b'<a href="t/gh-1/plain">gh-1</a>' in answer.body


def test_an_unknown_task_is_said_to_be_so(client: Client) -> None:
    """A page with 404, and a way back."""
    answer = client.get("/t/nobody/plain")

    assert answer.status == 404
    assert b'href="../../plain"' in answer.body


def test_the_looks_are_allowed_by_the_policy(client: Client) -> None:
    """The style comes from the server itself, as the policy wants it."""
    answer = client.get("/plain/style.css")

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("path", "is_one"),
    [("/plain", True), ("/t/a/plain", True), ("/t/a/b/plain", False), ("/t/plain", False)],
)
def test_other_addresses_are_the_web_pages(path: str, *, is_one: bool) -> None:
    """Only these addresses are answered without JavaScript."""
    assert is_plain(path) is is_one
