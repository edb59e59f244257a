"""What a job was told is kept survives the job's death, by `kill -9` at any moment."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import REPOSITORY

PROGRAM = REPOSITORY / "scripts" / "sdk_kills.py"


@pytest.mark.parametrize("mode", ["durable", "through"])
def test_no_kept_entry_is_lost_by_a_kill(tmp_path: Path, mode: str) -> None:
    """The short version of `make sdk-kills`: recorded once each, in every mode but buffered."""
    chosen = ["--times", "20", "--mode", mode, "--keep", str(tmp_path)]
    command = [sys.executable, str(PROGRAM), *chosen]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert " 0 lack, 0 are there twice" in outcome.stdout
    assert outcome.stdout.startswith("20 kills")
