"""Programs from outside that some tests need.

One that is missing skips the test at home, with a word on what to install, and fails it in CI,
where nothing may be skipped unseen.
"""

import os
import shutil

import pytest

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def require_program(*names: str) -> str:
    """The path of the first of the programs that is there; else a skip, in CI a failure."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    reason = f"needs {names[0]}: install it (apt-get install {names[0]}) to run this test"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
