r"""The JSON objects in a line that may be anything: glued, torn, with NULs or text around them.

{…}            one record, nearly always
{…}{…}         two writers, or a lost line end: both are taken
\0\0\0{…}      a crash left NULs: what stands behind them is taken
{"a":NaN}      numbers that JSON does not have: taken as words, and the record says so
{"a":{"b{…}    torn, and the next record went on: the second is taken, the first is a problem
words          no JSON: the format decides
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import msgspec

from tasktrail.errors import InvalidEvent
from tasktrail.formats.translator import Head, Problem, Record
from tasktrail.model.codec import check_depth, one_line

HEAD_BYTES: Final = 64 << 10
HEAD_LINES: Final = 40
DOCUMENT: Final = re.compile(rb"\s*(?:\[\s*[\[{]|\{\s*\n)")  # an array, or an object on lines
NO_NUMBERS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|(-?(?:NaN|Infinity)\b)')  # outside of texts
SPACE: Final = b" \t\r\n"
NUL: Final = b"\0"
MOST_BRACKETS: Final = 60  # a record with fewer cannot be too deep, with the event around it
NOT_JSON: Final = "expected a JSON object, found text"
TORN: Final = "torn: expected a JSON object"
UNFIT: Final = "nested too deep, or no JSON that can be kept"
MOST_TRIES: Final = 200  # places in a torn line at which a record is looked for
UNDECODABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_SCAN: Final = json.JSONDecoder()
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])

Found = Record | Problem


def read_line(line: bytes, offset: int) -> list[Found]:
    """The records of one line, and what in it is none; empty lines hold nothing.

    A line that looks like one record is not looked into: if its translator cannot decode it,
    `take_apart` says what is in it.
    """
    blob = line if line[-1:] == b"}" else line.strip(SPACE)
    if blob[:1] == b"{" and blob[-1:] == b"}" and not _is_odd(blob):
        return [Record(blob, offset)]
    return take_apart(blob.strip(SPACE), offset) if blob else []


def _is_odd(blob: bytes) -> bool:
    """Whether the line needs a closer look; half surrogates make its decoding fail."""
    if not blob.isascii() and not _is_utf8(blob):
        return True
    return blob.count(b"{") + blob.count(b"[") > MOST_BRACKETS and _is_too_deep(blob)


def _is_utf8(blob: bytes) -> bool:
    try:
        blob.decode()
    except UnicodeDecodeError:
        return False
    return True


def take_apart(blob: bytes, offset: int) -> list[Found]:
    """The records of a line that is not one clean object, and what in it is none.

    A problem whose reason is NOT_JSON is a whole line of text.
    """
    whole = _plain(blob, offset)
    return list(_odd(blob, offset)) if whole is None else [whole]


def _plain(blob: bytes, offset: int) -> Record | None:
    """The one record that the whole line is, legible."""
    try:
        blob = one_line(blob)
        _OBJECT.decode(blob)
    except (InvalidEvent, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if _is_too_deep(blob) else Record(blob, offset)


def _is_too_deep(blob: bytes) -> bool:
    try:
        check_depth(b"[[%b]]" % blob)  # it will stand two levels down in an event
    except InvalidEvent:
        return True
    return False


def _odd(blob: bytes, offset: int) -> Iterator[Found]:
    """The rare line that is not one clean object."""
    if NUL in blob:
        rest = blob.strip(NUL + SPACE)
        lost = blob.count(NUL)
        yield Problem(offset, f"{lost} NUL bytes", b"")
        blob = rest.replace(NUL, b"")
        if not blob:
            return
    try:
        blob.decode()
    except UnicodeDecodeError as error:
        yield Problem(offset, f"not UTF-8 at byte {error.start}: replaced", blob)
        blob = blob.decode("utf-8", "replace").encode()
    yield from _pieces(blob, offset)


def _pieces(blob: bytes, offset: int) -> Iterator[Found]:
    start = blob.find(b"{")
    if start < 0:
        yield Problem(offset, NOT_JSON, blob)
        return
    text = blob.decode("utf-8")
    at, taken, torn = 0, 0, 0
    tries = MOST_TRIES
    found: list[Found] = []
    while tries and (begin := text.find("{", at)) >= 0:
        tries -= 1
        end = _object_end(text, begin, must_be_last=bool(torn or text[taken:begin].strip()))
        if end is None:
            torn, at = torn or 1, begin + 1
            continue
        if text[taken:begin].strip():
            found.append(Problem(offset, TORN, text[taken:begin].encode()))
        found.append(_checked(text[begin:end].encode(), offset))
        at = taken = end
        torn = 0
    rest = text[taken:].strip()
    if rest:
        reason = NOT_JSON if not taken and start > 0 else TORN
        found.append(Problem(offset, reason, rest.encode()))
    yield from found


def _object_end(text: str, begin: int, *, must_be_last: bool) -> int | None:
    """Where the record that begins there ends.

    Behind something torn an object may be a part of the torn one: only what looks like a record
    and has nothing torn behind it counts.
    """
    try:
        found, end = _SCAN.raw_decode(text, begin)
    except (ValueError, RecursionError):
        return None
    if must_be_last:
        rest = text[end:].lstrip()
        if "type" not in found or (rest and not rest.startswith("{")):
            return None
    return end


def _checked(blob: bytes, offset: int) -> Found:
    found = _plain(blob, offset) or _plain(mend_numbers(blob), offset)
    return found or Problem(offset, UNFIT, blob)


def mend_numbers(blob: bytes) -> bytes:
    """The object with NaN and infinities as words, which it then says of itself."""
    mended = 0

    def quoted(match: re.Match[bytes]) -> bytes:
        nonlocal mended
        mended += match[1] is not None
        return match[0] if match[1] is None else b'"%b"' % match[1]

    text = NO_NUMBERS.sub(quoted, blob).rstrip()
    if not mended or text[-1:] != b"}":
        return text if mended else blob
    return b'%b,"tasktrail_repaired":"%d numbers that JSON does not have"}' % (text[:-1], mended)


def parse_head(blob: bytes, *, is_whole: bool) -> Head:
    """The beginning of a file with the objects of its first lines; a document has no lines."""
    if DOCUMENT.match(blob):
        return Head(blob[:HEAD_BYTES], (), is_whole)
    lines = blob[:HEAD_BYTES].split(b"\n")
    if not is_whole:
        lines = lines[:-1]  # the last one may be cut
    records: list[dict[str, object]] = []
    for line in lines[:HEAD_LINES]:
        for found in read_line(line, 0):
            if isinstance(found, Record):
                records += _decoded(found.blob)
    return Head(blob[:HEAD_BYTES], tuple(records), is_whole)


def _decoded(blob: bytes) -> list[dict[str, object]]:
    """What can be decoded of it; a number that no float holds makes its record unreadable here."""
    try:
        return [msgspec.json.decode(blob)]
    except UNDECODABLE:
        pieces = [one.blob for one in take_apart(blob, 0) if isinstance(one, Record)]
    found: list[dict[str, object]] = []
    for piece in pieces:
        with suppress(*UNDECODABLE):
            found.append(msgspec.json.decode(piece))
    return found
