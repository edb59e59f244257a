"""A log's rows before its program is there: the same in the same place, and never in the way."""

import re
import threading
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.acceptance.test_web_ui import log_event
from tests.support.browser import settle, trespasses
from tests.support.running_service import RunningService
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

PROGRAM = "**/entry/start*"
EARLY = ".first-rows [data-seq]"
OWN = ".page .scroller [data-seq]"
OPENER = ".first-rows [data-seq='69'] .opener"
OPENED = ".page [data-seq='69'] .inside"
SEEN = """(rows) => [...document.querySelectorAll(rows)].map((row) => {
    const { top, height } = row.getBoundingClientRect();
    const words = row.textContent.replaceAll(/\\s/g, '');
    return [row.dataset.seq, words, Math.round(top), Math.round(height)];
})"""
BARE = """(() => {
    let wasOpen = false;
    window.bare = 0;
    const look = () => {
        const isOpen = [...document.querySelectorAll('.linked .details dl')].some((one) =>
            one.checkVisibility());
        wasOpen ||= isOpen;
        if (wasOpen && !isOpen) window.bare += 1;
        requestAnimationFrame(look);
    };
    look();
})()"""
COVERED = """(() => {
    window.covered = 0;
    new MutationObserver(() => {
        window.covered += document.querySelectorAll('.first-rows').length;
    }).observe(document, { childList: true, subtree: true });
})()"""
LINES = "\n".join(f"part {number}" for number in range(40))
SAID = (
    *("plain", "same", "same", "same", "\x1b[31mred\x1b[0m", "<img src=x onerror=alert(1)>"),
    *(LINES, "لا", "after"),
)


def held(page: Page, what: str = PROGRAM) -> Callable[[], None]:
    """Keeps the program from coming, or what is named; what is answered lets it come."""
    waiting: list[Route] = []
    is_over = threading.Event()

    def hold(route: Route) -> None:
        if is_over.is_set():
            route.continue_()
        else:
            waiting.append(route)

    def let() -> None:
        is_over.set()
        while waiting:
            waiting.pop().continue_()

    page.route(what, hold)
    return let


def without_answers(route: Route) -> None:
    """Hands on a page as it is where nothing is put into it."""
    page = route.fetch()
    assert " data-of=" in page.text()
    route.fulfill(response=page, body=page.text().replace(" data-of=", " data-not="))


def nodes_of(page: Page) -> set[int]:
    """The numbers of its program's parts, filled as it asks for them."""
    asked: set[int] = set()

    def note(request: Request) -> None:
        asked.update(int(number) for number in re.findall(r"/nodes/(\d+)\.", request.url))

    page.on("request", note)
    return asked


def log_of(service: RunningService, page: Page, task_id: str) -> str:
    """The address of a log whose rows are of many kinds."""
    events = [log_event(task_id, f"line {number}") for number in range(60)]
    events += [log_event(task_id, words) for words in SAID]
    call = {"model": "opus", "tokens_input": 6, "cost_usd": 0.25, "duration_ms": 800}
    events[-len(SAID)] = {"type": "task:api_call", "task_id": task_id, "data": call}
    service.post(events)
    counted = f"{service.url}/api/tasks/{task_id}/logs?limit=1"
    eventually(lambda: page.request.get(counted).json().get("total_count"), len(events))
    return f"{service.url}/t/{task_id}/log"


@pytest.mark.parametrize("is_asked", [False, True])
def test_rows_stand_where_the_program_draws_them(
    web_service: RunningService, web_page: Page, *, is_asked: bool
) -> None:
    """What is drawn before the program is there says the same in the same place as after it.

    Also where the page asks for it by itself, as where a key is needed.
    """
    address = log_of(web_service, web_page, f"first-rows-{is_asked}")
    if is_asked:
        web_page.route(address, without_answers)
    let = held(web_page)
    web_page.goto(address, wait_until="commit")
    web_page.locator(EARLY).first.wait_for()
    early = {seq: rest for seq, *rest in web_page.evaluate(SEEN, EARLY)}
    let()
    web_page.locator(OWN).first.wait_for()
    own = {seq: rest for seq, *rest in web_page.evaluate(SEEN, OWN)}
    both = sorted(early.keys() & own.keys(), key=int)

    assert len(both) >= len(SAID)
    assert [early[seq] for seq in both] == [own[seq] for seq in both]
    expect(web_page.locator(".first-rows")).to_have_count(0)
    assert trespasses(web_page) == []


