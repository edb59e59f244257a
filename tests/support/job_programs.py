"""Programs that play a job: run in a process of their own, with the environment of a root."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import REPOSITORY

EXAMPLES = REPOSITORY / "examples" / "integrations"


class Outcome(NamedTuple):
    """What became of a program; a negative code is the signal that ended it."""

    code: int
    out: str
    err: str


def run_program(program: str | Path, root: Path, *arguments: str, **environ: str) -> Outcome:
    """A program's text, or its file, run to its end with that data root."""
    start = [str(program)] if isinstance(program, Path) else ["-c", program]
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        env={**os.environ, "TASKTRAIL_DATA": str(root), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
