"""Ids for tasks that nobody named: which work it was, when, and nobody else's."""

import re
import secrets
import time
from typing import Final

MOST_CHARACTERS: Final = 60  # of the name in an id
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")


def new_task_id(name: str) -> str:
    """An id that begins with the name, as far as ids allow."""
    legal = _ODD.sub("-", name).strip("._-")[:MOST_CHARACTERS] or "task"
    return f"{legal}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
