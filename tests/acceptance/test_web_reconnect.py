"""A connection that is lost again and again loses no entry and doubles none."""

import os
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.support.cutting_proxy import CuttingProxy
from tests.support.running_service import RunningService
from tests.support.waiting import eventually

pytestmark = pytest.mark.live

TIMES = 100 if os.environ.get("TASKTRAIL_WEB") == "whole" else 5
SEQS = "() => [...document.querySelectorAll('.task a')].map((a) => Number(a.hash.slice(2)))"


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
