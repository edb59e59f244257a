"""The web UI in a real browser over the installed service: live, still for readers, harmless."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.running_service import RunningService, start_service
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

FIRST_VISIBLE = """() => {
    const top = document.querySelector('.scroller').getBoundingClientRect().top;
    for (const row of document.querySelectorAll('[data-seq]')) {
        const distance = row.getBoundingClientRect().top - top;
        if (distance >= -0.5) return [row.dataset.seq, Math.round(distance)];
    }
}"""
IS_WIDER_THAN_WINDOW = "() => document.documentElement.scrollWidth > window.innerWidth"
ESC = "\x1b"
HOSTILE = (
    "<img src=x onerror=\"window.hacked='img'\">",
    "<script>window.hacked='script'</script>",
    "<svg onload=\"window.hacked='svg'\"><style>*{display:none}</style>",
    f"{ESC}[31mred{ESC}[0m <b onmouseover=\"window.hacked='b'\">bold</b>",
    f"{ESC}]8;;javascript:window.hacked='link'{ESC}\\click me{ESC}]8;;{ESC}\\",
    "\u202etxt.exe {{constructor.constructor('window.hacked=1')()}}",
)


def log_event(task_id: str, message: str, **rest: object) -> dict[str, Any]:
    """One log event as a producer sends it."""
    return {"type": "task:log", "task_id": task_id, "data": {"message": message}, **rest}


def open_log(page: Page, service: RunningService, task_id: str, entries: int) -> None:
    """The task's log in the browser, with so many entries recorded and the last one in view."""
    service.post([log_event(task_id, f"line {number}") for number in range(1, entries + 1)])
    page.goto(f"{service.url}/t/{task_id}")
    expect(page.get_by_text(f"line {entries}", exact=True)).to_be_visible()


def test_the_list_shows_a_task_that_starts_while_it_is_open(
    tmp_path: Path, web_service: RunningService, web_page: Page
) -> None:
    """The empty page becomes a list by itself, and its rows change without a reload."""
    del web_service  # it says whether there is a web UI; this root is empty
    with start_service(tmp_path / "root", environment={}) as service:
        web_page.goto(service.url)
        expect(web_page.get_by_role("heading", name="No tasks yet")).to_be_visible()
        started = {"type": "task:started", "task_id": "live-1", "data": {"title": "A live task"}}
        service.post([{**started, "type": "task:created"}, started])
        row = web_page.get_by_role("row").filter(has_text="live-1")

        expect(row).to_contain_text("active")
        expect(row).to_contain_text("A live task")
        expect(row.get_by_title("no price is known")).to_have_text("\u2013")
        service.post([log_event("live-1", "too hot", level="error")])
        expect(row.get_by_title("errors")).to_contain_text("1")


