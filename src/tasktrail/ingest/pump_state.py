"""How far a pump has come: one small JSON file per Redis stream, written after each append.

It tells, of entries that Redis offers again, which ones the spool already has; and, by counting,
whether entries vanished from the stream before they were read. Losing it costs no event: everything
that Redis still holds is pumped again, and the recorder knows the identities.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.store.files import atomic_write, read_all

START: Final = "0-0"


class OpenGap(Struct, frozen=True):
    """A gap that is being recorded: kept until the spool has it, so that twice is once."""

    identity: str
    at: int  # µs since the epoch
    event: str  # the gap event, as JSON
    acks: tuple[str, ...] = ()  # entries without a body, to be acknowledged once it is recorded


class PumpState(Struct, frozen=True):
    """What is known of one Redis stream.

    Between `since_id` and `last_id` everything has been pumped. `counted` is the place of the entry
    `last_id` among all entries ever added to the stream; `added` is how many there were at the last
    look, and `xadds` how many XADD commands the Redis process `run_id` had then run.
    """

    epoch: str
    last_id: str = START
    last_crc: int | None = None  # of that entry's fields: ids can come again
    since_id: str = START
    sound_id: str | None = None  # up to here our count agreed with that of Redis
    counted: int | None = None
    added: int | None = None
    run_id: str | None = None
    xadds: int | None = None
    gaps: int = 0
    dead: int = 0
    dead_in_a_row: int = 0  # since the last event that could be accepted
    open_gap: OpenGap | None = None


_DECODER: Final = msgspec.json.Decoder(PumpState)


def read_pump_state(path: Path) -> PumpState | None:
    """The state; `None` when there is none, or none that can be read."""
    try:
        return _DECODER.decode(read_all(path))
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_pump_state(path: Path, state: PumpState) -> None:
    """The state, on disk when the call returns."""
    atomic_write(path, msgspec.json.encode(state) + b"\n")


def parse_id(text: str) -> tuple[int, int]:
    """The milliseconds and the number of a stream id, which order it."""
    millis, _, number = text.partition("-")
    return int(millis), int(number or 0)
