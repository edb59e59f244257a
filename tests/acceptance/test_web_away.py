"""A server that is away or wants a key: each page says so, shows nothing false, and goes on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.running_service import RunningService, start_service

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("web_service")]

KEY = "sekret-ß1"
NEEDS_KEY = "This server wants a key. Type it under Settings."


def log(task: str, text: str) -> dict[str, object]:
    """A log event."""
    return {"type": "task:log", "task_id": task, "data": {"message": text}}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningService]:
    """A service of this test alone, with a task."""
    with start_service(tmp_path / "root", environment={}) as service:
        service.record([log("away", "line")])
        yield service


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that wants a key with a letter beyond ASCII."""
    root = tmp_path_factory.mktemp("closed") / "root"
    with start_service(root, environment={"TASKTRAIL_API_KEY": KEY}) as service:
        yield service


def test_a_log_that_cannot_be_read_is_not_live(own: RunningService, web_page: Page) -> None:
    """Reached by the way back while the server is away, it connects again, and counts nothing."""
    state, count = web_page.locator("[data-state]"), web_page.get_by_title("entries shown of all")
    web_page.goto(f"{own.url}/t/away/log")
    expect(state).to_have_attribute("data-state", "FOLLOW")
    web_page.get_by_role("link", name="Timeline").click()
    expect(web_page).to_have_url(f"{own.url}/t/away/timeline")
    own.kill()
    web_page.go_back()

    expect(state).to_have_attribute("data-state", "RECONNECTING")
    expect(count).to_have_text("")
    own.start()
    expect(state).to_have_attribute("data-state", "FOLLOW")
    expect(web_page.locator("[data-seq]")).to_have_count(1)


def test_a_tab_that_was_never_opened_comes_when_the_server_does(
    own: RunningService, web_page: Page
) -> None:
    """Its program cannot be had while the server is away: the page says so, and asks again."""
    web_page.goto(f"{own.url}/t/away/log")
    expect(web_page.locator("[data-state]")).to_have_attribute("data-state", "FOLLOW")
    own.kill()
    web_page.get_by_role("link", name="Result").click()

    expect(web_page.get_by_role("heading", name="The server cannot be reached")).to_be_visible()
    own.start()
    expect(web_page.get_by_role("heading", name="Result", exact=True)).to_be_visible()
    expect(web_page).to_have_url(f"{own.url}/t/away/result")


def test_figures_of_a_server_that_is_away_are_old(own: RunningService, web_page: Page) -> None:
    """Nobody is healthy who does not answer."""
    web_page.goto(f"{own.url}/ops")
    expect(web_page.get_by_text("✓ healthy")).to_be_visible()
    own.kill()

    expect(web_page.get_by_text("? was healthy")).to_be_visible()
    own.start()
    expect(web_page.get_by_text("✓ healthy")).to_be_visible()


@pytest.mark.parametrize("path", ["/live", "/t/kept/log"])
def test_live_pages_say_that_a_key_is_wanted(
    closed: RunningService, web_page: Page, path: str
) -> None:
    """A refused socket does not say why; the page does."""
    web_page.goto(closed.url + path)

    expect(web_page.get_by_text(NEEDS_KEY).first).to_be_visible()
    expect(web_page.locator("[data-state]")).to_contain_text("no access")
    expect(web_page.get_by_text("Looking for the last minutes")).to_have_count(0)


def test_settings_say_whether_the_server_takes_the_key(
    closed: RunningService, web_page: Page
) -> None:
    """A wrong one is not kept; the right one opens every page, whatever letters it has."""
    web_page.goto(f"{closed.url}/settings")
    field = web_page.get_by_role("textbox", name="Key of the server")
    field.fill("wrong ключ")
    field.press("Enter")
    expect(web_page.get_by_text("The server refuses that key: it was not kept.")).to_be_visible()
    assert web_page.evaluate("localStorage.getItem('tasktrail.key')") is None
    field.fill(KEY)
    field.press("Enter")
    expect(web_page.get_by_text("✓ A key is kept, and the server takes it.")).to_be_visible()

    web_page.goto(f"{closed.url}/live")
    expect(web_page.locator("[data-state]")).to_have_attribute("data-state", "FOLLOW")
    expect(web_page.get_by_text("was recorded in the last 15 minutes")).to_be_visible()


def test_live_begins_with_the_newest_of_all_tasks(
    web_service: RunningService, web_page: Page
) -> None:
    """The last hundred stand in the order recorded; what is left out is counted."""
    web_service.record([log("early", f"early {number}") for number in range(30)])
    web_service.record([log("much", f"much {number}") for number in range(90)])
    web_service.record([log("early", "last of all")])
    web_page.goto(f"{web_service.url}/live")
    expect(web_page.get_by_text("last of all")).to_be_visible()
    found = json.loads(
        web_page.evaluate(
            "JSON.stringify([...document.querySelectorAll('.message')].map((e) => e.innerText))"
        )
    )

    assert [text.strip() for text in found] == [
        *(f"early {number}" for number in range(21, 30)),
        *(f"much {number}" for number in range(90)),
        "last of all",
    ]
    expect(web_page.get_by_text("21 older ones are in their tasks' logs.")).to_be_visible()