def test_any_name_of_a_task_is_listed_and_leads_to_it(
    web_service: RunningService, web_page: Page
) -> None:
    """Slashes at the ends, and whatever means something in an address, are a part of the name."""
    names = ["odd/name/", "/odd", "odd#b?c=1&d", "100% odd"]
    web_service.record([log_event(name, f"this is {name}") for name in names])
    for name in names:
        web_page.goto(f"{web_service.url}/?search=odd")
        web_page.locator(f"a[data-task='{name}']").click()
        expect(web_page.get_by_text(f"this is {name}", exact=True)).to_be_visible()
        web_page.get_by_role("link", name="Result", exact=True).click()

        expect(web_page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_way_back_leads_to_the_row_that_was_left(
    web_service: RunningService, web_page: Page
) -> None:
    """Far down the list, a look into a task and back: the same rows at the same place."""
    names = [f"back-{number:03}" for number in range(120)]
    web_service.record([{"type": "task:created", "task_id": name} for name in names])
    web_page.goto(f"{web_service.url}/?search=back-")
    web_page.get_by_role("button", name="Load more").click()
    row = web_page.locator("a[data-task='back-040']")
    row.scroll_into_view_if_needed()
    place = web_page.evaluate("scrollY")
    row.click()
    web_page.wait_for_url("**/back-040/log")
    web_page.go_back()

    expect(row).to_be_in_viewport()
    eventually(lambda: web_page.evaluate("scrollY"), place)


def test_the_log_follows_live(web_service: RunningService, web_page: Page) -> None:
    """New entries show up at the end, and the end of the task is told, without a reload."""
    open_log(web_page, web_service, "live-2", 300)
    web_page.evaluate("() => { window.isSamePage = true; }")
    web_service.post([log_event("live-2", "the newest of all", source="git")])

    expect(web_page.get_by_text("the newest of all")).to_be_visible()
    expect(web_page.locator("[data-state]")).to_have_attribute("data-state", "FOLLOW")
    done = {"type": "task:completed", "task_id": "live-2", "data": {"status": "success"}}
    web_service.post([done])
    expect(web_page.locator("[data-state]")).to_have_attribute("data-state", "ENDED")
    assert web_page.evaluate("() => window.isSamePage") is True


def test_a_reader_is_never_moved(web_service: RunningService, web_page: Page) -> None:
    """Scrolling up holds the view while entries arrive; they are counted and one key away."""
    open_log(web_page, web_service, "still", 400)
    web_page.mouse.move(600, 400)
    web_page.mouse.wheel(0, -600)
    expect(web_page.locator("[data-state]")).to_have_attribute("data-state", "HELD")
    web_page.wait_for_timeout(500)  # a wheel glides on for a moment
    before = web_page.evaluate(FIRST_VISIBLE)
    web_service.post([log_event("still", f"late {number}") for number in range(250)])
    expect(web_page.get_by_role("button", name="250 new")).to_be_visible()

    assert web_page.evaluate(FIRST_VISIBLE) == before
    web_page.keyboard.press("G")
    expect(web_page.get_by_text("late 249", exact=True)).to_be_visible()


def test_hostile_content_is_only_text(web_service: RunningService, web_page: Page) -> None:
    """Markup, terminal sequences and links in any field run nothing and are seen as text."""
    markup = HOSTILE[0]
    created = {"type": "task:created", "task_id": "evil", "data": {"title": markup}}
    web_service.post([created])
    web_service.post(
        [
            {**log_event("evil", text, source=markup, stage=markup), markup: {markup: text}}
            for text in HOSTILE
        ]
    )
    web_page.goto(web_service.url)
    expect(web_page.get_by_text(markup).first).to_be_visible()
    web_page.goto(f"{web_service.url}/t/evil/log#L4")
    expect(web_page.locator(".page .details")).to_contain_text("svg onload")
    feed = web_page.get_by_role("feed")
    expect(feed).to_contain_text("<script>window.hacked='script'</script>")
    expect(feed).to_contain_text("click me")

    assert feed.locator("img, script, svg, b, a:not(.seq)").count() == 0
    assert web_page.evaluate("() => [window.hacked, window.violations]") == [None, []]


def test_no_page_breaks_its_own_policy(web_service: RunningService, web_page: Page) -> None:
    """The pages run under the policy that the server sends, and ask nobody but the server."""
    asked: list[str] = []
    web_page.on("request", lambda request: asked.append(request.url))
    open_log(web_page, web_service, "strict", 3)
    web_page.get_by_role("link", name="Tasks").click()
    expect(web_page.get_by_text("strict").first).to_be_visible()
    page = web_page.request.get(web_service.url)

    assert "require-trusted-types-for 'script'" in page.headers["content-security-policy"]
    assert web_page.evaluate("() => window.violations") == []
    assert [url for url in asked if not url.startswith((web_service.url, "data:"))] == []


def test_a_permalink_opens_its_entry(web_service: RunningService, web_page: Page) -> None:
    """`#L<seq>` opens the log at that entry, highlighted and unfolded, far from the end."""
    web_service.post([log_event("linked", f"line {number}") for number in range(1, 2_001)])
    eventually(
        lambda: (
            web_page.request.get(f"{web_service.url}/api/tasks/linked/logs?limit=1")
            .json()
            .get("total_count")
        ),
        2_000,
    )
    web_page.goto(f"{web_service.url}/t/linked/log#L777")
    row = web_page.locator(".page [data-seq='777']")

    expect(row).to_be_in_viewport()
    expect(row).to_contain_class("linked")
    expect(row.locator(".details")).to_contain_text("line 777")
    expect(web_page.locator("[data-state]")).to_have_attribute("data-state", "LINKED")


def test_a_filter_lives_in_the_address(web_service: RunningService, web_page: Page) -> None:
    """A typed filter is answered by the server, counted against all, and kept by a reload."""
    open_log(web_page, web_service, "sieve", 250)
    web_page.keyboard.press("/")
    web_page.keyboard.type('"line 24"')
    expect(web_page.get_by_text("11 of 250")).to_be_visible()

    assert web_page.url.endswith("/t/sieve/log?q=%22line+24%22")
    web_page.reload()
    expect(web_page.get_by_text("11 of 250")).to_be_visible()
    expect(web_page.locator("[data-seq='100']")).to_have_count(0)


def test_a_dark_phone_shows_no_page_wider_than_itself(
    web_service: RunningService, web_page: Page
) -> None:
    """At 360 pixels, dark, both pages fit, whatever the texts in them."""
    web_page.set_viewport_size({"width": 360, "height": 740})
    web_page.emulate_media(color_scheme="dark")
    title = {"type": "task:created", "task_id": "narrow", "data": {"title": "wide" * 60}}
    web_service.post([title, log_event("narrow", "y" * 3_000, source="s" * 80, level="error")])
    web_page.goto(web_service.url)
    expect(web_page.get_by_role("link", name="wide").first).to_be_visible()
    is_list_wider = web_page.evaluate(IS_WIDER_THAN_WINDOW)
    open_log(web_page, web_service, "narrow", 40)

    assert (is_list_wider, web_page.evaluate(IS_WIDER_THAN_WINDOW)) == (False, False)
    dark = web_page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(13, 17, 23)"


def test_a_mistake_in_a_filter_is_shown_where_it_is(
    web_service: RunningService, web_page: Page
) -> None:
    """A filter that nobody understands is said to be so, and the rows of before stay."""
    open_log(web_page, web_service, "typo", 5)
    web_page.keyboard.press("/")
    web_page.keyboard.type("level>=loud")
    mistake = web_page.get_by_role("alert")

    expect(mistake).to_contain_text("expected one of debug, info, warning")
    expect(mistake.locator("mark")).to_have_text("loud")
    expect(web_page.get_by_text("line 5", exact=True)).to_be_visible()


def test_a_failed_task_opens_at_its_first_error(
    web_service: RunningService, web_page: Page
) -> None:
    """One click leads from the list to the entry that went wrong, one more to why."""
    task = "broken"
    lines = [log_event(task, f"line {number}") for number in range(1, 301)]
    lines[99] = log_event(task, "the patch does not apply", level="error")
    failed = {"type": "task:failed", "task_id": task, "data": {"error": "gave up"}}
    web_service.post([*lines, failed])
    web_page.goto(web_service.url)
    web_page.get_by_role("link", name=task).click()
    expect(web_page.locator("[data-seq='100']")).to_be_in_viewport()
    expect(web_page.locator("[data-seq='100']")).to_contain_class("linked")
    web_page.get_by_role("link", name="Result").click()

    expect(web_page.get_by_role("heading", name="Why it failed")).to_be_visible()
    expect(web_page.get_by_role("link", name="First error, entry 100")).to_be_visible()


def test_a_search_over_all_tasks_leads_to_the_entry(
    web_service: RunningService, web_page: Page
) -> None:
    """Hits stand with their tasks, are counted, and open the log at their entry."""
    web_service.post([log_event("near", f"needle {number}") for number in range(3)])
    web_service.post([log_event("far", "hay"), log_event("far", "a needle")])
    web_page.goto(f"{web_service.url}/search")
    web_page.get_by_label("Search all tasks").fill("needle")
    expect(web_page.get_by_text("4 of 4 in 2 tasks")).to_be_visible()
    web_page.get_by_role("region", name="Hits in far").get_by_role("link", name="#2").click()

    expect(web_page.locator("[data-seq='2']")).to_contain_class("linked")
    assert web_page.url.endswith("/t/far/log#L2")


def test_every_page_fits_a_phone_and_keeps_its_policy(
    web_service: RunningService, web_page: Page
) -> None:
    """Each page shows its heading at 360 pixels, no wider than that, without a forbidden act."""
    web_page.set_viewport_size({"width": 360, "height": 740})
    tool = {"name": "Bash", "input": {"command": "ls " + "x" * 300}, "_tool_use_id": "a"}
    web_service.post(
        [
            log_event("small", "y" * 500, level="error"),
            {"type": "task:tool_call", "task_id": "small", "data": tool},
            {"type": "task:output", "task_id": "small", "data": {"content": HOSTILE[0]}},
        ]
    )
    wrong: list[object] = []
    tabs = [f"/t/small/{tab}" for tab in ("result", "timeline", "chat", "cost", "files")]
    plain = ("/plain", "/t/small/plain")
    for path in ("/sessions", "/workers", "/jobs", "/cost", "/ops", "/help", *tabs, *plain):
        web_page.goto(web_service.url + path)
        expect(web_page.get_by_role("heading", level=1)).to_be_visible()
        web_page.wait_for_load_state("networkidle")
        is_wider = web_page.evaluate(IS_WIDER_THAN_WINDOW)
        state = web_page.evaluate("() => [window.hacked ?? null, window.violations]")
        wrong += [(path, is_wider, state)] if is_wider or state != [None, []] else []

    assert wrong == []
