"""What the terminal can show, and text that cannot do anything to it.

Content of tasks is written by others: control characters, escape sequences and marks that turn the
direction of text are shown as what they are. Only `--raw` lets them through. Leaves the layout of
entries to `line_writer` and of tables to `render`.
"""

import os
import re
import shutil
from collections.abc import Mapping
from typing import Final, NamedTuple, TextIO

PIPE_WIDTH: Final = 100_000  # a pipe has no edge: nothing is folded or cut
# C0 but tab and line feed, DEL, C1, marks that turn or hide text, line separators that are not
# line feeds, the invisible tag letters, and halves of surrogate pairs, which UTF-8 cannot say.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSAFE_IN_LINE: Final = re.compile(f"[\t\n]|{_UNSAFE.pattern}")
_COLOR: Final = re.compile(r"\x1b\[[0-9;:]{0,64}m")
_SEQUENCE: Final = re.compile(  # CSI, OSC, the other strings, and the short ones
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-Z\\^-~])"
)
PLAIN_MARKS: Final = {  # of a stream without them
    "…": "...",
    "·": "-",
    "\u2013": "-",
    "\u2014": "-",
    "→": "->",
    "│": "|",
    "\u2018": "'",
    "\u2019": "'",
    "“": '"',
    "”": '"',
}
_PLAIN: Final = "\x1b[0m"
_BYTE: Final = 0x100
_BASIC_PLANE: Final = 0x10000


class Terminal(NamedTuple):
    """What the one who reads our output can take."""

    is_terminal: bool
    has_color: bool
    has_unicode: bool
    width: int


def look_at(stream: TextIO, environ: Mapping[str, str], *, color: str) -> Terminal:
    """The terminal behind `stream`; `color` is auto, always or never."""
    is_terminal = stream.isatty()
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return Terminal(
        is_terminal=is_terminal,
        has_color=_has_color(environ, color, is_terminal=is_terminal),
        has_unicode=encoding.startswith("utf"),
        width=_width(environ) if is_terminal else PIPE_WIDTH,
    )


def _has_color(environ: Mapping[str, str], color: str, *, is_terminal: bool) -> bool:
    if color != "auto":
        return color == "always"
    return is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def _width(environ: Mapping[str, str]) -> int:
    said = environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    return shutil.get_terminal_size().columns


def plainly(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that a stream cannot say: plain marks, else their numbers.

    An error handler as `codecs` wants it.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN_MARKS.get(one) or _spelled_out(one) for one in lacking), error.end


def safe_text(text: str) -> str:
    """The text with everything that could act on a terminal spelled out; line feeds stay."""
    if text.isprintable():  # the usual text, at the speed of one look
        return text
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    return _UNSAFE.sub(_spelled, text)


def safe_line(text: str) -> str:
    """The same for a place of one line: line feeds and tabs are spelled out too."""
    return text if text.isprintable() else _UNSAFE_IN_LINE.sub(_spelled, text)


def without_ansi(text: str) -> str:
    """The text without escape sequences; whatever else could act is spelled out."""
    return safe_text(_SEQUENCE.sub("", text))


def with_colors(text: str) -> str:
    """The text with its colour codes and nothing else that acts; each line ends in plain colour."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if _COLOR.search(line):
            colors = [*_COLOR.findall(line), _PLAIN]
            pieces = zip(_COLOR.split(line), colors, strict=True)
            lines.append("".join(f"{safe_text(piece)}{color}" for piece, color in pieces))
        else:
            lines.append(safe_text(line))
    return "\n".join(lines)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if character in "\t\n\r":
        return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[character]
    return _spelled_out(character)


def _spelled_out(character: str) -> str:
    number = ord(character)
    if number < _BYTE:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < _BASIC_PLANE else f"\\U{number:08x}"


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether a browser opened here would be seen by somebody."""
    if os.uname().sysname == "Darwin":
        return "SSH_CONNECTION" not in environ
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
