"""What a reader does without a pointer: every page and every act has its keys."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import settle
from tests.support.running_service import RunningService
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

CLIPBOARD = "() => navigator.clipboard.readText()"
PAGES = ("Live", "Sessions", "Workers", "Jobs", "Search", "Cost", "Ops", "Settings", "Help")
UNREACHED = """() => [...document.querySelectorAll('button, a[href], input, select, summary')]
    .filter((one) => one.tabIndex < 0 && one.checkVisibility() && !one.closest('[role=article]'))
    .map((one) => one.outerHTML.slice(0, 120))"""


def test_the_first_error_of_a_failed_task_and_its_link_take_three_keys(
    web_service: RunningService, web_page: Page
) -> None:
    """From the list: to the task, into it, and its address is copied."""
    lines = [
        {"type": "task:log", "task_id": "keys-1", "data": {"message": f"line {number}"}}
        for number in range(1, 200)
    ]
    lines[79] |= {"level": "error"}
    failed = {"type": "task:failed", "task_id": "keys-1", "data": {"error": "gave up"}}
    web_service.record([*lines, failed])
    web_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    web_page.goto(web_service.url)
    web_page.locator("a[data-task='keys-1']").wait_for()
    web_page.keyboard.press("j")
    web_page.keyboard.press("Enter")
    expect(web_page.locator("[data-seq='80']")).to_contain_class("linked")
    web_page.keyboard.press("y")

    eventually(
        lambda: str(web_page.evaluate(CLIPBOARD)).endswith("/t/keys-1/log#L80"), expected=True
    )
    web_page.reload()  # nothing has the focus then: what the address marks is at hand
    expect(web_page.locator(".page [data-seq='80']")).to_contain_class("linked")
    web_page.evaluate("() => navigator.clipboard.writeText('')")
    web_page.keyboard.press("y")
    eventually(
        lambda: str(web_page.evaluate(CLIPBOARD)).endswith("/t/keys-1/log#L80"), expected=True
    )


def test_keys_go_on_from_where_one_went(web_service: RunningService, web_page: Page) -> None:
    """After the end or the beginning, the entry that the address still names is behind one."""
    lines = [
        {"type": "task:log", "task_id": "keys-2", "data": {"message": f"line {number}"}}
        for number in range(1, 400)
    ]
    for number in (100, 200, 300):
        lines[number - 1] |= {"level": "error"}
    web_service.record(lines)
    web_page.goto(f"{web_service.url}/t/keys-2/log#L100")
    expect(web_page.locator(".page [data-seq='100']")).to_contain_class("linked")
    web_page.keyboard.press("G")
    web_page.keyboard.press("E")
    expect(web_page.locator("[data-seq='300']")).to_contain_class("linked")
    web_page.keyboard.press("g")
    expect(web_page.locator("[data-seq='1']")).to_be_visible()
    web_page.keyboard.press("j")

    expect(web_page.locator("[data-seq='1']")).to_contain_class("focused")
    web_page.keyboard.press("e")
    expect(web_page.locator(".page [data-seq='100']")).to_contain_class("linked")


def test_every_page_is_reached_by_the_palette(web_service: RunningService, web_page: Page) -> None:
    """Its key, some letters of the name, and Enter; what can be pressed there can be focused."""
    unreached: dict[str, list[str]] = {}
    web_page.goto(web_service.url)
    settle(web_page)
    for name in PAGES:
        web_page.keyboard.press("Control+k")
        web_page.get_by_label("Command, page or task").fill(name)
        web_page.keyboard.press("Enter")
        expect(web_page).to_have_title(f"{name} · Tasktrail")
        settle(web_page)
        unreached |= {name: found} if (found := web_page.evaluate(UNREACHED)) else {}

    assert unreached == {}
