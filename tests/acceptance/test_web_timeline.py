"""The timeline in a browser: what it draws of many lanes, and what its address says."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.test_web_first_rows import held
from tests.support.running_service import RunningService

pytestmark = pytest.mark.live


def call(task: str, number: int) -> dict[str, object]:
    """A model call of a worker of its own."""
    at = f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z"
    who = {"task_id": task, "worker_id": f"w-{number}", "timestamp": at}
    return {"type": "task:api_call", **who, "data": {"model": "m", "duration_ms": 900}}


def test_a_lane_draws_its_marks_when_it_comes_into_sight(
    web_service: RunningService, web_page: Page
) -> None:
    """Until then it says in words alone what it holds."""
    web_service.record([call("lanes", number) for number in range(200)])
    web_page.goto(f"{web_service.url}/t/lanes/timeline?idle=show")
    last = web_page.get_by_role("group", name="w-199: 1 step")
    expect(web_page.get_by_role("group", name="w-0: 1 step").locator("a")).to_have_count(1)
    expect(last.locator("a")).to_have_count(0)
    last.scroll_into_view_if_needed()

    expect(last.locator("a")).to_have_count(1)


def test_the_address_says_where_the_last_of_many_steps_led(
    web_service: RunningService, web_page: Page
) -> None:
    """However quickly they follow each other, none is lost."""
    web_service.record([call("steps", number) for number in range(100)])
    web_page.goto(f"{web_service.url}/t/steps/timeline?x0=0&x1=10")
    later = web_page.get_by_role("button", name="later")
    later.wait_for()
    later.evaluate(
        "async (one) => { for (let i = 0; i < 4; i += 1) { one.click(); "
        "await new Promise(requestAnimationFrame); } }"
    )

    expect(web_page).to_have_url(re.compile(r"x0=20\.000&x1=30\.000"))


def test_the_first_deeds_are_drawn_and_then_all_of_them(
    web_service: RunningService, web_page: Page
) -> None:
    """Behind the first of very many the page asks for all that each lane has."""
    many = [call("many", 0) | {"worker_id": f"w-{number % 2}"} for number in range(4_100)]
    web_service.record(many)
    urls: list[str] = []
    web_page.on("request", lambda request: urls.append(request.url))
    web_page.goto(f"{web_service.url}/t/many/timeline")
    expect(web_page.get_by_role("group", name="w-1: 2,050 steps")).to_be_visible()

    asked = [url.partition("limit=")[2] for url in urls if "/timeline?" in url]
    assert asked in (["50000"], ["4000", "50000"]), "a busy server leaves the first to the page"


def test_a_part_of_the_deeds_stands_where_it_stands_among_all(
    web_service: RunningService, web_page: Page
) -> None:
    """While the rest is on its way the page says so, and shows the stretch of its address."""
    said = [call("part", number // 10) | {"worker_id": "w"} for number in range(5_000)]
    begun = {"type": "task:started", "task_id": "part", "timestamp": said[0]["timestamp"]}
    web_service.record([begun, *said])
    address = f"{web_service.url}/t/part/timeline?x0=450&x1=495"
    let = held(web_page, "**/timeline?limit=50000")
    web_page.goto(address)
    ticks = web_page.locator(".page ol > li:last-child")
    expect(web_page.get_by_text("Loading: these are those of the first 4,000")).to_be_visible()
    expect(web_page.get_by_text("From the first beginning to the last end: 08:19")).to_be_visible()
    before = ticks.inner_text()
    let()

    expect(web_page.get_by_role("group", name="w: 5,000 steps")).to_be_visible()
    assert ticks.inner_text() == before


def test_keys_move_over_the_timeline(web_service: RunningService, web_page: Page) -> None:
    """Closer, later, wider, earlier and all of it; what is whole goes nowhere."""
    web_service.record([call("keys", number) for number in range(101)])
    bare = f"{web_service.url}/t/keys/timeline"
    web_page.goto(bare)
    expect(web_page.get_by_role("button", name="closer")).to_be_visible()
    for key, place in [
        ("ArrowLeft", None),
        ("+", "x0=25.225&x1=75.675"),
        ("ArrowRight", "x0=50.450&x1=100.900"),
        ("ArrowLeft", "x0=25.225&x1=75.675"),
        ("-", None),
        ("=", "x0=25.225&x1=75.675"),
        ("0", None),
    ]:
        web_page.keyboard.press(key)
        expect(web_page).to_have_url(bare if place is None else f"{bare}?{place}")


def test_a_tool_that_has_not_answered_goes_on(web_service: RunningService, web_page: Page) -> None:
    """It is drawn as long as it has been in use, and says so in words."""
    who = {"task_id": "hangs", "worker_id": "w"}
    begun = {"timestamp": "2026-01-01T00:00:00Z", "data": {"name": "Bash", "input": "sleep"}}
    web_service.record(
        [{"type": "task:started", **who}, {"type": "task:tool_call", **who, **begun}]
    )
    web_page.goto(f"{web_service.url}/t/hangs/timeline")

    expect(web_page.locator("a.tool")).to_have_attribute(
        "title", re.compile(r"^Bash sleep, no result, \d+ d")
    )
    row = web_page.get_by_role("row").filter(has_text="Bash sleep, no result")
    expect(row.locator("td").first).to_have_text(re.compile(r"\d+ d"))
