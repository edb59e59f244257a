"""One service and one browser for all web tests of a module: starting them takes a while."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import browsing, new_page
from tests.support.programs import CHROMIUMS, require_program
from tests.support.running_service import RunningService, start_service

BUILT = Path(__file__).parents[2] / "src" / "tasktrail" / "server" / "_web" / "index.html"


@pytest.fixture(scope="module")
def web_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The installed service over a root of this module, with its web UI built."""
    if not BUILT.is_file():
        reason = "needs the built web UI: run `make web`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with start_service(tmp_path_factory.mktemp("web") / "root", environment={}) as running:
        yield running


@pytest.fixture(scope="module")
def web_browser() -> Iterator[Browser]:
    """An installed Chromium."""
    with browsing(require_program(*CHROMIUMS)) as one:
        yield one


@pytest.fixture
def web_page(web_browser: Browser) -> Iterator[Page]:
    """A page of a profile of its own."""
    one = new_page(web_browser)
    yield one
    one.context.close()
