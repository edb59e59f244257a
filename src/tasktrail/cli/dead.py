"""`tasktrail dead`: events that could not be recorded, each kept whole with its reason."""

import base64
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import counted, show_rows
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, Row, write_table
from tasktrail.cli.terminal import safe_text
from tasktrail.errors import NotFound

if TYPE_CHECKING:
    from tasktrail.service.replay import Wanted

FAILED: Final = 1
COLUMNS = (
    Column("KEY"),
    Column("AT", optional=1),
    Column("MET BY", optional=2),
    Column("BYTES", right=True, optional=0),
    Column("CODE"),
    Column("REASON", flexible=True),
)


@click.group
def dead() -> None:
    """Events that could not be recorded.

    They are kept whole with the reason, and never stop the others. What a server refused to take
    from a client is kept on the client's machine: `dead list` says there how many, and in which
    file.
    """


@dead.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also those that were replayed.")
@takes_invocation()
def dead_list(invocation: Invocation, *, is_all: bool) -> None:
    """Every dead letter with its reason, oldest first.

    With --json also the bytes as they came, in base64.
    """
    letters, replayed = [], 0
    with connected(invocation) as connection:
        for letter in connection.reader.dead():
            replayed += letter.get("replayed_at") is not None
            if is_all or letter.get("replayed_at") is None:
                letters.append(letter)
    shown = f", {replayed:,} replayed" if replayed else ""
    hint = " (--all shows them)" if replayed and not is_all else ""
    told = f"{counted(len(letters), 'dead letter')}{shown}{hint}"
    show_rows(invocation, letters, columns=COLUMNS, row=_row, told=told)
    if connection.url is not None:
        _say_what_is_kept_here(invocation, connection.url)


def _say_what_is_kept_here(invocation: Invocation, url: str) -> None:
    """What clients on this machine had to keep because that server refused it."""
    # Only a list of a server pays for the way there.
    from tasktrail.sdk.flusher import Pace  # noqa: PLC0415
    from tasktrail.sdk.sender import DEAD_LETTERS  # noqa: PLC0415
    from tasktrail.sdk.ways import way_to  # noqa: PLC0415

    directory, _ = way_to(url, api_key=None, pace=Pace())
    path = directory / DEAD_LETTERS
    try:
        with path.open("rb") as letters:
            many = sum(1 for _ in letters)
    except FileNotFoundError:
        return
    invocation.output.say(f"{counted(many, 'event')} refused by it, kept here: {path}")


def _row(letter: Answer) -> Row:
    return (
        letter["key"],
        letter["at"],
        _door(letter),
        f"{_size(letter):,}",
        letter["code"],
        letter["reason"],
    )


def _door(letter: Answer) -> str:
    door = letter["p"]
    return f"partition {door}" if isinstance(door, int) else str(door)


def _size(letter: Answer) -> int:
    raw: str = letter["raw"]
    return len(raw) * 3 // 4 - raw.count("=")


@dead.command("show")
@click.argument("key")
@click.option("--bytes", "is_bytes", is_flag=True, help="Only the bytes as they came.")
@takes_invocation()
def dead_show(invocation: Invocation, *, key: str, is_bytes: bool) -> None:
    """One dead letter, by the beginning of its KEY: why, where, and what came."""
    with connected(invocation) as connection:
        letter = _chosen(connection.reader.dead(), key)
    blob = base64.b64decode(letter["raw"])
    if is_bytes:
        invocation.output.flush()
        sys.stdout.buffer.write(blob)
        return
    if invocation.as_json:
        invocation.output.write_json(letter)
        return
    place = "-" if letter["pos"] is None else f"{letter['pos']:,} of the spool"
    rows = [
        ("key", letter["key"]),
        ("at", letter["at"]),
        ("met by", _door(letter)),
        ("place", place),
        ("identity", letter["identity"] or "-"),
        ("code", letter["code"]),
        ("reason", letter["reason"]),
        ("replayed", letter["replayed_at"] or "-"),
        ("bytes", f"{len(blob):,}"),
    ]
    write_table(invocation.output, (Column("DEAD"), Column("")), rows, titles=False)
    text = blob.decode("utf-8", "backslashreplace")
    invocation.output.write(f"\n{text if invocation.is_raw else safe_text(text)}\n")


def _chosen(letters: Iterable[Answer], key: str) -> Answer:
    """The letter whose key begins so; raises NotFound, also when several do."""
    found = {letter["key"]: letter for letter in letters if letter["key"].startswith(key)}
    if len(found) != 1:
        many = len(found) or "none"
        raise NotFound(f"expected one dead letter whose key begins with {key!r}, found {many}")
    return next(iter(found.values()))


@dead.command("replay")
@click.argument("keys", metavar="[KEY]…", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All that were not replayed yet.")
@click.option("--code", help="All of this code, such as event_too_large.")
@takes_invocation(asks_root=True)
def dead_replay(
    invocation: Invocation, *, keys: tuple[str, ...], is_all: bool, code: str | None
) -> int:
    """Put dead letters through the spool again, by KEY, by --code or --all.

    After the cause is mended: a larger limit, a repaired directory, a newer release. Each keeps
    its identity, so twice is once; each becomes the latest entry of its task. What still cannot be
    recorded stays, and the exit code is 1.
    """
    if not (keys or is_all or code):
        raise click.UsageError("expected KEY, --code or --all", click.get_current_context())
    # Reading commands that only list must not pay for it.
    from tasktrail.service.replay import replay  # noqa: PLC0415

    refused = accepted = 0
    for outcome in replay(invocation.settings(), _wanted(invocation, keys, code)):
        accepted += outcome.refused is None
        refused += outcome.refused is not None
        if invocation.as_json:
            invocation.output.write_json(outcome)
        else:
            what = f"refused: {outcome.refused}" if outcome.refused else "in the spool again"
            invocation.output.write_line(f"{outcome.key}  {what}")
    invocation.output.say(f"{accepted:,} replayed, {refused:,} refused")
    return FAILED if refused else 0


def _wanted(invocation: Invocation, keys: tuple[str, ...], code: str | None) -> "Wanted":
    """Which letters were chosen; raises NotFound for a key that names none, or several."""
    from tasktrail.service.parts import layout_for  # noqa: PLC0415 - see above
    from tasktrail.service.replay import find_letter  # noqa: PLC0415

    layout = layout_for(invocation.settings())
    chosen = {find_letter(layout, key).key for key in keys}
    return lambda letter: (not keys or letter.key in chosen) and (not code or letter.code == code)
