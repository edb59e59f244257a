"""Rows as the reader answers them, made of real lines."""

from typing import Any

from msgspec import json

from tasktrail.model.view import row_of
from tests.support.make import TRAIL, entry, line_of


def row(seq: int, event_type: str, **fields: object) -> dict[str, Any]:
    """The row of an entry as the local reader has it: values still the bytes that were sent."""
    channel, line = line_of(entry(seq, event_type, **fields))
    return row_of(line, channel, TRAIL)


def decoded_row(seq: int, event_type: str, **fields: object) -> dict[str, Any]:
    """The same as it comes from a server."""
    answer: dict[str, Any] = json.decode(json.encode(row(seq, event_type, **fields)))
    return answer
