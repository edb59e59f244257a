"""A page comes with what it asks for first, where that is there in time and nobody needs a key."""

import asyncio
import json
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pytest
from msgspec import structs

from tasktrail.server import first_answers
from tasktrail.server.first_answers import MARK, FirstAnswers
from tasktrail.server.guards import Message, Receive, Scope, Send
from tasktrail.server.ui import BUILD_HASH, WebUi
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend, serving, settings_of

BLOCK = re.compile(r'<script type="application/json" data-of="([^"]*)">(.*?)</script>', re.DOTALL)
LIST = "/api/tasks?limit=50"
REST = ("stages", "timeline?limit=4000")


@pytest.fixture
def pages(tmp_path: Path) -> WebUi:
    """A page for all addresses, and one for those of logs."""
    for name in ("index", "log"):
        page = f"<title>{name}</title>{MARK.decode()}<p>rest"
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    (tmp_path / BUILD_HASH).write_text("of these sources", encoding="utf-8")
    return WebUi(tmp_path)


def blocks_in(page: bytes) -> Mapping[str, object]:
    """What stands in a page, by the address that it answers."""
    return {unescape(of): json.loads(said) for of, said in BLOCK.findall(page.decode())}


def scope_of(path: str, query: str = "") -> Scope:
    """A request for a page, as the gate hands it on."""
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
    }


def sent_by(app: FirstAnswers, scope: Scope) -> list[Message]:
    """What an application sends for a request."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Routes that answer with what they were asked."""
    del receive
    said = json.dumps([scope["path"], scope["query_string"].decode(), "</script><b>"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said.encode()})


@pytest.mark.parametrize(
    ("path", "addresses"),
    [
        ("/", [LIST]),
        ("/t/gh-1/log", ["/api/tasks/gh-1/open?tail=200&preview=8192"]),
        (
            "/t/gh-1/timeline",
            [
                "/api/tasks/gh-1",
                "/api/tasks/gh-1/stages",
                "/api/tasks/gh-1/timeline?limit=4000",
            ],
        ),
    ],
)
def test_a_page_comes_with_what_the_routes_answer(
    pages: WebUi, backend: FakeBackend, tmp_path: Path, path: str, addresses: list[str]
) -> None:
    """Each answer is the one that its address gives."""
    backend.record("gh-1")
    with serving(backend, settings_of(tmp_path), ui=pages) as url:
        page = Client(url).get(path)
        answers = {address: Client(url).get(address).json() for address in addresses}

    assert blocks_in(page.body) == answers
    assert page.body.endswith(b"</script><p>rest")
    assert page.headers["cache-control"] == "no-store"


def test_answers_cannot_end_their_block(pages: WebUi) -> None:
    """No text of a task becomes part of the page."""
    page = sent_by(FirstAnswers(pages, echo), scope_of("/t/a/log"))[-1]["body"]
    (said,) = blocks_in(page).values()

    assert said == ["/api/tasks/a/open", "tail=200&preview=8192", "</script><b>"]
    assert page.count(b"</script>") == 1
    assert b"<b>" not in page


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("a:b", "a%3Ab"), ("a%3Ab", "a%3Ab"), ("a%2Fb", "a%2Fb"), ("it's(1)", "it's(1)")],
)
def test_ids_are_spelled_as_browsers_spell_them(pages: WebUi, name: str, spelled: str) -> None:
    """The page finds its answer by the address that it would ask at."""
    page = sent_by(FirstAnswers(pages, echo), scope_of(f"/t/{name}/log"))[-1]["body"]

    assert list(blocks_in(page)) == [f"/api/tasks/{spelled}/open?tail=200&preview=8192"]


@pytest.mark.parametrize(("path", "query"), [("/help", ""), ("/t/a/log", "level=error")])
def test_other_pages_come_as_they_are(pages: WebUi, path: str, query: str) -> None:
    """What a page with a filter asks for is not known here."""
    (start, body) = sent_by(FirstAnswers(pages, echo), scope_of(path, query))

    assert body["body"] == b"<title>index</title>" + MARK + b"<p>rest"
    assert (b"cache-control", b"no-cache") in start["headers"]


def test_the_beginning_does_not_wait_for_the_answers(pages: WebUi) -> None:
    """A browser makes itself ready while they are looked for."""
    sent = sent_by(FirstAnswers(pages, echo), scope_of("/t/a/log"))

    assert [message.get("body") for message in sent][:2] == [None, b"<title>log</title>"]
    assert len(sent) == 3


def test_a_refused_question_is_left_to_the_page(
    pages: WebUi, backend: FakeBackend, tmp_path: Path
) -> None:
    """It says what is wrong in its own words."""
    with serving(backend, settings_of(tmp_path), ui=pages) as url:
        page = Client(url).get("/t/none/timeline")
        refused = Client(url).get("/api/tasks/none")

    assert refused.status == 404
    assert list(blocks_in(page.body)) == [f"/api/tasks/none/{one}" for one in REST]


def test_where_a_key_is_needed_nothing_is_told(
    pages: WebUi, backend: FakeBackend, tmp_path: Path
) -> None:
    """A browser shows no key when it goes to an address."""
    closed = structs.replace(settings_of(tmp_path), api_key="secret")
    with serving(backend, closed, ui=pages) as url:
        page = Client(url).get("/t/gh-1/log")

    assert page.body == b"<title>log</title>" + MARK + b"<p>rest"


def test_what_takes_too_long_is_left_to_the_page(
    pages: WebUi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are in it all the same."""
    monkeypatch.setattr(first_answers, "SECONDS", 0.05)

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/stages"):
            await asyncio.Event().wait()
        await echo(scope, receive, send)

    page = sent_by(FirstAnswers(pages, slow), scope_of("/t/a/timeline"))[-1]["body"]

    assert list(blocks_in(page)) == ["/api/tasks/a", "/api/tasks/a/timeline?limit=4000"]
