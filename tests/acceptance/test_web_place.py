"""A reader of a log is never moved: a reload, the way back and a filter find where he stood."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import settle
from tests.support.running_service import RunningService

pytestmark = pytest.mark.live

SAME = 40  # lines that say the same
FIRST_IN_VIEW = """() => {
    const box = document.querySelector('.page .scroller');
    const { top } = box.getBoundingClientRect();
    const rows = [...box.querySelectorAll('[data-seq]')];
    const seen = rows.filter((row) => row.getBoundingClientRect().bottom > top + 1);
    return Math.min(...seen.map((row) => Number(row.dataset.seq)));
}"""
EMPTY_PIXELS = """() => {
    const box = document.querySelector('.page .scroller').getBoundingClientRect();
    const ends = [...document.querySelectorAll('.page .scroller [data-seq]')]
        .map((row) => row.getBoundingClientRect().bottom);
    return Math.max(0, box.bottom - Math.max(...ends));
}"""


def _record(service: RunningService, task: str, messages: list[str]) -> None:
    lines = [
        {"type": "task:log", "task_id": task, "data": {"message": message}} for message in messages
    ]
    lines[499] |= {"level": "error"}
    service.record(lines)


def test_a_reload_and_the_way_back_lead_to_where_one_read(
    web_service: RunningService, web_page: Page
) -> None:
    """The address keeps the first entry in view; at the end there is nothing to keep."""
    _record(web_service, "place-1", [f"line {number}" for number in range(1, 2_001)])
    web_page.goto(f"{web_service.url}/t/place-1/log")
    web_page.locator(".page [data-seq='2000']").wait_for()
    web_page.locator(".page .scroller").evaluate("(box) => { box.scrollTop = 20_000; }")
    web_page.wait_for_url(re.compile(r"\?at=\d+$"))
    first = web_page.evaluate(FIRST_IN_VIEW)
    web_page.reload()
    web_page.locator(f".page [data-seq='{first}']").wait_for()
    settle(web_page)
    assert web_page.evaluate(FIRST_IN_VIEW) == first

    web_page.get_by_role("link", name="Result").first.click()
    web_page.wait_for_url(re.compile("/result$"))
    web_page.go_back()
    web_page.locator(f".page [data-seq='{first}']").wait_for()
    settle(web_page)
    assert web_page.evaluate(FIRST_IN_VIEW) == first

    web_page.keyboard.press("G")
    web_page.wait_for_url(re.compile("/t/place-1/log$"))


def test_a_filter_that_is_taken_away_again_leaves_the_reader_where_he_was(
    web_service: RunningService, web_page: Page
) -> None:
    """Also where all that matches is in view, and stands elsewhere."""
    _record(web_service, "place-2", [f"line {number}" for number in range(1, 2_001)])
    web_page.goto(f"{web_service.url}/t/place-2/log?at=1200")
    web_page.locator(".page [data-seq='1200']").wait_for()
    web_page.keyboard.press("5")
    expect(web_page.locator(".page [data-seq='1200']")).to_have_count(0)
    expect(web_page.locator(".page [data-seq='500']")).to_be_visible()
    web_page.keyboard.press("1")
    web_page.locator(".page [data-seq='1200']").wait_for()
    settle(web_page)

    assert web_page.evaluate(FIRST_IN_VIEW) == 1_200


def test_a_log_opened_above_lines_that_say_the_same_is_full_of_rows(
    web_service: RunningService, web_page: Page
) -> None:
    """The folded ones take no room: neither where it opens nor below."""
    lines = [f"line {number}" for number in range(1, 501)]
    _record(web_service, "place-3", [*lines, *["same"] * SAME, *lines])
    web_page.goto(f"{web_service.url}/t/place-3/log#L500")
    web_page.locator(".page [data-seq='500'] .details").wait_for()
    for _ in range(4):
        settle(web_page)
        assert web_page.evaluate(EMPTY_PIXELS) == 0
        web_page.locator(".page .scroller").evaluate("(box) => { box.scrollTop += 300; }")