@pytest.mark.parametrize(
    ("task_id", "act", "seen"),
    [
        ("pressed", lambda page: page.keyboard.type("/part"), ".page [data-seq='67']:only-child"),
        ("clicked", lambda page: page.locator(OPENER).click(), OPENED),
    ],
)
def test_who_is_faster_than_the_program_is_heard(
    web_service: RunningService,
    web_page: Page,
    task_id: str,
    act: Callable[[Page], None],
    seen: str,
) -> None:
    """What is pressed and typed on rows that were drawn before the program is done by it."""
    address = log_of(web_service, web_page, task_id)
    let = held(web_page)
    web_page.goto(address, wait_until="commit")
    web_page.locator(EARLY).first.wait_for()
    act(web_page)
    let()

    expect(web_page.locator(seen)).to_have_count(1)
    expect(web_page.locator(".first-rows")).to_have_count(0)


@pytest.mark.parametrize("stages", [(), ("plan", "build")])
def test_a_linked_entry_stays_where_it_was_drawn(
    web_service: RunningService, web_page: Page, stages: Sequence[str]
) -> None:
    """Neither its details nor what comes above the log a moment later moves it."""
    task_id = f"first-linked-{len(stages)}"
    begun = [{"type": "stage:started", "task_id": task_id, "stage": one} for one in stages]
    address = log_of(web_service, web_page, task_id)
    web_service.record([{**one, "data": {"stage": one["stage"]}} for one in begun])
    let = held(web_page)
    web_page.goto(f"{address}#L30", wait_until="commit")
    web_page.locator(".first-rows .linked").wait_for()
    early = web_page.evaluate(SEEN, ".first-rows .linked")[0][2]
    let()
    web_page.locator(".page .linked .inside").get_by_text("copy link").wait_for()
    settle(web_page)
    own = web_page.evaluate(SEEN, ".page .linked")[0][2]

    assert abs(early - own) <= 2


def test_a_linked_entry_is_open_before_the_program_is_there(
    web_service: RunningService, web_page: Page
) -> None:
    """All that it holds is shown, and stays so while the program's own row takes its place."""
    address = log_of(web_service, web_page, "first-opened")
    web_page.add_init_script(BARE)
    let = held(web_page)
    web_page.goto(f"{address}#L30", wait_until="commit")
    early = web_page.locator(".first-rows .linked .details")
    early.locator("dl").wait_for()
    words = early.inner_text()
    let()
    own = web_page.locator(".page .linked .details")
    own.locator("dl").wait_for()
    expect(web_page.locator(".first-rows")).to_have_count(0)

    assert "task:log" in words
    assert own.inner_text() == words
    assert web_page.evaluate("() => window.bare") == 0


@pytest.mark.parametrize(
    ("path", "seen"), [("help", "table"), ("cost", "h1"), ("t/first-asked/timeline", "h1")]
)
def test_a_page_asks_for_its_program_at_once(
    web_service: RunningService, web_page: Page, path: str, seen: str
) -> None:
    """No part of it waits until another one has run."""
    web_service.record([log_event("first-asked", "hello")])
    asked, let = nodes_of(web_page), held(web_page)
    web_page.goto(f"{web_service.url}/{path}", wait_until="load")
    at_once = {*asked}
    let()
    web_page.locator(seen).first.wait_for()

    assert len(at_once) >= 3, "what stands around it, its error page, and its own part"
    assert asked == at_once


@pytest.mark.parametrize(
    ("path", "seen", "asked"),
    [
        ("cost?by=day", "td.number", "/api/costs?by=day"),
        ("cost", "td.number", "/api/costs?by=model"),
        ("cost", "td.number", "/api/budgets"),
        ("t/asked-costs/timeline?x0=0", ".lane", "/api/tasks/asked-costs/timeline?limit="),
    ],
)
def test_what_a_page_begins_with_is_asked_before_its_program(
    web_service: RunningService, web_page: Page, path: str, seen: str, asked: str
) -> None:
    """Once, and the program takes that answer."""
    call = {"model": "claude-sonnet-4-5", "input_tokens": 1_000, "output_tokens": 10}
    web_service.record([{"type": "task:api_call", "task_id": "asked-costs", "data": call}])
    urls: list[str] = []
    web_page.on("request", lambda request: urls.append(request.url))
    let = held(web_page)
    with web_page.expect_request(lambda request: asked in request.url):
        web_page.goto(f"{web_service.url}/{path}", wait_until="load")
    before = [url for url in urls if asked in url]
    let()
    web_page.locator(seen).first.wait_for()

    assert len(before) == 1
    assert [url for url in urls if asked in url] == before


