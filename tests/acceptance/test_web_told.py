"""Pages say what was told, and mark what was not: ends, prices, whole titles."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.running_service import RunningService

pytestmark = pytest.mark.live

TASK = "told"


def event(kind: str, second: int, stage: str | None = None, **data: object) -> dict[str, object]:
    """An event of the task."""
    at = f"2026-11-22T10:00:{second:02}Z"
    return {"type": kind, "task_id": TASK, "timestamp": at, "stage": stage, "data": data}


def call(name: str, second: int, model: str, **data: object) -> dict[str, object]:
    """A call of a model."""
    told = {"tokens_input": 900, "tokens_output": 50, **data}
    return event("task:api_call", second, None, call_id=name, model=model, **told)


@pytest.fixture(scope="module")
def failed(web_service: RunningService) -> RunningService:
    """A failed task: a stage and an attempt never ended, one call unpriced, a long title."""
    web_service.record(
        [
            event("task:created", 0, title="long " * 60),
            event("task:started", 1),
            event("task:started", 2, attempt=2),
            event("stage:started", 3, "test", name="test"),
            call("c1", 4, "some-model", cost_usd=0.25),
            call("c2", 5, "mystery-model-9"),
            event("task:log", 6, level="error", message="one"),
            event("task:log", 7, level="error", message="two"),
            event("task:failed", 8, error="gave up", attempt=2, cost_usd=0.2),
        ]
    )
    return web_service


def test_nothing_goes_on_in_a_task_that_ended(failed: RunningService, web_page: Page) -> None:
    """Its last stage is unfinished; of an attempt with another behind it no end was told."""
    web_page.goto(f"{failed.url}/t/{TASK}/result")
    stages = web_page.get_by_role("navigation", name="Stages")
    attempts = web_page.get_by_role("table", name="Attempts").get_by_role("row")

    expect(stages.get_by_role("link", name="test, unfinished")).to_be_visible()
    expect(attempts.nth(1)).to_contain_text("no end told")
    expect(attempts.nth(2)).to_contain_text("failed")
    expect(web_page.get_by_role("link", name="First error, entry 7")).to_be_visible()
    expect(web_page.get_by_text("3 errors in all")).to_be_visible()
    expect(web_page.get_by_role("heading", level=1)).to_have_text(("long " * 60)[:199] + "…")


def test_a_cost_that_leaves_calls_out_says_so_everywhere(
    failed: RunningService, web_page: Page
) -> None:
    """List, header and tab show the same sum, and what the task's end told stands beside it."""
    web_page.goto(failed.url)
    expect(web_page.get_by_role("cell", name="$0.25+", exact=True)).to_be_visible()
    web_page.goto(f"{failed.url}/t/{TASK}/cost")

    expect(web_page.locator("header dd").get_by_text("$0.25+")).to_be_visible()
    expect(web_page.locator("dl div", has_text="Cost").get_by_text("$0.25+").last).to_be_visible()
    told = "reported $0.20 for the task as a whole; its calls come to $0.25+"
    expect(web_page.get_by_text(told)).to_be_visible()
    web_page.goto(f"{failed.url}/cost")
    expect(web_page.get_by_text("Tasks that failed or were cancelled took $0.25+")).to_be_visible()


def test_a_job_that_nothing_told_of_is_not_there(
    web_service: RunningService, web_page: Page
) -> None:
    """Its page says that nothing is recorded, and keeps looking."""
    web_page.goto(f"{web_service.url}/jobs/nope")

    expect(web_page.get_by_text("Nothing is recorded here (the job)")).to_be_visible()


def test_an_entry_without_words_says_what_it_carries(
    failed: RunningService, web_page: Page
) -> None:
    """A model call its use, a stage its name; a search for it finds and marks no message."""
    web_page.goto(f"{failed.url}/t/{TASK}/log")
    rows = web_page.locator(".page .scroller")

    expect(rows.locator("[data-seq='5'] .message")).to_have_text(
        "api callsome-model, 900 in, 50 out, $0.25"
    )
    expect(rows.locator("[data-seq='4'] .message")).to_have_text("stage startedtest name=test")
    expect(rows.locator("[data-seq='9'] .message")).to_contain_text("gave up")
    assert marked(web_page, "some-model", "no entry has it") == 0
    assert marked(web_page, "gave", "1 of 1") == 1


def marked(page: Page, text: str, found: str) -> int:
    """How many places of the log are marked, when a text has been looked for."""
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_label("Find a text in the task").fill(text)
    expect(page.get_by_role("status").filter(has_text=found)).to_be_visible()
    page.wait_for_timeout(100)  # a frame later at the latest
    return int(page.evaluate("CSS.highlights.get('found')?.size ?? 0"))
