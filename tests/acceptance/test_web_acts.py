"""What a reader does with a log beside reading: fold, copy, name a filter, save, command."""

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.test_web_first_rows import held
from tests.support.running_service import RunningService
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

CLIPBOARD = "() => navigator.clipboard.readText()"


def log(task: str, message: str, **more: object) -> dict[str, object]:
    """A log event."""
    return {"type": "task:log", "task_id": task, "data": {"message": message}, **more}


def progress(task: str, percent: int) -> dict[str, object]:
    """A step of one download."""
    said = {"message": f"{percent} of 100 files", "percent": percent, "progress_id": "files"}
    return {"type": "task:progress", "task_id": task, "data": said}


def test_entries_that_say_the_same_are_one_row(web_service: RunningService, web_page: Page) -> None:
    """They are counted, a progress has one bar, a press and a link show each of them."""
    same = [log("fold", "tick")] * 12
    web_service.record([log("fold", "begin"), *same, *(progress("fold", 25 * n) for n in range(4))])
    web_page.goto(f"{web_service.url}/t/fold/log")
    ticks = web_page.get_by_role("article").filter(has_text="tick")
    expect(web_page.get_by_role("button", name="12 entries that say the same")).to_contain_text(
        "12"
    )
    expect(ticks).to_have_count(1)
    expect(web_page.get_by_role("feed").get_by_role("progressbar")).to_have_attribute(
        "aria-valuenow", "75"
    )
    expect(web_page.get_by_text("75 of 100 files")).to_be_visible()
    web_page.get_by_role("button", name="12 entries").click()

    expect(ticks).to_have_count(12)
    web_page.goto(f"{web_service.url}/t/fold/log#L9")
    web_page.reload()
    expect(web_page.locator(".page [data-seq='9']")).to_contain_class("linked")


def test_rows_are_copied_whole_by_keys(web_service: RunningService, web_page: Page) -> None:
    """`Y` takes the rows that are marked, folded ones each; `y` their address."""
    web_service.record([log("copy", "same")] * 3 + [log("copy", "other\nlines")])
    web_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    web_page.goto(f"{web_service.url}/t/copy/log#L1-L4")
    expect(web_page.locator("[data-seq='4']")).to_contain_class("linked")
    web_page.keyboard.press("Y")
    expect(web_page.get_by_text("4 entries copied")).to_be_visible()
    text = str(web_page.evaluate(CLIPBOARD))

    assert (text.count("same"), text.count("other")) == (3, 1)
    web_page.keyboard.press("y")
    eventually(
        lambda: str(web_page.evaluate(CLIPBOARD)).endswith("/t/copy/log#L1-L4"), expected=True
    )


def test_a_filter_is_kept_under_a_name(web_service: RunningService, web_page: Page) -> None:
    """It is offered again on a page that has another, there and in the palette; it can go."""
    web_service.record([log("named", f"line {number}") for number in range(20)])
    web_page.goto(f"{web_service.url}/t/named/log?q=%22line+7%22")
    expect(web_page.get_by_text("1 of 20")).to_be_visible()
    menu = web_page.get_by_role("button", name="View and download")
    menu.click()
    web_page.get_by_label("Name of the filter").fill("sevens")
    web_page.get_by_role("button", name="Save this filter").click()
    web_page.goto(f"{web_service.url}/t/named/log")
    menu.click()
    web_page.get_by_role("button", name="sevens", exact=True).click()
    expect(web_page.get_by_text("1 of 20")).to_be_visible()
    web_page.goto(f"{web_service.url}/t/named/log?q=%22line+1%22")
    expect(web_page.get_by_text("11 of 20")).to_be_visible()
    web_page.keyboard.press("Control+k")
    web_page.get_by_label("Command, page or task").fill("sevens")
    web_page.keyboard.press("Enter")
    expect(web_page).to_have_url(f"{web_service.url}/t/named/log?q=%22line+7%22")
    menu.click()
    web_page.get_by_role("button", name="Forget sevens").click()

    expect(web_page.get_by_role("button", name="sevens", exact=True)).to_have_count(0)


def test_a_trail_is_saved_as_one_archive(web_service: RunningService, web_page: Page) -> None:
    """From the list of files, and from the log's own menu: the same bytes."""
    web_service.record([log("whole", f"line {number}") for number in range(20)])
    web_page.add_init_script("delete window.showSaveFilePicker")  # it asks a person where to
    web_page.goto(f"{web_service.url}/t/whole/files")
    with web_page.expect_download() as saving:
        web_page.get_by_role("link", name="save all as one .zip").click()
    web_page.goto(f"{web_service.url}/t/whole/log")
    web_page.get_by_role("button", name="View and download").click()
    with web_page.expect_download() as again:
        web_page.get_by_role("button", name="⤓ .zip").click()

    assert saving.value.suggested_filename == again.value.suggested_filename == "whole.zip"
    assert saving.value.path().read_bytes() == again.value.path().read_bytes()
    lines = zipfile.ZipFile(saving.value.path()).read("08-log.jsonl").splitlines()
    assert len(lines) == 20


def test_new_tasks_are_counted_and_move_no_row(web_service: RunningService, web_page: Page) -> None:
    """While the pointer is in the list what it points at stays where it is."""
    web_service.record([log("pointed-at", "line")])
    web_page.goto(web_service.url)
    row = web_page.get_by_role("row").filter(has_text="pointed-at")
    row.hover()
    before = row.bounding_box()
    web_service.record([log("newer-one", "line")])
    new = web_page.get_by_role("button", name="1 new task")
    expect(new).to_be_visible()

    assert row.bounding_box() == before
    new.click()
    expect(web_page.get_by_role("row").filter(has_text="newer-one")).to_be_visible()


def test_enter_before_the_palette_has_found_is_kept(
    web_service: RunningService, web_page: Page
) -> None:
    """Who types a task's name and presses Enter at once is led there when it is found."""
    web_service.record([log("soon-found", "line")])
    web_page.goto(web_service.url)
    let = held(web_page, "**/api/tasks?*soon*")
    web_page.get_by_role("button", name="Commands").click()
    web_page.get_by_label("Command, page or task").fill("soon-fou")
    web_page.keyboard.press("Enter")
    expect(web_page.get_by_text("Nothing of that name.")).to_be_visible()
    let()

    expect(web_page).to_have_url(re.compile("/t/soon-found"))


def test_the_palette_leads_anywhere(web_service: RunningService, web_page: Page) -> None:
    """To a task by its name, to an entry by its number, to an act of the page."""
    web_service.record([log("palette-task", f"line {number}") for number in range(300)])
    web_page.goto(f"{web_service.url}/help")
    expect(web_page.get_by_role("heading", level=1)).to_be_visible()
    web_page.keyboard.press("Control+k")
    field = web_page.get_by_label("Command, page or task")
    field.fill("palette-ta")
    web_page.get_by_role("option", name="palette-task").click()
    expect(web_page.get_by_role("feed")).to_be_visible()
    web_page.keyboard.press(":")
    field.fill(":42")
    field.press("Enter")
    expect(web_page.locator("[data-seq='42']")).to_contain_class("linked")
    web_page.keyboard.press("Control+k")
    field.fill("wrap")
    field.press("Enter")

    expect(web_page).to_have_url(f"{web_service.url}/t/palette-task/log?wrap=0#L42")
