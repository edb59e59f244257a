"""The installed command, as a shell runs it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import json

from tests.support.waiting import PATIENCE_SECONDS

PROGRAM = Path(sys.executable).with_name("tasktrail")


def tasktrail(
    *arguments: str | Path, environ: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """What became of the command."""
    return subprocess.run(
        [PROGRAM, *arguments],
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def json_lines(text: str) -> list[dict[str, Any]]:
    """The objects, one per line."""
    return [json.decode(line) for line in text.splitlines()]
