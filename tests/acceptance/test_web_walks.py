"""Eight walks through the web UI, each as a person with that question takes it, in few steps."""

import json
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.running_service import PROGRAM, RunningService
from tests.support.waiting import eventually

pytestmark = pytest.mark.live


def log(task: str, message: str, **more: object) -> dict[str, object]:
    """A log event."""
    return {"type": "task:log", "task_id": task, "data": {"message": message}, **more}


def test_why_did_it_fail(web_service: RunningService, web_page: Page) -> None:
    """One click from the list to the first error, one more to why and to the last words."""
    lines = [log("walk-1", f"line {number}") for number in range(1, 200)]
    lines[79] = log("walk-1", "the patch does not apply", level="error")
    end = {"type": "task:failed", "task_id": "walk-1", "data": {"error": "gave up"}}
    web_service.record([*lines, end])
    web_page.goto(web_service.url)
    web_page.get_by_role("link", name="walk-1").click()
    expect(web_page.locator("[data-seq='80']")).to_be_in_viewport()
    web_page.get_by_role("link", name="Result").click()

    expect(web_page.get_by_role("heading", name="Why it failed")).to_be_visible()
    expect(web_page.get_by_text("gave up").first).to_be_visible()


def test_what_did_it_cost(web_service: RunningService, web_page: Page, samples: Path) -> None:
    """A recorded conversation shows each call, how its figure comes about, and its sub-agent."""
    import_into(web_service, samples / "stream_json" / "debussy_task_tool_output.jsonl")
    web_page.goto(f"{web_service.url}/?agent=claude-code")
    web_page.locator("a[data-task]").first.click()
    tabs = web_page.get_by_role("navigation", name="Task")
    tabs.get_by_role("link", name="Cost").click()
    web_page.get_by_role("button", name="how the cost of this call comes about").first.click()
    expect(web_page.get_by_text("per million").first).to_be_visible()
    tabs.get_by_role("link", name="Chat").click()
    web_page.get_by_text("sub-agent").click()

    expect(web_page.get_by_text("35 tool calls")).to_be_visible()
    expect(web_page.get_by_role("article", name="Glob").first).to_be_visible()


def test_where_does_it_wait(web_service: RunningService, web_page: Page) -> None:
    """The timeline names what took longest, and folds the time in which nothing happened."""
    told = [
        log_at("walk-3", "output", "0:00", content="May I?"),
        log_at("walk-3", "user_input", "6:00", content="yes"),
        log_at("walk-3", "tool_call", "6:01", name="Bash", input={"command": "make"}),
        log_at("walk-3", "tool_result", "6:31", name="Bash", content="done"),
    ]
    web_service.record(told)
    web_page.goto(f"{web_service.url}/t/walk-3/timeline")
    rows = web_page.get_by_role("table", name="What took longest").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("06:00")
    expect(rows.nth(2)).to_contain_text("Bash")
    expect(web_page.get_by_role("checkbox", name="fold idle time")).to_be_checked()
    web_page.get_by_role("link", name="Chat").click()

    expect(web_page.get_by_text("answered after 06:00 of waiting")).to_be_visible()


def test_share_a_line(web_service: RunningService, web_page: Page, web_browser: Browser) -> None:
    """The copied address of a row opens at that row for somebody else."""
    web_service.record([log("walk-4", f"line {number}") for number in range(1, 301)])
    web_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    web_page.goto(f"{web_service.url}/t/walk-4/log#L77")
    expect(web_page.locator(".page [data-seq='77']")).to_be_in_viewport()
    web_page.locator(".page [data-seq='77']").focus()
    web_page.keyboard.press("y")
    eventually(
        lambda: web_page.evaluate("() => navigator.clipboard.readText()") != "", expected=True
    )
    address = web_page.evaluate("() => navigator.clipboard.readText()")
    other = web_browser.new_page()
    other.goto(address)

    assert address.endswith("/t/walk-4/log#L77")
    expect(other.locator(".page [data-seq='77']")).to_be_in_viewport()
    other.context.close()


def test_take_it_with_you(web_service: RunningService, web_page: Page) -> None:
    """A file of the trail is saved as it stands, with every entry in it."""
    web_service.record([log("walk-5", f"line {number}") for number in range(1, 31)])
    web_page.goto(f"{web_service.url}/t/walk-5/log")
    web_page.get_by_role("link", name="Files").click()
    with web_page.expect_download() as saving:
        web_page.get_by_role("link", name="Save 08-log.jsonl").click()
    lines = saving.value.path().read_text().splitlines()

    assert [json.loads(line)["seq"] for line in lines] == list(range(1, 31))


def test_find_one_among_many(web_service: RunningService, web_page: Page) -> None:
    """A text is found among thousands of entries, counted against all, and opened in its log."""
    many = [log("walk-6", f"ordinary {number}") for number in range(2_000)]
    many[1_321] = log("walk-6", "the one needle")
    for start in range(0, len(many), 1_000):
        web_service.record(many[start : start + 1_000])
    web_page.goto(f"{web_service.url}/search?q=needle")
    web_page.get_by_role("link", name="#1322").click()

    expect(web_page.locator("[data-seq='1322']")).to_be_in_viewport()
    expect(web_page.get_by_text("the one needle").first).to_be_visible()


def test_a_run_of_two_days(web_service: RunningService, web_page: Page) -> None:
    """The night between two days is folded, said, and can be unfolded."""
    told = [
        {**log("walk-7", "evening"), "timestamp": "2026-01-01T20:00:00Z"},
        log_at("walk-7", "output", "0:10", content="begun", day="2026-01-01T20"),
        log_at("walk-7", "output", "3:00", content="still there", day="2026-01-01T20"),
        log_at("walk-7", "output", "1:00", content="morning", day="2026-01-02T08"),
        log_at("walk-7", "output", "5:00", content="done", day="2026-01-02T08"),
    ]
    web_service.record(told)
    web_page.goto(f"{web_service.url}/t/walk-7/timeline")
    box = web_page.get_by_role("checkbox", name="1 gap, 11:58:00")
    expect(box).to_be_checked()
    box.uncheck()

    expect(web_page).to_have_url(f"{web_service.url}/t/walk-7/timeline?idle=show")


def test_follow_it_live(web_service: RunningService, web_page: Page) -> None:
    """All tasks' entries come in by themselves, narrowed by a filter, and lead to their logs."""
    web_page.goto(f"{web_service.url}/live?q=level>=error")
    expect(web_page.locator("[data-state]")).to_have_attribute("data-state", "FOLLOW")
    web_service.record([log("walk-8", "quiet"), log("walk-8", "loud", level="error")])
    expect(web_page.get_by_text("loud")).to_be_visible()

    expect(web_page.get_by_text("quiet")).to_have_count(0)
    web_page.get_by_role("link", name="walk-8").click()
    expect(web_page.locator("[data-seq='2']")).to_be_in_viewport()


def log_at(
    task: str, kind: str, at: str, day: str = "2026-01-01T10", **told: object
) -> dict[str, object]:
    """An event of an agent at minutes and seconds of an hour."""
    minutes, seconds = at.split(":")
    stamp = f"{day}:{int(minutes):02d}:{seconds}Z"
    return {"type": f"task:{kind}", "task_id": task, "timestamp": stamp, "data": told}


def import_into(service: RunningService, file: Path) -> None:
    """The file's events are recorded in the service's root."""
    arguments = [str(PROGRAM), "import", str(file), "--server", service.url]
    subprocess.run(arguments, check=True, capture_output=True)
