"""How quick the pages beside the log are in a real browser, and how much they weigh.

    python benchmarks/web_pages.py [--stages N] [--workers N] [--calls N] [--days N] [--opens N]

The installed service over a root of its own, and headless Chromium drawing in software. Each page
is opened with an empty cache; its time is that from the click to the first row of its content, and
the page of keys and words, which asks the service for nothing, says how much of it is the browser's
own. The sums of the cost page are compared with those of the API, to the millionth of a dollar.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.browser import browsing, new_page
from tests.support.running_service import RunningService, start_service

WEB = Path(__file__).parents[1] / "web"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TASK = "huge"
BIG = "big"
BATCH = 2_000
MOST_BUSY = 100
MOST_OF_FRAME = 20
LIGHT = "rgb(246, 247, 249)"
MOST_SHIFT = 0.02
MOST_BY_TAB = 300
TAB = "a[href$='/timeline']"
LANE = ".lane"
PAINTED = """(selector) => new Promise((seen) => {
    const look = () => document.querySelector(selector)
        ? seen(performance.now()) : requestAnimationFrame(look);
    look();
})"""
CLICKED = """([tab, selector]) => new Promise((seen) => {
    const begin = performance.now();
    const look = () => document.querySelector(selector)
        ? seen(performance.now() - begin) : requestAnimationFrame(look);
    document.querySelector(tab).click();
    look();
})"""
LONG_TASKS = """
    window.long = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) window.long = Math.max(window.long, one.duration);
    }).observe({ type: 'longtask' });
"""
PAN = """async (presses) => {
    const taken = [];
    const later = document.querySelector("button[aria-label='later']");
    let before = await new Promise(requestAnimationFrame);
    for (let i = 0; i < presses; i += 1) {
        later.click();
        const now = await new Promise(requestAnimationFrame);
        taken.push(now - before);
        before = now;
    }
    return taken.sort((a, b) => a - b)[Math.floor(0.95 * taken.length)];
}"""
FIRST_COLOUR = """
    window.colours = new Set();
    const look = () => {
        if (document.body) window.colours.add(getComputedStyle(document.body).backgroundColor);
        requestAnimationFrame(look);
    };
    look();
"""
SHIFTS = """
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
    }).observe({ type: 'layout-shift', buffered: true });
"""


class Row(NamedTuple):
    """One line of the table."""

    bar: str
    words: str
    target: str
    measured: str
    is_met: bool


def events(stages: int, workers: int, calls: int, days: int) -> Iterator[dict[str, Any]]:
    """A task with many stages and workers, and model calls over some days."""
    own = {"task_id": TASK}
    for number in range(stages):
        at, name = BEGIN + timedelta(seconds=number), f"stage {number % 200}"
        data = {"stage": name}
        for kind, when in (("started", at), ("completed", at + timedelta(seconds=1))):
            stamp = when.isoformat()
            yield {"type": f"stage:{kind}", **own, "timestamp": stamp, "stage": name, "data": data}
    for number in range(calls):
        at = BEGIN + timedelta(days=days) * number / max(1, calls)
        tokens = {"input_tokens": 1_000 + number % 7, "output_tokens": 100 + number % 5}
        call = {"model": "claude-sonnet-4-5", "call_id": f"c{number}", "duration_ms": 900, **tokens}
        who = {"worker_id": f"w-{number % workers}", "timestamp": at.isoformat()}
        yield {"type": "task:api_call", **own, **who, "data": call}


def opened(browser: Browser, url: str, selector: str, times: int) -> tuple[float, float]:
    """The median of the times to the first row, and the largest layout shift."""
    took: list[float] = []
    shifts: list[float] = []
    for _ in range(times):
        page = new_page(browser)
        page.add_init_script(SHIFTS)
        page.goto(url)
        took.append(page.evaluate(PAINTED, selector))
        page.wait_for_load_state("networkidle")  # no question goes on beside the next opening
        page.wait_for_timeout(500)
        shifts.append(page.evaluate("() => window.shift"))
        page.context.close()
    return statistics.median(took), max(shifts)


def by_its_tab(browser: Browser, service: RunningService, times: int) -> Row:
    """The median of the times from a click on the tab of the timeline to its first lane."""
    took: list[float] = []
    for _ in range(times):
        page = new_page(browser)
        page.goto(f"{service.url}/t/{TASK}/log")
        page.locator("[data-seq]").first.wait_for()
        page.wait_for_timeout(2_000)
        took.append(page.evaluate(CLICKED, [TAB, LANE]))
        page.context.close()
    measured = statistics.median(took)
    words, most = "timeline by its tab, first bars", MOST_BY_TAB
    return Row("U19", words, f"< {most} ms", f"{measured:.0f} ms", measured < most)


def sizes() -> Iterator[Row]:
    """What the build weighs, as its own gate says."""
    npm = shutil.which("npm")
    if npm is None or not (WEB / ".svelte-kit" / "output").is_dir():
        return
    asked = [npm, "--prefix", str(WEB), "run", "--silent", "size"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    for line in said.splitlines():
        state, _, rest = line.partition(" ")
        name, _, figures = rest.strip().partition(": ")
        measured, _, target = figures.partition(" of ")
        yield Row("U14", f"{name}, gzipped", f"<= {target}", f"{measured} kB", state == "ok")


def big_entries() -> list[dict[str, Any]]:
    """An entry of a megabyte, one with ten megabytes of JSON, one with 100,000 keys."""
    texts = [f"line {number} of a long text\n" for number in range(40_000)]
    wide = {f"key {number}": number for number in range(100_000)}
    deep = [{"name": f"item {number}", "values": list(range(200))} for number in range(12_000)]
    told = [{"message": "".join(texts)}, {"message": "deep", "metadata": {"all": deep}}]
    told.append({"message": "wide", "metadata": wide})
    return [{"type": "task:log", "task_id": BIG, "data": data} for data in told]


def opening_big_entries(browser: Browser, service: RunningService) -> Iterator[Row]:
    """The longest time in which the page does nothing else, while each is unfolded."""
    service.record("\n".join(map(json.dumps, big_entries())).encode())
    names = ("an entry of 1 MB", "10 MB of JSON", "an object of 100,000 keys")
    for seq, name in enumerate(names, 1):
        page = new_page(browser)
        page.goto(f"{service.url}/t/{BIG}/log")
        row = page.locator(f"[data-seq='{seq}']")
        row.wait_for()
        page.wait_for_timeout(500)
        page.evaluate(LONG_TASKS)
        row.locator(".opener").click()
        row.locator(".details dl").wait_for()
        page.wait_for_timeout(1_000)
        longest = page.evaluate("() => window.long")
        page.context.close()
        said = f"{longest:.0f} ms" if longest else "< 50 ms"
        yield Row("U15", f"{name}, unfolded: longest task", "<= 100 ms", said, longest <= MOST_BUSY)


def panning(browser: Browser, service: RunningService) -> Row:
    """The 95th of a hundred frames in each of which the timeline moves on."""
    page = new_page(browser)
    page.goto(f"{service.url}/t/{TASK}/timeline?x0=0&x1=60")
    page.locator(".lane").first.wait_for()
    page.wait_for_timeout(1_000)
    taken = page.evaluate(PAN, 60)
    page.context.close()
    return Row(
        "U19",
        "timeline, pan, p95 of 60 frames",
        "<= 20 ms",
        f"{taken:.0f} ms",
        taken <= MOST_OF_FRAME,
    )


def flashing(browser: Browser, service: RunningService) -> Row:
    """The colours of the page's ground from its first frame on: one, where a theme was chosen."""
    page = new_page(browser)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{service.url}/settings")
    page.get_by_role("radio", name="light", exact=True).check()
    page.add_init_script(FIRST_COLOUR)
    page.goto(service.url)
    page.locator("a[data-task]").first.wait_for()
    seen = page.evaluate("() => [...window.colours]")
    page.context.close()
    return Row("U22", "light chosen in a dark system", "one", " ".join(seen), seen == [LIGHT])


