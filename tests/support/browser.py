"""A real browser over a running service, with notes on what its pages must not do.

with browsing(program) as browser:
    page = new_page(browser)
    page.goto(service.url)
    assert trespasses(page) == []
"""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.waiting import PATIENCE_SECONDS

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-proxy-server",
)
WATCH = """
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
        window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
    window.alert = window.confirm = window.prompt = (text) => { window.hacked = text ?? true; };
"""
TRESPASSES = "() => [...(window.hacked ? [String(window.hacked)] : []), ...window.violations]"
IS_WIDER = "() => document.documentElement.scrollWidth > window.innerWidth"


@contextmanager
def browsing(program: str) -> Iterator[Browser]:
    """An installed Chromium, ended afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser, *, width: int = 1280, height: int = 800) -> Page:
    """A page of a profile of its own that waits patiently and notes trespasses."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1_000)
    page.add_init_script(WATCH)
    expect.set_options(timeout=PATIENCE_SECONDS * 1_000)
    return page


def trespasses(page: Page) -> list[str]:
    """What ran that should not, and what the policy forbade; empty where all is well."""
    found: list[str] = page.evaluate(TRESPASSES)
    return found


def settle(page: Page) -> None:
    """Returns when the page has its heading and asks for nothing more just now."""
    expect(page.get_by_role("heading", level=1).first).to_be_attached()
    page.wait_for_load_state("networkidle")
