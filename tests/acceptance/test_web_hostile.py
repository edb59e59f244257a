"""Two hundred hostile texts through every field: nothing of them runs, loads or steers."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import settle, trespasses
from tests.support.hostile import hostile_texts
from tests.support.running_service import RunningService
from tests.support.waiting import in_the_end
from tests.support.web_story import TASK, pages_of, story

pytestmark = pytest.mark.live

IS_WHOLE = os.environ.get("TASKTRAIL_WEB") == "whole"  # every page; else those that show most
SHORT = (f"/t/{TASK}/chat", f"/t/{TASK}/log", f"/t/{TASK}/knowledge", f"/t/{TASK}/flow", "/")
OPEN_ALL = """() => {
    for (const part of document.querySelectorAll('details')) part.open = true;
    for (const link of document.querySelectorAll('a[href]')) {
        if (!/^(https?|blob):$/.test(link.protocol)) window.hacked = link.href;
        const isTold = link.title === link.getAttribute('href') && /noopener/.test(link.rel);
        if (link.host !== location.host && !isTold) window.hacked = link.href;
    }
}"""


def test_nothing_of_two_hundred_hostile_texts_runs(
    web_service: RunningService, web_page: Page
) -> None:
    """They stand in titles, messages, sources, names, keys, tools, answers: text, every time."""
    texts = hostile_texts()
    asked: list[str] = []
    web_page.on("request", lambda request: asked.append(request.url))
    for first in range(0, len(texts), 40):
        web_service.record(story(texts[first : first + 40]))
    path = f"/api/tasks/{TASK}/logs?q=channel:agent_output&limit=1"
    assert len(texts) >= 200
    assert in_the_end(lambda: web_service.get(path)["total_count"] >= len(texts))
    found = [
        (path, said)
        for path in (pages_of() if IS_WHOLE else SHORT)
        if (said := look_at(web_page, web_service.url + path))
    ]

    assert found == []
    assert [url for url in asked if not url.startswith((web_service.url, "data:", "blob:"))] == []


def look_at(page: Page, url: str) -> list[str]:
    """What the page did that it should not, with all that can be opened on it open."""
    page.goto(url)
    settle(page)
    more = page.get_by_role("button", name="Go on reading")
    if more.count():
        more.click()
    page.evaluate(OPEN_ALL)
    page.mouse.wheel(0, 4_000)
    expect(page.locator("body")).to_be_visible()
    return trespasses(page)
