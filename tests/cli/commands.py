"""The installed command, as a shell runs it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import json

PROGRAM = Path(sys.executable).with_name("tasktrail")
PATIENCE_SECONDS = 30  # a machine under load is slow without being wrong


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
