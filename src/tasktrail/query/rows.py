"""Rows: stored lines as they are answered, whole or as a preview."""

from typing import Any, Final

from msgspec import Raw

from tasktrail.errors import TornEntry
from tasktrail.index.peek import UNVIEWABLE
from tasktrail.model.codec import encode
from tasktrail.model.ids import TrailKey
from tasktrail.model.quick_view import quick_row
from tasktrail.model.view import EMPTY, row_of

SMALL_BYTES: Final = 1_000  # values of a preview that are never left out

Row = dict[str, Any]


def row_at(line: bytes, channel: str, key: TrailKey) -> Row:
    """The entry in a stored line as it is answered; raises TornEntry when there is none."""
    try:
        if not line.isascii():
            line.decode()  # an answer is UTF-8, also where a value is spliced in as it stands
        return quick_row(line, channel, key) or row_of(line, channel, key)
    except UNVIEWABLE as error:
        raise TornEntry(f"expected an entry in {key.name} {channel}: {error!r}") from error


def preview_of(row: Row, preview: int) -> Row:
    """The row with at most that many bytes of message, and `size`: how many the message has.

    Other values that are long themselves are left out. What is not whole is named under
    `shortened`; the whole entry is asked for by its seq.
    """
    message, longest = str(row["message"]).encode(), max(preview, SMALL_BYTES)
    shown, short = row | {"size": len(message)}, []
    if len(message) > preview:
        shown["message"] = message[:preview].decode(errors="ignore")
        short.append("message")
    for name in ("metadata", "event"):
        if _length(row[name]) > longest:
            shown[name] = EMPTY
            short.append(name)
    fields = row["fields"]
    if isinstance(fields, dict):
        kept = {name: raw for name, raw in fields.items() if _length(raw) <= longest}
        if len(kept) < len(fields):
            shown["fields"] = kept
            short.append("fields")
    return shown | {"shortened": short}


def _length(value: object) -> int:
    """How many bytes of an answer the value takes, where it can be long."""
    if isinstance(value, str):
        return len(encode(value))
    return len(bytes(value)) if isinstance(value, Raw) else 0
