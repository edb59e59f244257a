"""How much work the log makes a browser do: requests, rows and nodes, counted rather than timed."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.test_web_ui import log_event
from tests.support.running_service import RunningService
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

ENTRIES = 4_000
NODES_OF_A_ROW = 12  # elements, its own included: each is styled, laid out and painted
ROWS = "[data-rank]"
NEWEST = f".page [data-seq='{ENTRIES}']"
MARK_ROWS = """() => {
    const rows = [...document.querySelectorAll('[data-rank]')];
    rows.forEach((row) => { row.isOld = true; });
    return rows.length;
}"""
OLD_ROWS = "() => [...document.querySelectorAll('[data-rank]')].filter((row) => row.isOld).length"
JUMP = """(share) => {
    const box = document.querySelector('.scroller');
    box.scrollTop = share * (box.scrollHeight - box.clientHeight);
}"""
IN_VIEW = """() => {
    const { top, bottom } = document.querySelector('.scroller').getBoundingClientRect();
    return [...document.querySelectorAll('[data-seq]')].filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom && Number(row.dataset.seq) < 3000;
    }).length > 5;
}"""


def filled(service: RunningService, page: Page, task_id: str) -> str:
    """The address of a task's log that has many entries."""
    service.post([log_event(task_id, f"line {number}") for number in range(1, ENTRIES + 1)])
    counted = f"{service.url}/api/tasks/{task_id}/logs?limit=1"
    eventually(lambda: page.request.get(counted).json().get("total_count"), ENTRIES)
    return f"{service.url}/t/{task_id}/log"


def test_the_first_rows_of_a_log_take_one_answer(
    web_service: RunningService, web_page: Page
) -> None:
    """Header, stages and newest entries come with the page, or else with one question."""
    address = filled(web_service, web_page, "work-open")
    asked: list[str] = []
    web_page.on("request", lambda one: asked.append(one.url.removeprefix(web_service.url)))
    web_page.goto(address)
    web_page.locator(NEWEST).wait_for()
    expect(web_page.locator("header dl")).to_contain_text("Entries")

    assert len([one for one in asked if "/open?" in one]) <= 1
    assert [one for one in asked if re.search(r"/stages|/logs\?order=desc", one)] == []


def test_a_row_of_a_log_has_few_nodes(web_service: RunningService, web_page: Page) -> None:
    """What is drawn is about what is in sight, and each row is a handful of elements."""
    web_page.goto(filled(web_service, web_page, "work-rows"))
    web_page.locator(NEWEST).wait_for()
    row = web_page.locator(NEWEST)

    assert row.evaluate("(row) => row.querySelectorAll('*').length + 1") <= NODES_OF_A_ROW
    assert web_page.locator(ROWS).count() < 100


def test_a_jump_shows_other_entries_in_the_rows_that_are_there(
    web_service: RunningService, web_page: Page
) -> None:
    """Rows are not made and thrown away by a jump, unless somebody has one of them in hand."""
    web_page.goto(filled(web_service, web_page, "work-jump"))
    web_page.locator(NEWEST).wait_for()
    drawn = web_page.evaluate(MARK_ROWS)
    web_page.evaluate(JUMP, 0.5)
    web_page.wait_for_function(IN_VIEW)
    kept = web_page.evaluate(OLD_ROWS)
    web_page.keyboard.press("j")
    web_page.locator(f"{ROWS}:focus").wait_for()
    web_page.evaluate(MARK_ROWS)
    web_page.evaluate(JUMP, 0.1)
    web_page.wait_for_function("() => !document.querySelector('[data-rank]:focus')")

    assert kept > min(drawn, 15)
    assert web_page.evaluate(OLD_ROWS) == 0