def cost_sums_agree(service: RunningService) -> bool:
    """Whether the rows of the cost page come to its total, to the millionth of a dollar."""
    costs = service.get("/api/costs?by=day")
    rows = sum(row["cost_micro_usd"] or 0 for row in costs["rows"])
    return bool(rows == (costs["total"]["cost_micro_usd"] or 0))


def measure(arguments: argparse.Namespace, program: str) -> Iterator[Row]:
    """All rows of the table."""
    yield from sizes()
    with (
        tempfile.TemporaryDirectory() as folder,
        start_service(Path(folder, "root")) as service,
        browsing(program) as browser,
    ):
        counts = (arguments.stages, arguments.workers, arguments.calls, arguments.days)
        told = list(events(*counts))
        for first in range(0, len(told), BATCH):
            batch = told[first : first + BATCH]
            service.record("\n".join(map(json.dumps, batch)).encode())
        looked = [
            ("", "help, the browser's own share", "/help", "table", 300),
            ("U19", "timeline, first bars", f"/t/{TASK}/timeline", ".lane", 300),
            ("U20", "cost page, first rows", "/cost?by=day", "td.number", 500),
            ("U22", "list of tasks, first row", "/", "a[data-task]", 300),
        ]
        for bar, words, path, selector, most in looked:
            took, shift = opened(browser, service.url + path, selector, arguments.opens)
            yield Row(bar, words, f"< {most} ms", f"{took:.0f} ms", took < most)
            yield Row(
                "U22",
                f"{words}: layout shift",
                f"< {MOST_SHIFT}",
                f"{shift:.3f}",
                shift < MOST_SHIFT,
            )
        yield by_its_tab(browser, service, arguments.opens)
        yield panning(browser, service)
        yield flashing(browser, service)
        yield from opening_big_entries(browser, service)
        agree = cost_sums_agree(service)
        yield Row("U20", "sums of the cost page", "equal", "equal" if agree else "differ", agree)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("stages", 5_000), ("workers", 50), ("calls", 40_000), ("days", 30)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--opens", type=int, default=5)
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if program is None:
        print("skipped: needs a Chromium (apt-get install chromium)")
        return
    for row in measure(parser.parse_args(), program):
        state = "ok  " if row.is_met else "MISS"
        columns = f"{row.bar:4} {row.words:52} {row.target:>12} {row.measured:>12}"
        print(f"{state} {columns}", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
