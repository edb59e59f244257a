"""The examples of docs/costs.md do what the page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from msgspec import json

from tests.cli.commands import json_lines, tasktrail
from tests.house.tree import REPOSITORY

PAGE = REPOSITORY / "docs" / "costs.md"


def example(language: str) -> str:
    """The one example in that language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def test_the_coordinators_example_is_recorded_as_it_says(tmp_path: Path) -> None:
    """A session with its task, worker, decision and cost; also asked in the page's SQL."""
    environ = {**os.environ, "TASKTRAIL_DATA": str(tmp_path)}
    code = [sys.executable, "-c", example("python")]
    done = subprocess.run(code, env=environ, capture_output=True, text=True, check=True)
    (listed,) = json_lines(tasktrail("sessions", "--json", "--data", tmp_path).stdout)
    name = listed["session_id"]
    session = json.decode(tasktrail("session", name, "--json", "--data", tmp_path).stdout)
    rows = json_lines(tasktrail("sql", example("sql"), "--json", "--data", tmp_path).stdout)

    assert done.stderr == ""
    assert [(task["task_id"], task["status"]) for task in session["tasks"]] == [
        ("gh-450", "completed")
    ]
    assert [worker["exit_code"] for worker in session["workers"]] == [0]
    # 5,000 x 3 + 40,000 x 0.3 + 2,000 x 15 micro-dollars
    assert session["cost_micro_usd"] == 57_000
    assert rows == [{"task_id": "gh-450", "title": "Fix login", "cost": 0.057}]
