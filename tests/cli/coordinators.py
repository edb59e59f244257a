"""A root in which a coordinator worked, for the commands about it."""

from pathlib import Path

from msgspec import json

from tests.cli.services import record
from tests.support.money import coordinated


def worked(folder: Path) -> Path:
    """The root, with one session of two workers."""
    record(folder, [json.decode(event) for event in coordinated()])
    return folder
