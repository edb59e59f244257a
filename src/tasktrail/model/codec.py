"""The only way between bytes and words: JSON in, JSON lines out.

Values that nobody has to understand stay `Raw`: the bytes that were sent, untouched.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw

from tasktrail.errors import InvalidEvent

Fields = dict[str, Raw]

_FIELDS: Final = msgspec.json.Decoder(Fields)
_ANY: Final = msgspec.json.Decoder()
_TEXT: Final = msgspec.json.Decoder(str)
_ENCODER: Final = msgspec.json.Encoder()
# What some readers break lines at, and what steers a terminal: both only outside of ASCII.
_UNSEEN: Final = {code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x80, 0xA0))}

_ESCAPES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)

MAX_DEPTH: Final = 64  # far below what any JSON reader refuses
_OTHERS: Final = bytes(set(range(256)) - set(b'"[]{}'))
_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
MOST_INTEGER: Final = 2**63 - 1
MOST_DIGITS: Final = len(str(-MOST_INTEGER))

encode = _ENCODER.encode


def one_line(blob: bytes) -> bytes:
    """The JSON text as one legible line, all else as sent.

    Inside a JSON string a raw line end is illegal, so each one stands between tokens. Half a
    surrogate pair cannot be text: it becomes U+FFFD, and `tasktrail_repaired` says so.
    Raises InvalidEvent when the bytes are not UTF-8.
    """
    if not blob.isascii():
        try:
            blob.decode()
        except UnicodeDecodeError as error:
            reason = f"expected UTF-8, found byte 0x{blob[error.start]:02x} at {error.start}"
            raise InvalidEvent(reason) from error
    if b"\n" in blob or b"\r" in blob:
        blob = blob.replace(b"\n", b" ").replace(b"\r", b" ")
    if b"\\" in blob and (b"\\ud" in blob or b"\\uD" in blob):
        return _without_halves(blob)
    return blob


def are_legible(lines: Sequence[bytes]) -> bool:
    """Whether `one_line` would change none of them; they are looked at together."""
    joined = b"\n".join(lines)
    if b"\\" in joined and (b"\\ud" in joined or b"\\uD" in joined):
        return False
    return _is_of_lines(joined, len(lines))


def are_lines(texts: Sequence[bytes]) -> bool:
    """Whether each is UTF-8 without a line end; they are looked at together."""
    return _is_of_lines(b"\n".join(texts), len(texts))


def _is_of_lines(joined: bytes, count: int) -> bool:
    if b"\r" in joined or joined.count(b"\n") >= max(count, 1):
        return False
    return joined.isascii() or _is_utf8(joined)  # no line end stands within a character


def _is_utf8(blob: bytes) -> bool:
    try:
        blob.decode()
    except UnicodeDecodeError:
        return False
    return True


def _without_halves(blob: bytes) -> bytes:
    halves = 0

    def mend(match: re.Match[bytes]) -> bytes:
        nonlocal halves
        if match["half"] is None:
            return match[0]
        halves += 1
        return b"\\ufffd"

    mended = _ESCAPES.sub(mend, blob)
    if not halves:
        return blob
    text = mended.rstrip()
    if text[-1:] != b"}":
        return mended
    note = b'"tasktrail_repaired":"%d lone surrogates replaced"}' % halves
    return text[:-1] + b"," + note  # last, so that no field of the producer hides it


def hide_halves(blob: bytes, token: bytes) -> bytes:
    """The JSON with `token` for the escape of each lone surrogate, so that a decoder takes it.

    Put the backslash and the u back for the token, and the event is what was sent.
    """
    if b"\\ud" not in blob and b"\\uD" not in blob:
        return blob
    return _ESCAPES.sub(
        lambda found: token + found["half"][1:] if found["half"] else found[0], blob
    )


def check_depth(blob: bytes) -> None:
    """Nothing; raises InvalidEvent when the JSON nests deeper than every reader can follow."""
    if is_shallow(blob):
        return
    brackets = _brackets(blob)
    for _ in range(MAX_DEPTH):
        inner, brackets = brackets, brackets.replace(b"[]", b"")  # takes one level away
        if not brackets or len(brackets) == len(inner):  # the rest does not fit: no JSON anyway
            return
    raise InvalidEvent(f"expected JSON of at most {MAX_DEPTH} levels, found more")


def is_shallow(blob: bytes) -> bool:
    """Whether the JSON opens too little to be too deep."""
    return blob.count(b"[") + blob.count(b"{") <= MAX_DEPTH


def _brackets(blob: bytes) -> bytes:
    """The brackets outside of strings, all square; every call runs at the speed of memory."""
    bare = blob.replace(b"\\\\", b"").replace(b'\\"', b"").translate(_SQUARE, _OTHERS)
    return b"".join(bare.split(b'"')[::2])


def decode_fields(blob: bytes | Raw) -> Fields:
    """The object's keys with their values as sent; raises InvalidEvent for anything else."""
    try:
        return _FIELDS.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidEvent(f"expected a JSON object: {error}") from error


def decode(blob: bytes | Raw) -> Any:  # noqa: ANN401 - JSON is anything
    """The value; raises InvalidEvent when the bytes are no JSON."""
    try:
        return _ANY.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidEvent(f"expected JSON: {error}") from error


def text_of(raw: Raw | None) -> str | None:
    r"""The text of a JSON string, the digits of a number; `None` for the rest and for \"\"."""
    if raw is None:
        return None
    try:
        return _TEXT.decode(raw) or None
    except msgspec.ValidationError:
        digits = bytes(raw).strip()
        return digits.decode() if digits[:1] in b"-0123456789" else None


def integer_of(raw: Raw | None) -> int | None:
    """The whole number of 64 bits in the value (also when sent as text), else `None`."""
    text = text_of(raw)
    if text is None or len(text) > MOST_DIGITS:
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    return number if abs(number) <= MOST_INTEGER else None


def number_of(raw: Raw | None) -> float | None:
    """The number in the value (also when sent as text), else `None`."""
    text = text_of(raw)
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number and abs(number) != float("inf") else None  # noqa: PLR0124 - NaN


def plain_text(raw: Raw | None) -> str:
    r"""The value as a person reads it: a string's text, else its JSON, \"\" when there is none."""
    if raw is None:
        return ""
    try:
        return _TEXT.decode(raw)
    except msgspec.ValidationError:
        return bytes(raw).decode()


def as_raw(value: object) -> Raw:
    """The value as JSON bytes that stand anywhere a sent value could."""
    return Raw(_ENCODER.encode(value))


def json_line(value: object) -> str:
    """One line of JSON whose text neither breaks a reader's lines nor steers a terminal."""
    blob = _ENCODER.encode(value)
    text = blob.decode()
    return text if blob.isascii() else text.translate(_UNSEEN)
