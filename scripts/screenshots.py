"""Pictures of every page of the web UI, to be looked at: `make screenshots`.

Starts a service over a root of its own, tells it a story (and imports the sample conversations
where they lie beside the checkout), and saves each page, dark and light, wide and narrow, into a
folder. When asked, the demo runs too, and its pages of `FOR_DOCS` are written as small WebP into
docs/images.
"""

import argparse
import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[1]))

from tasktrail.chaos.processes import free_port
from tests.support.browser import browsing, new_page, settle
from tests.support.running_service import PROGRAM, RunningService, start_service
from tests.support.web_story import Event, pages_of, story

SAMPLES = Path(
    os.environ.get("TASKTRAIL_SAMPLES", Path(__file__).parents[1].parent / "shared" / "data")
)
SHAPES = {"wide": (1600, 1000), "phone": (360, 780)}
FOR_DOCS = {
    "tasks": "/",
    "log": "/t/{failed}/log#L{error}",
    "result": "/t/{failed}/result",
    "timeline": "/t/{staged}/timeline",
    "flow": "/t/{hooked}/flow",
    "live": "/live",
}
FLOW = "webhook_flow"
DEMO_SPEED = 4
DEMO_SECONDS = 60  # until there is enough to look at
TEXTS = (
    "I'll read the failing test first.",
    "## Plan\n\n1. mend the cookie\n2. run the tests\n\n`SameSite=Lax` is what breaks Safari.",
    "14 passed in 0.71s",
    "Shall I change the date of the invoices too?",
    "\x1b[32m+ response.set_cookie(...)\x1b[0m",
)
TO_WEBP = """async ([png, width]) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = (image.height * width) / image.width;
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/webp', 0.82).split(',')[1];
}"""


def main() -> None:
    """Writes the pictures and says where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("web/test-results/screenshots"))
    parser.add_argument("--docs", type=Path, help="write the few of the documentation there too")
    parser.add_argument("--url", help="look at a service that runs already")
    arguments = parser.parse_args()
    program = next((one for one in map(shutil.which, ("chromium", "google-chrome")) if one), None)
    if program is None:
        sys.exit("needs a Chromium: apt-get install chromium")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with browsing(program) as browser:
        if arguments.url:
            shoot(browser, arguments.url, arguments.out)
            return
        with (
            tempfile.TemporaryDirectory() as folder,
            start_service(Path(folder, "root")) as service,
        ):
            tell(service)
            shoot(browser, service.url, arguments.out)
        if arguments.docs:
            arguments.docs.mkdir(parents=True, exist_ok=True)
            with demonstrated() as url:
                shoot_for_docs(browser, url, arguments.docs)
    print(f"pictures are in {arguments.out}")


def tell(service: RunningService) -> None:
    """Fills the service with something to look at."""
    service.record(story(TEXTS))
    service.record([one for number in range(1, 30) for one in _small_task(number)])
    if SAMPLES.is_dir():
        folders = [str(SAMPLES / name) for name in ("claude_code", "stream_json", "codex")]
        arguments = [str(PROGRAM), "import", *folders, "--server", service.url]
        subprocess.run(arguments, check=False, stdout=subprocess.DEVNULL)


def _small_task(number: int) -> list[Event]:
    task = f"gh-{number}"
    created = {"title": f"Mend issue {number}", "source": "github", "assigned_agent": "coder"}
    ended = "failed" if number % 5 == 0 else "completed"
    lines: list[Event] = [
        {
            "type": "task:log",
            "task_id": task,
            "stage": stage,
            "source": source,
            "level": level,
            "data": {"message": f"{stage}: step {step}"},
        }
        for stage in ("fetch", "plan", "edit", "test")
        for step, (source, level) in enumerate(
            [("git", "debug"), ("agent", "info"), ("tool:bash", "warning"), ("agent", "info")]
        )
    ]
    end: Event = {
        "type": f"task:{ended}",
        "task_id": task,
        "data": {"error": "the patch does not apply"},
    }
    return [
        {"type": "task:created", "task_id": task, "data": created},
        {"type": "task:started", "task_id": task},
        *lines,
        *([end] if number % 7 else []),
    ]


def shoot(browser: Browser, url: str, folder: Path) -> None:
    """Each page in each shape and theme."""
    for shape, (width, height) in SHAPES.items():
        for theme in ("dark", "light"):
            page = new_page(browser, width=width, height=height)
            page.emulate_media(color_scheme=theme)
            for path in pages_of():
                look(page, url + path)
                name = path.partition("?")[0].strip("/").replace("/", "-") or "tasks"
                page.screenshot(path=folder / f"{name}.{shape}.{theme}.png")
            page.context.close()


@contextmanager
def demonstrated() -> Iterator[str]:
    """The address of a demo that has told some stories."""
    port = free_port()
    command = [
        str(PROGRAM),
        "demo",
        "--no-browser",
        "--port",
        str(port),
        "--speed",
        str(DEMO_SPEED),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as demo:
        try:
            time.sleep(DEMO_SECONDS)
            yield f"http://127.0.0.1:{port}"
        finally:
            demo.terminate()


def told(url: str) -> dict[str, Any]:
    """The answer of the service."""
    answer: dict[str, Any] = httpx.get(url).raise_for_status().json()
    return answer


def shoot_for_docs(browser: Browser, url: str, folder: Path) -> None:
    """The few that the documentation shows."""
    tasks = told(f"{url}/api/tasks?limit=200")["tasks"]
    ended = [one for one in tasks if one["source"] == "github" and one["completed_at"]]
    names = {
        "failed": next(one["task_id"] for one in ended if one["status"] == "failed"),
        "staged": next(one["task_id"] for one in ended if one["stage"]),
        "hooked": next(one["task_id"] for one in ended if one["counts"]["by_channel"].get(FLOW)),
    }
    errors = told(f"{url}/api/tasks/{names['failed']}/logs?min_level=error&order=asc&limit=1")
    names["error"] = errors["logs"][0]["seq"]
    page = new_page(browser, width=1280, height=800)
    page.emulate_media(color_scheme="dark")
    blank = new_page(browser)
    for name, path in FOR_DOCS.items():
        look(page, url + path.format(**names))
        png = base64.b64encode(page.screenshot()).decode()
        webp = blank.evaluate(TO_WEBP, [png, 1000])
        (folder / f"{name}.webp").write_bytes(base64.b64decode(webp))


def look(page: Page, url: str) -> None:
    """The page as it is once nothing more comes."""
    page.goto(url)
    settle(page)
    page.wait_for_timeout(500)  # charts and live ends draw once more


if __name__ == "__main__":
    main()
