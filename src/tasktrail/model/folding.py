"""Letters that hide from a search for ASCII bytes: how a line can hold a text and not its bytes.

Case does not matter to a search, so a long s is an s and the Kelvin sign a k; a producer may write
any letter as a JSON escape. Lines with either are few, and are known one by one.
"""

import re
from typing import Final

FOLD_TO_ASCII: Final = tuple(
    map(
        chr,
        [
            *(0xDF, 0x130, 0x149, 0x17F, 0x1F0),
            *range(0x1E96, 0x1E9B),
            *(0x1E9E, 0x212A),
            *range(0xFB00, 0xFB07),
        ],
    )
)
ESCAPED_ASCII: Final = tuple(b"\\u00%c" % digit for digit in b"234567")

_LETTERS: Final = tuple(one.encode() for one in FOLD_TO_ASCII)
_BEGINNINGS: Final = {
    first: tuple(dict.fromkeys(one[:2] for one in _LETTERS if one[0] == first))
    for first in dict.fromkeys(one[0] for one in _LETTERS)
}
# All bytes with which no such letter begins: without them hardly anything is left of a line.
_OTHER_BYTES: Final = bytes(byte for byte in range(256) if byte not in _BEGINNINGS)
_BACKSLASH: Final = b"\\"
_ESCAPES: Final = re.compile(
    rb"\\u(?:00[2-7]|%b)" % b"|".join(b"%04x" % ord(one) for one in FOLD_TO_ASCII), re.IGNORECASE
)


def hides_ascii(line: bytes) -> bool:
    """Whether the line may hold a text in ASCII, in some case, that its bytes do not show."""
    if not line.isascii() and _has_letter(line):
        return True
    return _BACKSLASH in line and b"\\u" in line and _ESCAPES.search(line) is not None


def _has_letter(line: bytes) -> bool:
    for first in set(line.translate(None, _OTHER_BYTES)):
        for beginning in _BEGINNINGS[first]:
            if beginning in line and any(one in line for one in _LETTERS):
                return True
    return False


def escape_of(letter: str) -> bytes:
    """How the letter begins when it is written as an escape."""
    return b"\\u" + letter.encode("utf-16-be")[:2].hex().encode()
