"""No page has an accessibility fault that axe knows of, light or dark."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import IS_WIDER, settle
from tests.support.running_service import RunningService
from tests.support.web_story import TASK, pages_of, story

pytestmark = pytest.mark.live

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
IS_WHOLE = os.environ.get("TASKTRAIL_WEB") == "whole"  # every page; else those with most on them
SHORT = (f"/t/{TASK}/log", f"/t/{TASK}/timeline", f"/t/{TASK}/chat", "/cost?by=day", "/ops", "/")
EMPTY = (
    "/",
    "/live",
    "/sessions",
    "/workers",
    "/jobs",
    "/search",
    "/cost",
    "/ops",
    "/t/nobody/log",
)
FAULTS = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html)}`);
}"""
THEME = "(theme) => { document.documentElement.dataset.theme = theme; }"


@pytest.fixture
def axe() -> str:
    """The checker's program; skips where the tools of the web UI are not installed."""
    if not AXE.is_file():
        pytest.skip("needs axe-core: run `npm ci` in web/")
    return AXE.read_text(encoding="utf-8")


def faults_of(page: Page, url: str, axe: str) -> list[str]:
    """What axe finds on the page in both themes, and whether it is wider than a phone."""
    page.goto(url)
    settle(page)
    page.evaluate(axe)  # a script tag is what the page's policy forbids
    found: list[str] = []
    for theme in ("light", "dark"):
        page.evaluate(THEME, theme)
        found += [f"{theme} {fault}" for fault in page.evaluate(FAULTS)]
    return found + (["wider than the window"] if page.evaluate(IS_WIDER) else [])


def test_pages_with_everything_on_them(
    web_service: RunningService, web_page: Page, axe: str
) -> None:
    """Logs, conversations, charts, tables: zero violations in both themes."""
    texts = ["a plain text", "## A heading\n\n- a list\n\n`code`", "\x1b[31mred\x1b[0m text"]
    web_service.record(story(texts))
    paths = pages_of() if IS_WHOLE else SHORT
    found = {path: faults_of(web_page, web_service.url + path, axe) for path in paths}

    assert {path: faults for path, faults in found.items() if faults} == {}


def open_with_keys(page: Page, key: str) -> None:
    """A press of the key that opens a dialog; the dialog is there afterwards."""
    page.keyboard.press(key)
    expect(page.get_by_role("dialog").first).to_be_visible()


def open_with_a_press(page: Page, name: str) -> None:
    """A press of the button with that name; it stands open afterwards."""
    button = page.locator("button[aria-expanded]", has_text=name)
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize(
    ("path", "act", "what"),
    [
        ("/", open_with_keys, "Control+k"),
        ("/", open_with_keys, "?"),
        ("/", open_with_a_press, "Saved"),
        (f"/t/{TASK}/log", open_with_a_press, "What is there"),
    ],
)
def test_what_opens_over_a_page(
    web_service: RunningService,
    web_page: Page,
    axe: str,
    path: str,
    act: Callable[[Page, str], None],
    what: str,
) -> None:
    """The palette, the keys and the menus have no fault while they are open, in both themes."""
    web_service.record(story())
    web_page.goto(web_service.url + path)
    settle(web_page)
    act(web_page, what)
    web_page.evaluate(axe)
    found: list[str] = []
    for theme in ("light", "dark"):
        web_page.evaluate(THEME, theme)
        found += web_page.evaluate(FAULTS)

    assert found == []


@pytest.mark.skipif(not IS_WHOLE, reason="a part of `make web-whole`: TASKTRAIL_WEB=whole")
def test_pages_with_nothing_on_them(web_service: RunningService, web_page: Page, axe: str) -> None:
    """Empty pages, and pages of things that are not there, have none either."""
    web_page.set_viewport_size({"width": 360, "height": 740})
    found = {path: faults_of(web_page, web_service.url + path, axe) for path in EMPTY}

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.skipif(not IS_WHOLE, reason="a part of `make web-whole`: TASKTRAIL_WEB=whole")
@pytest.mark.parametrize("state", ["error", "loading"])
def test_pages_that_wait_or_failed(
    web_service: RunningService, web_page: Page, axe: str, state: str
) -> None:
    """An API that fails, or does not answer, leaves pages that say so, in both themes."""

    def answer(route: object) -> None:
        if state == "error":
            route.fulfill(status=500, json={"code": "internal", "detail": "it broke"})  # type: ignore[attr-defined]

    web_page.route("**/api/**", answer)
    found: dict[str, list[str]] = {}
    for path in pages_of():
        web_page.goto(web_service.url + path)
        web_page.wait_for_timeout(600)  # what waits says so after a moment
        web_page.evaluate(axe)
        for theme in ("light", "dark"):
            web_page.evaluate(THEME, theme)
            found.setdefault(path, []).extend(web_page.evaluate(FAULTS))

    assert {path: faults for path, faults in found.items() if faults} == {}
