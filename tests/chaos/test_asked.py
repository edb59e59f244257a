"""Many questions in one process are answered as one by one."""

import json
import subprocess
import sys
from pathlib import Path

from tasktrail.chaos.processes import python, tasktrail
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root


def said(command: list[str]) -> tuple[int, str, str]:
    """How it ended and what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_answers_are_those_of_the_commands(tmp_path: Path) -> None:
    """One behind the other; the first that fails ends it, and is named."""
    open_root(layout_of(tmp_path, None), partitions=1)
    told = ["config", "--json", "--data", str(tmp_path)]
    asked = json.dumps([told, told, ["log", "nobody", "--data", str(tmp_path)], told])
    code, answers, errors = said(python("tasktrail.chaos.asked", asked))

    assert answers == 2 * said(tasktrail(*told))[1] != ""
    assert code == 3
    assert "log nobody" in errors
    assert sys.executable in python("tasktrail.chaos.asked")
