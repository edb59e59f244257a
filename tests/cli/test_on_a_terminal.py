"""Commands on a real terminal: within its width, in its colours, harmless."""

import fcntl
import os
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tasktrail.cli.folding import cells_of
from tests.cli.commands import PROGRAM
from tests.cli.services import accept, log_event
from tests.support.waiting import PATIENCE_SECONDS

COLOR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with a task of long and hostile texts."""
    folder = tmp_path_factory.mktemp("terminal")
    title = "A title that is far too long for a narrow terminal, whatever is done about it " * 2
    result = {"status": "failed", "result": "why " * 200 + "\n" * 40 + "\x1b[2Jend"}
    accept(
        folder,
        [
            {"type": "task:created", "task_id": "gh-1", "data": {"title": title}},
            log_event("日本語 " * 60 + "\x1b]0;owned\x07\r", source="git", stage="plan"),
            log_event("bad", level="error"),
            {"type": "task:completed", "task_id": "gh-1", "data": result},
        ],
    )
    return folder


def seen(
    root: Path, *arguments: str, columns: int = 80, environ: dict[str, str] | None = None
) -> str:
    """What a terminal of that width gets to see."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    said = {name: text for name, text in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
    with subprocess.Popen(
        [PROGRAM, *arguments, "--data", root],
        env={**said, "TERM": "xterm-256color", **(environ or {})},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        blocks = []
        while block := _read(ours):
            blocks.append(block)
        process.wait(PATIENCE_SECONDS)
    os.close(ours)
    return b"".join(blocks).decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    """What came; nothing when the other side is closed."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


@pytest.mark.parametrize("columns", [80, 160])
@pytest.mark.parametrize("command", [["tasks"], ["task", "gh-1"], ["log", "gh-1"]])
def test_nothing_is_wider_than_the_terminal(root: Path, command: list[str], columns: int) -> None:
    """No line is left to the terminal to fold, and none sends anything but colours."""
    shown = seen(root, *command, columns=columns)
    lines = [COLOR.sub("", line) for line in shown.splitlines()]

    assert "gh-1" in shown or "日本語" in shown
    assert COLOR.search(shown)
    assert not [line for line in lines if cells_of(line) > columns]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", "".join(lines))


def test_a_long_result_does_not_fill_the_screen(root: Path) -> None:
    """A page shows the beginning and says how much more there is."""
    shown = seen(root, "task", "gh-1")

    assert "more lines: --json has them" in shown


@pytest.mark.parametrize(
    ("options", "environ", "is_colored"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_are_the_user_s_choice(
    root: Path, options: list[str], environ: dict[str, str], *, is_colored: bool
) -> None:
    """NO_COLOR and a dumb terminal are respected, --color wins over both."""
    shown = seen(root, "log", "gh-1", *options, environ=environ)

    assert bool(COLOR.search(shown)) is is_colored
