"""How a text may stand in the bytes of a stored line, whatever its case and however it was written.

A producer writes a letter as it is or as a JSON escape; case does not matter to a search, and a
letter may fold to several (`ß` to `ss`), or another script's to one of ASCII. `spelled` says in
regular expressions what all of these have in common: every line whose message holds the text
matches one of them, and hardly any other. They are meant for bytes whose ASCII letters are in lower
case, and are such that a search for what is usual is as quick as for the plain text.

A message is mostly a string. It may be any other value, in whose JSON a quote is a quote; and that
of a tool call is a name and what was given to it, one behind the other, wherever they stand.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct

LONGEST: Final = 40  # characters that are looked for; a part of a long text is as rare as all of it
# Where Unicode has letters whose case can be folded, ASCII left out; a test looks everywhere.
CASED: Final = (
    range(0x80, 0x3000),
    range(0xA000, 0xAC00),
    range(0xF900, 0xFB20),
    range(0xFF00, 0xFFF0),
    range(0x10000, 0x11A00),
    range(0x16E00, 0x16F00),
    range(0x1E800, 0x1EA00),
)
NAMED: Final = {"\b": b"b", "\t": b"t", "\n": b"n", "\f": b"f", "\r": b"r"}
# Characters that some producers escape, and the escapes of all others, which nobody needs.
OFTEN_ESCAPED: Final = frozenset({*"<>&'+=`\\/\"\x7f", *map(chr, range(0x20))})
RARE: Final = rb"\\u00(?:2[0134589acde]|3[0-9abf]|4[0-9a-f]|5[0-9abdef]|6[1-9a-f]|7[0-9a-e])"
META: Final = frozenset(b"\\.+*?()|[]{}^$#&-~")
ESCAPE: Final = b"\\u"
ASCII_ESCAPE: Final = b"\\u00"
LAST_ASCII: Final = 0x7F
TOOL_CALL: Final = b"task:tool_call"
NO_TOOL: Final = "unknown"  # the message of a tool call that says nothing
END_OF_VALUE: Final = b'[",}\\]]'


class Other(Struct, frozen=True):
    """A way of writing that is not the plain one."""

    regex: bytes
    signs: tuple[bytes, ...]  # what is written so has one of these


class Spelling(Struct, frozen=True):
    """What bytes hold a text; ASCII letters are in lower case."""

    main: bytes  # a regular expression of the usual ways
    plain: bytes | None  # the text where it is usually written in one way only
    others: tuple[Other, ...]  # ways beside the main ones, or beside the plain one

    @property
    def regexes(self) -> tuple[bytes, ...]:
        """Regular expressions of all ways."""
        return tuple(dict.fromkeys((self.main, *(one.regex for one in self.others))))


class _Unit(NamedTuple):
    """The ways to write one folded character."""

    as_is: tuple[bytes, ...]
    escaped: tuple[bytes, ...] = ()  # which producers do
    letters: tuple[bytes, ...] = ()  # unusual letters, also escaped, that fold to one of ASCII
    is_covered: bool = False  # the letter before it may stand for it too

    @property
    def usual(self) -> tuple[bytes, ...]:
        """The ways to expect."""
        return self.as_is + self.escaped


def spelled(text: str) -> Spelling | None:
    """How the text may be spelled, or a part of it; `None` where any line may hold it."""
    folded = text.casefold().strip(" ")[:LONGEST]
    if not folded:
        return None
    units = [_unit(folded, at) for at in range(len(folded))]
    has_one = all(len(one.as_is) == 1 for one in units)
    plain = b"".join(one.as_is[0] for one in units) if has_one else None
    main = _in_words(folded, [_usual(one, all_ascii=folded.isascii()) for one in units])
    return Spelling(main, plain, tuple(_others(folded, units, main)))


def _others(text: str, units: list[_Unit], main: bytes) -> Iterator[Other]:
    """The ways that the plain text leaves out."""
    if escaped := [one for unit in units for one in unit.escaped]:
        yield Other(main, tuple(dict.fromkeys(escaped)))
    if " " in text:
        yield Other(main, (TOOL_CALL,))
    if text in NO_TOOL:
        yield Other(TOOL_CALL, (TOOL_CALL,))
    for at, unit in enumerate(units):
        if unit.letters:
            before = [_usual(one, all_ascii=text.isascii()) for one in units[:at]]
            behind = [_any(one) for one in units[at + 1 :]]
            regex = _in_words(text, [*before, _choice(unit.letters), *behind])
            yield Other(regex, unit.letters)
    if not OFTEN_ESCAPED.issuperset(one for one in text if one.isascii()):
        yield Other(RARE, (ASCII_ESCAPE,))


def _usual(unit: _Unit, *, all_ascii: bool) -> bytes:
    return _choice(unit.usual) + b"?" * (unit.is_covered and not all_ascii)


def _any(unit: _Unit) -> bytes:
    return _choice([*unit.usual, *unit.letters]) + b"?" * unit.is_covered


def _in_words(text: str, units: Sequence[bytes]) -> bytes:
    """The units one after the other; where a name may end, what follows may stand elsewhere."""
    words = [b""]
    for char, unit in zip(text, units, strict=True):
        if char == " ":
            words.append(b"")
        words[-1] += unit
    regex = words.pop()
    while words:
        regex = b"%b(?:%b|%b)" % (words.pop(), END_OF_VALUE, regex)
    return regex


def _unit(text: str, at: int) -> _Unit:
    """How the character there may be written, or a letter that folds to it and its neighbours."""
    char = text[at]
    letters, is_covered = list[str](), False
    for one in _folding().get(char, ()):
        for start in _places_of(one.casefold(), text, at):
            letters.append(one)
            is_covered |= 0 <= start < at
    if not char.isascii():
        own = dict.fromkeys([char, *letters])
        escaped = tuple(map(_escape, own))
        return _Unit(tuple(one.encode() for one in own), escaped, is_covered=is_covered)
    as_is = _as_is(char)
    escaped = (_escape(char),) if char in OFTEN_ESCAPED and _escape(char) not in as_is else ()
    ways = tuple(way for one in dict.fromkeys(letters) for way in (one.encode(), _escape(one)))
    return _Unit(as_is, escaped, ways, is_covered)


def _places_of(folded: str, text: str, at: int) -> Iterator[int]:
    """Where a letter that folds so would begin, if it stands for the character there.

    What lies outside of the text is not known, and fits.
    """
    for into, char in enumerate(folded):
        start = at - into
        first, last = max(0, start), min(len(text), start + len(folded))
        if char == text[at] and text[first:last] == folded[first - start : last - start]:
            yield start


def _as_is(char: str) -> tuple[bytes, ...]:
    """How JSON has a character of ASCII when nothing is escaped that need not be."""
    if char in NAMED:
        return (b"\\" + NAMED[char], *((char.encode(),) if char in "\t\r" else ()))
    if char in {'"', "\\", "/"}:
        return (char.encode(), b"\\" + char.encode())
    return (_escape(char) if char < " " else char.encode(),)


def _escape(char: str) -> bytes:
    """The JSON escape, in lower case."""
    code = char.encode("utf-16-be", "surrogatepass").hex()
    return b"".join(ESCAPE + code[at : at + 4].encode() for at in range(0, len(code), 4))


@cache
def _folding() -> dict[str, tuple[str, ...]]:
    """The letters beyond ASCII that fold to something else, by each character of what they do."""
    found: dict[str, tuple[str, ...]] = {}
    for some in CASED:
        for char in map(chr, some):
            folded = char.casefold()
            if folded != char:
                for one in set(folded):
                    found[one] = (*found.get(one, ()), char)
    return found


def _choice(ways: Sequence[bytes]) -> bytes:
    written = [b"".join(map(_written, one)) for one in ways]
    return written[0] if len(written) == 1 else b"(?:%b)" % b"|".join(written)


def _written(byte: int) -> bytes:
    """The byte in a regular expression that Python and ripgrep read alike."""
    if byte in META:
        return b"\\%c" % byte
    return b"%c" % byte if b" "[0] <= byte < LAST_ASCII else b"\\x%02x" % byte
