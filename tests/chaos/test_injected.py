"""The process that forks broken ones: a line in, a line out, and it lives on."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tasktrail.chaos.processes import python


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    """What to do, without a fault."""
    (tmp_path / "ledgers").mkdir()
    return {
        "act": "prepare",
        "root": str(tmp_path / "root"),
        "ledgers": str(tmp_path / "ledgers"),
        "redis": None,
        "life": 0,
        "fault": "",
        "at": 0,
    }


def test_it_tells_how_each_fork_ended(told: dict[str, Any]) -> None:
    """The first does its work, the second is killed at its third call, the third goes on."""
    lines = [told, told | {"act": "work", "fault": "kill", "at": 3}, told | {"act": "record"}]
    done = subprocess.run(
        python("tasktrail.chaos.injected"),
        input="".join(json.dumps(one) + "\n" for one in lines),
        capture_output=True,
        text=True,
        check=True,
    )
    first, second, third = map(json.loads, done.stdout.splitlines())

    assert (first["status"], second["status"], third["status"]) == (0, -9, 0)
    assert {"pwrite", "fdatasync", "rename", "fsync"} <= set(first["calls"])
