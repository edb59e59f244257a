"""A connection that is lost again and again, or a server, loses no entry and doubles none."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.support.cutting_proxy import CuttingProxy
from tests.support.running_service import RunningService, start_service
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

TIMES, KILLS = (100, 10) if os.environ.get("TASKTRAIL_WEB") == "whole" else (5, 1)
SEQS = "() => [...document.querySelectorAll('.task a')].map((a) => Number(a.hash.slice(2)))"
ROWS = "() => [...document.querySelectorAll('[data-seq]')].map((row) => Number(row.dataset.seq))"


def log(task: str, number: int) -> dict[str, object]:
    """A log event."""
    return {"type": "task:log", "task_id": task, "data": {"message": f"line {number}"}}


def test_lost_connections_lose_no_entry(web_service: RunningService, web_page: Page) -> None:
    """What comes while the connection is away is there once when it is back, in order."""
    with CuttingProxy(urlsplit(web_service.url).port or 0) as proxy:
        proxy.cut_before(b"GET /ws/logs")  # lost before the server could say where live begins
        web_page.goto(f"http://127.0.0.1:{proxy.port}/live?q=source:system")
        expect(web_page.get_by_text("Nothing that matches was recorded")).to_be_visible()
        for turn in range(1, TIMES + 1):
            proxy.cut_all()
            web_service.post([log("cut", 3 * turn + one) for one in range(3)])
            eventually(lambda: web_page.evaluate(SEQS), list(range(1, 3 * turn + 1)))

    assert proxy.cuts == 1
    assert web_page.evaluate(SEQS) == list(range(1, 3 * TIMES + 1))


def test_a_server_that_is_killed_loses_no_entry(tmp_path: Path, web_page: Page) -> None:
    """The page says that it lost it, finds it again by itself, and has every entry once."""
    web_page.set_viewport_size({"width": 1280, "height": 1_600})
    state, seqs = web_page.locator("[data-state]"), list[int]()
    with start_service(tmp_path / "root", environment={}) as service:
        service.record([log("killed", number) for number in range(3)])
        web_page.goto(f"{service.url}/t/killed/log")
        expect(state).to_have_attribute("data-state", "FOLLOW")
        for turn in range(1, KILLS + 1):
            service.post([log("killed", 3 * turn + one) for one in range(3)])
            service.kill()
            expect(state).to_have_attribute("data-state", "RECONNECTING")
            service.start()
            expect(state).to_have_attribute("data-state", "FOLLOW")
            seqs = list(range(1, 3 * turn + 4))
            eventually(lambda: web_page.evaluate(ROWS), seqs)

    assert web_page.evaluate(ROWS) == seqs
