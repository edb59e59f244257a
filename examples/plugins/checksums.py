"""Writes down the checksums of a folder's files: a plugin of yesterday, left as it is.

    python examples/plugins/run.py checksums '{"folder": "docs", "list": "docs.sha256"}'

It knows nothing of tasks and logs with Python's own logging. It is a task all the same, and what it
logs is in the task's trail.
"""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

logger = logging.getLogger("checksums")


def execute(params: Mapping[str, str]) -> int:
    """How many files there are in the list."""
    folder = Path(params["folder"])
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        logger.info("reading %s", path.name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest}  {path.relative_to(folder)}\n")
    Path(params["list"]).write_text("".join(lines), encoding="utf-8")
    if not lines:
        logger.warning("%s holds no files", folder)
    return len(lines)