@pytest.mark.parametrize(
    ("path", "seen", "answered"),
    [
        ("", "a[data-task]", r"/api/tasks\?limit="),
        ("t/came-along/log", OWN, r"/(open|logs)\?|/stages$|/came-along$"),
        ("t/came-along/timeline", ".lane", r"/timeline\?|/stages$|/came-along$"),
    ],
)
def test_a_page_comes_with_what_it_begins_with(
    web_service: RunningService, web_page: Page, path: str, seen: str, answered: str
) -> None:
    """Nothing of that is asked for, where the server had the time to answer."""
    call = {"model": "claude-sonnet-4-5", "input_tokens": 1_000, "output_tokens": 10}
    web_service.record([{"type": "task:api_call", "task_id": "came-along", "data": call}])
    urls: list[str] = []
    web_page.on("request", lambda request: urls.append(request.url))

    def asked() -> list[str]:
        urls.clear()
        web_page.goto(f"{web_service.url}/{path}")
        web_page.locator(seen).first.wait_for()
        return [url for url in urls if re.search(answered, url)]

    eventually(asked, [])
    assert web_page.locator("[data-of]").count() == 0


def test_a_log_without_stages_has_no_column_for_them(
    web_service: RunningService, web_page: Page
) -> None:
    """The room is the messages'; where a stage was told it is shown."""
    widths = {}
    for task_id, rest in (("bare", {}), ("staged", {"stage": "plan"})):
        web_service.record([log_event(task_id, "hello", **rest)])
        web_page.goto(f"{web_service.url}/t/{task_id}/log")
        stage = web_page.locator(f"{OWN} .stage").last
        stage.wait_for(state="attached")
        widths[task_id] = stage.evaluate("(stage) => stage.getBoundingClientRect().width")

    assert widths["bare"] == 0
    assert widths["staged"] > 50


def test_rows_that_come_after_the_program_are_not_drawn(
    web_service: RunningService, web_page: Page
) -> None:
    """Where the entry that is linked comes late, nothing covers what the program shows by then."""
    web_service.record([log_event("first-late", f"line {number}") for number in range(500)])
    let = held(web_page, "**/logs?after_seq=0&limit=200&*")
    web_page.add_init_script(COVERED)
    web_page.goto(f"{web_service.url}/t/first-late/log#L9", wait_until="commit")
    web_page.locator(".page .scroller").wait_for()
    web_page.locator(".page search").wait_for()
    let()
    web_page.locator(f"{OWN}.linked").wait_for()

    assert web_page.evaluate("() => window.covered") == 0


def test_the_program_waits_for_what_draws_the_first_rows(
    web_service: RunningService, web_page: Page
) -> None:
    """They share their modules: on a slow network none of it runs too early."""
    address = log_of(web_service, web_page, "first-slow")
    errors: list[str] = []
    web_page.on("pageerror", lambda error: errors.append(str(error)))
    let = held(web_page, "**/chunks/first.*")
    web_page.goto(address, wait_until="commit")
    web_page.wait_for_timeout(1_000)  # longer than the program waits for rows
    let()

    expect(web_page.locator(OWN).first).to_be_visible()
    assert errors == []


def test_a_program_that_finds_no_log_hides_the_rows(
    web_service: RunningService, web_page: Page
) -> None:
    """Rows of a log never cover a page that is something else."""
    address = log_of(web_service, web_page, "first-gone")
    nodes = nodes_of(web_page)
    web_page.goto(address)
    web_page.locator(OWN).first.wait_for()
    page = max(nodes)  # what stands around pages is numbered first
    web_page.route(f"**/nodes/{page}.*", lambda route: route.abort())
    web_page.goto(address)

    expect(web_page.get_by_text("This page failed")).to_be_visible()
    expect(web_page.locator(".first-rows")).not_to_be_visible()
