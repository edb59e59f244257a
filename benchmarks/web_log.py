"""How quick a task's log is in a real browser, with a million entries behind it.

    python benchmarks/web_log.py [--entries N] [--root PATH] [--opens N] [--jumps N] [--seconds N]
                                [--hour N]

With --entries 5000000 the task also is 2 GB large; a root of it is made in some minutes.

The installed service over a root made by the recorder's own writers (kept under --root for the next
run), and headless Chromium drawing in software. A page is opened with an empty cache,
jumps and scrolls far, filters, finds, follows a producer that posts at a fixed rate, and is read
while entries arrive. Each entry says when it was due; what the page shows a frame later is counted
from there. All of it shares the machine's cores: compare figures of one run only.
"""

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.query import LONG_TASK, fill

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--no-first-run"),
    *("--no-proxy-server", "--js-flags=--expose-gc"),
)
PATIENCE_MS = 60_000
LIVE_TASK = "followed"
HAS_ALL = """(entries) => {
    const [shown] = document.querySelector('search .count').textContent.trim().split(' ');
    return Number(shown.replaceAll(',', '')) >= entries;
}"""
STEP_SECONDS = 0.05  # a request of the producer is due so often
MILLION = 1_000_000
BURST = 50_000
INDEXED_TRIES = 20  # each waits as long as PATIENCE_MS says
EMPTY = "<!doctype html><title>empty</title><p data-seq='1'>a row</p>"
OF_PROGRAM = ".page .scroller [data-seq]"
WAIT_FOR_ROW = """
    window.firstRow = new Promise((seen) => {
        const look = () => {
            const row = document.querySelector("ROW");
            if (row && row.getBoundingClientRect().height > 0) seen(performance.now());
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    });
"""
JUMPS = """async (shares) => {
    const box = document.querySelector('.scroller');
    const isFull = () => {
        const { top, bottom } = box.getBoundingClientRect();
        const rows = [...box.querySelectorAll('[data-rank]')].filter((row) => {
            const { top: y, bottom: end } = row.getBoundingClientRect();
            return end > top && y < bottom;
        });
        return rows.length > 5 && rows.every((row) => row.dataset.seq);
    };
    const frame = () => new Promise(requestAnimationFrame);
    const taken = [];
    for (const share of shares) {
        const began = performance.now();
        box.scrollTop = share * (box.scrollHeight - box.clientHeight);
        do await frame(); while (!isFull());
        taken.push(performance.now() - began);
        await new Promise((done) => setTimeout(done, 30));
    }
    return taken;
}"""
SCROLL = """async ([pixels, frames]) => {
    const box = document.querySelector('.scroller');
    const taken = [];
    let before = await new Promise(requestAnimationFrame);
    for (let i = 0; i < frames; i += 1) {
        box.scrollTop += pixels;
        const now = await new Promise(requestAnimationFrame);
        taken.push(now - before);
        before = now;
    }
    return taken;
}"""
WATCH_FRAMES = """() => {
    window.longest = 0;
    let before = performance.now();
    const look = (now) => {
        window.longest = Math.max(window.longest, now - before);
        before = now;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
SHOWS_LAST = """(number) => {
    const rows = document.querySelectorAll('[data-seq]');
    return rows[rows.length - 1]?.textContent.includes(`entry ${number} due`);
}"""
WATCH_LIVE = """() => {
    window.latencies = [];
    let last = null; // what stands there already was not waited for
    const look = () => {
        const rows = document.querySelectorAll('[data-seq]');
        const row = rows[rows.length - 1];
        const due = row && /due (\\d+(?:\\.\\d+)?)/.exec(row.textContent)?.[1];
        if (last !== null && due && due !== last) window.latencies.push(Date.now() - Number(due));
        last = due || last || '';
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
PLACE = """() => {
    const top = document.querySelector('.scroller').getBoundingClientRect().top;
    for (const row of document.querySelectorAll('[data-seq]')) {
        const distance = row.getBoundingClientRect().top - top;
        if (distance >= -0.5) return [row.dataset.seq, Math.round(distance)];
    }
}"""
CHANGE_FILTER = """async (key) => {
    const count = document.querySelector('search .count');
    const before = count.textContent;
    const began = performance.now();
    dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    while (count.textContent === before) await new Promise(requestAnimationFrame);
    return performance.now() - began;
}"""


WATCH_HIT = """(text) => {
    const began = performance.now();
    window.found = new Promise((seen) => {
        const look = () => {
            const row = document.querySelector('.page .focused');
            if (row?.textContent.toLowerCase().includes(text)) seen(performance.now() - began);
            else requestAnimationFrame(look);
        };
        look();
    });
}"""


class Figure(NamedTuple):
    """One measured figure beside what it should be."""

    id: str
    name: str
    target: str
    measured: str
    is_met: bool


def figure(
    number: str,
    name: str,
    measured: tuple[float, ...],
    *,
    most: tuple[float, ...],
    unit: str = "ms",
) -> Figure:
    """Some values beside the most that each may be."""
    texts = [" / ".join(f"{one:.4g}" for one in values) for values in (most, measured)]
    is_met = all(value <= bound for value, bound in zip(measured, most, strict=True))
    return Figure(number, name, f"{texts[0]} {unit}", f"{texts[1]} {unit}", is_met)


def told(name: str, taken: list[float]) -> Figure:
    """What has no aim, and stands beside what has one."""
    measured = f"{statistics.median(taken):.4g} / {max(taken):.4g} ms"
    return Figure("", name, "no aim", measured, is_met=True)


class Load(NamedTuple):
    """How much is measured."""

    entries: int
    opens: int
    jumps: int
    seconds: float
    hour: int = 720_000  # entries of an hour, at 200 a second


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def service(root: Path) -> Iterator[str]:
    """The address of the installed service over the root."""
    port = free_port()
    command = [sys.executable, "-m", "tasktrail", "serve", "--data", str(root), "--port", str(port)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE_MS / 1_000
        while not answers(f"{url}/ready"):
            if time.monotonic() > deadline or running.poll() is not None:
                raise SystemExit("the service did not start")
            time.sleep(0.2)
        for _ in range(INDEXED_TRIES):  # the index of a new root takes in all of it first
            if answers(f"{url}/api/tasks/{LONG_TASK}/logs?limit=1"):
                break
        yield url
    finally:
        running.terminate()
        running.wait(30)


def answers(url: str) -> bool:
    """Whether the address answers well."""
    try:
        return httpx.get(url, timeout=PATIENCE_MS / 1_000, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def client(url: str) -> httpx.Client:
    """Connections that are kept: making one for each request costs more than the request."""
    headers = {"content-type": "application/x-ndjson"}
    return httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60)


def post(to: httpx.Client, lines: list[dict[str, object]]) -> None:
    """Sends events; returns once they are durable."""
    body = "\n".join(json.dumps(line) for line in lines)
    to.post("/api/events", content=body).raise_for_status()


def produce(url: str, rate: int, seconds: float) -> threading.Thread:
    """Posts entries at a fixed rate, whatever becomes of others; each says when it was due."""

    def run() -> None:
        with client(url) as to:
            began, sent = time.time(), 0
            while sent < rate * seconds:
                due = began + sent / rate
                time.sleep(max(0.0, due - time.time()))
                step = max(1, int(rate * STEP_SECONDS))
                post(to, [entry(sent + at, began + (sent + at) / rate) for at in range(step)])
                sent += step

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def entry(number: int, due: float) -> dict[str, object]:
    """A log line that says when it was to be sent."""
    said = {"message": f"entry {number} due {due * 1_000:.1f}"}
    return {"type": "task:log", "task_id": LIVE_TASK, "level": "info", "data": said}


def share(taken: list[float], part: float) -> float:
    """The value below which that part of all lies."""
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def open_cold(address: str, page: Page, *rows: str) -> list[float]:
    """Milliseconds from the address to the first of each of such rows on the screen."""
    for at, row in enumerate(rows):
        page.add_init_script(WAIT_FOR_ROW.replace("ROW", row).replace("firstRow", f"firstRow{at}"))
    page.goto(address)
    return [float(page.evaluate(f"() => window.firstRow{at}")) for at in range(len(rows))]


def heap(session: CDPSession) -> float:
    """Megabytes in use after a collection."""
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    used = next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")
    return float(used) / 1_000_000


class Measured:
    """One browser and one service; each method answers figures."""

    def __init__(self, url: str, load: Load, pages: Iterator[Page]) -> None:
        self.url, self.load, self._pages = url, load, pages
        self.page = next(pages)
        self.sender = client(url)
        self.random = random.Random(7)  # noqa: S311 - the same jumps in every run

    def opening(self) -> list[Figure]:
        """From the address to the first rows, with an empty cache; and those of an empty page."""
        taken, programs, empty = [], [], []
        for _ in range(self.load.opens):
            page = next(self._pages)
            page.route(
                "**/empty", lambda route: route.fulfill(content_type="text/html", body=EMPTY)
            )
            empty += open_cold(f"{self.url}/empty", page, "[data-seq]")
            page.context.close()
            self.page.context.close()
            self.page = next(self._pages)
            address = f"{self.url}/t/{LONG_TASK}/log"
            first, program = open_cold(address, self.page, "[data-seq]", OF_PROGRAM)
            taken.append(first)
            programs.append(program)
        number, most = ("U1", (300, 600)) if self.load.entries <= MILLION else ("U2", (500, 1_000))
        name = f"open {self.load.entries:,} entries, median / longest of {len(taken)}"
        return [
            told(f"an empty page in this browser, of {len(empty)}", empty),
            figure(number, name, (statistics.median(taken), max(taken)), most=most),
            told("the same, until the program has the rows", programs),
        ]

    def permalink(self) -> list[Figure]:
        """From the address of an entry to that entry, marked and open, with an empty cache."""
        seq = self.load.entries * 3 // 4
        row = f"[data-seq='{seq}'].linked"
        marked, opened = [], []
        for _ in range(self.load.opens):
            page = next(self._pages)
            address = f"{self.url}/t/{LONG_TASK}/log#L{seq}"
            seen, whole = open_cold(address, page, row, f"{row} .details dl")
            marked.append(seen)
            opened.append(whole)
            page.context.close()
        name = f"permalink, to its row, median of {len(marked)}"
        return [
            figure("U13", name, (statistics.median(marked),), most=(400,)),
            figure(
                "U13", "the same, open with all it holds", (statistics.median(opened),), most=(400,)
            ),
        ]

    def moving(self) -> list[Figure]:
        """Jumps to anywhere, and scrolling frame by frame."""
        self.page.wait_for_load_state("networkidle")  # what a log loads behind its rows is there
        shares = [self.random.random() for _ in range(self.load.jumps)]
        jumps = self.page.evaluate(JUMPS, shares)
        frames = self.page.evaluate(SCROLL, [600, 120])
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        slow = self.page.evaluate(SCROLL, [300, 120])
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        jumped = (statistics.median(jumps), share(jumps, 0.99))
        scrolled = (statistics.median(frames), share(frames, 0.95), max(frames))
        name = f"random jump, rows in sight, p50 / p99 of {len(jumps)}"
        return [
            figure("U3", name, jumped, most=(100, 100)),
            figure("U4", "scroll 600 px a frame, p50 / p95 / most", scrolled, most=(16.9, 20, 50)),
            figure(
                "U5",
                "scroll 300 px a frame, a fourth of the speed, p95",
                (share(slow, 0.95),),
                most=(50,),
            ),
        ]

    def filtering(self) -> list[Figure]:
        """From the key to the first rows of another filter, and to the first hit of a text."""
        errors = self.page.evaluate(CHANGE_FILTER, "5")
        self.page.evaluate(CHANGE_FILTER, "1")
        self.page.keyboard.press("Control+f")
        field = self.page.locator(".find input")
        field.fill("Quux Mishap")
        self.page.evaluate(WATCH_HIT, "quux")
        field.press("Enter")
        found = float(self.page.evaluate("() => window.found"))
        self.page.keyboard.press("Escape")
        return [
            figure("U12", "level by key, to its rows", (errors,), most=(150,)),
            figure("U12", "find a rare text, first hit", (found,), most=(500,)),
        ]

    def _followed(self) -> tuple[Page, int]:
        """A page that follows the live task, and how many entries it has.

        The recorder is at work by then: after a start it reads a trail before it adds to it, which
        at many entries takes long and is not what is measured here.
        """
        entries = self._recorded() + 1
        post(self.sender, [entry(0, time.time())])
        while self._recorded() < entries:
            time.sleep(0.1)
        page = next(self._pages)
        page.goto(f"{self.url}/t/{LIVE_TASK}/log")
        page.locator(OF_PROGRAM).first.wait_for()
        return page, entries

    def _recorded(self) -> int:
        """How many entries the live task has by now."""
        answer = self.sender.get(f"/api/tasks/{LIVE_TASK}/logs?limit=1")
        return int(answer.json()["total_count"]) if answer.is_success else 0

    def following(self, rate: int) -> list[Figure]:
        """From when an entry was due to the frame that shows it."""
        page, before = self._followed()
        page.evaluate(WATCH_LIVE)
        produce(self.url, rate, self.load.seconds).join()
        shown(page, before + int(rate * self.load.seconds))
        taken = page.evaluate("() => window.latencies")
        page.context.close()
        name = f"live at {rate:,} a second, all shown, p50 / p99"
        measured = (statistics.median(taken), share(taken, 0.99))
        return [figure("U7", name, measured, most=(200, 200))]

    def bursting(self) -> list[Figure]:
        """The longest frame while very much comes at once, and how long until the end is shown."""
        page, before = self._followed()
        page.evaluate(WATCH_FRAMES)
        began = time.perf_counter()
        for first in range(0, BURST, 5_000):
            due = time.time()
            post(self.sender, [entry(first + at, due) for at in range(5_000)])
        sent = time.perf_counter()
        shown(page, before + BURST)
        page.wait_for_function(SHOWS_LAST, arg=BURST - 1)
        ended = time.perf_counter()
        longest = page.evaluate("() => window.longest")
        page.context.close()
        name = f"{BURST:,} at once, sent in {sent - began:.1f} s: frame / to the end"
        return [figure("U8", name, (longest, (ended - sent) * 1_000), most=(200, 1_000))]

    def reading(self) -> list[Figure]:
        """What moves under a reader's eyes while entries arrive."""
        page, _ = self._followed()
        page.keyboard.press("k")
        page.wait_for_timeout(300)
        before = page.evaluate(PLACE)
        produce(self.url, 1_000, self.load.seconds).join()
        page.wait_for_timeout(500)
        after = page.evaluate(PLACE)
        page.context.close()
        moved = "nothing moved" if before == after else f"from {before} to {after}"
        name = "reading while 1,000 a second arrive"
        return [Figure("U9", name, "0 px", moved, before == after)]

    def remembering(self) -> list[Figure]:
        """The memory of a page that was moved about in, and of one that followed for long."""
        page, before = self._followed()
        for first in range(0, self.load.hour, 5_000):
            batch = range(first, min(first + 5_000, self.load.hour))
            post(self.sender, [entry(number, time.time()) for number in batch])
        shown(page, before + self.load.hour)
        used = [heap(one.context.new_cdp_session(one)) for one in (self.page, page)]
        page.context.close()
        name = f"memory after jumps, scrolling / following {self.load.hour:,}"
        return [figure("U10", name, (used[0], used[1]), most=(40, 40), unit="MB")]


def shown(page: Page, entries: int) -> None:
    """Returns when the log says that it has so many entries."""
    page.wait_for_function(HAS_ALL, arg=entries)


def rows(root: Path | None = None, load: Load | None = None) -> Iterator[Figure]:
    """All figures, each as soon as it is measured."""
    load = load or Load(1_000_000, 5, 100, 4.0)
    with tempfile.TemporaryDirectory() as scratch:
        folder = root or Path(scratch, "root")
        if not (folder / "root.json").is_file():
            fill(folder, {LONG_TASK: load.entries})
        with service(folder) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))

            def pages() -> Iterator[Page]:
                while True:
                    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
                    page.set_default_timeout(PATIENCE_MS)
                    yield page

            measured = Measured(url, load, pages())
            yield from measured.opening()
            yield from measured.moving()
            yield from measured.filtering()
            yield from measured.permalink()
            yield from measured.following(1_000)
            yield from measured.following(5_000)
            yield from measured.bursting()
            yield from measured.reading()
            yield from measured.remembering()
            browser.close()


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--opens", type=int, default=5)
    parser.add_argument("--jumps", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--hour", type=int, default=720_000, help="entries followed for the memory")
    given = parser.parse_args()
    load = Load(given.entries, given.opens, given.jumps, given.seconds, given.hour)
    print(f"     {'':4} {'':58} {'measured':>24}  (at most)")
    for one in rows(given.root, load):
        sign = "ok  " if one.is_met else "MISS"
        print(f"{sign} {one.id:4} {one.name:58} {one.measured:>24}  ({one.target})", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
