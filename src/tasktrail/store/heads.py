"""The head of a line: the least that must be decoded to know its place in the trail."""

from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import decode_fields


class Head(Struct, frozen=True, gc=False):
    """An entry's place: in its trail, in the spool, and its identity."""

    seq: int
    id: str
    pos: int


_DECODER: Final = msgspec.json.Decoder(Head)


def read_head(line: bytes) -> Head | None:
    """The head of a stored line; `None` when the line cannot be read or is not one of ours."""
    try:
        if not line.isascii():
            line.decode()  # the decoder passes over strings that it does not need
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def is_foreign(line: bytes) -> bool:
    """Whether another program wrote the line: whole, but without a place in a trail of ours."""
    try:
        return "h" not in decode_fields(line)
    except InvalidEvent:
        return False
