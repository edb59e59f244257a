"""`tasktrail dead`."""

import base64
from pathlib import Path

from tasktrail.settings import load_settings
from tasktrail.store.dead_letters import DeadLetter, append_dead, raw_text
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root
from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import serving

RAW = b'{"type":"x"\x1b}'


def fill(root: Path) -> None:
    """Two dead letters, of two pumps."""
    settings = load_settings({}, overrides={"data": str(root)})
    layout = layout_of(settings.data, settings.logs_dir)
    open_root(layout, partitions=None)
    for door in ("redis-a", "redis-task_events"):
        letter = DeadLetter(
            at=1_763_776_000_000_000,
            p=door,
            identity="a:1",
            code="invalid_event",
            reason="expected a JSON object\x1b[2J",
            raw=raw_text(RAW),
        )
        append_dead(layout, door, [letter])


def test_dead_letters_are_listed_with_their_reason(tmp_path: Path) -> None:
    """Each letter says when, where and why; the table cannot act on the terminal."""
    fill(tmp_path)
    done = tasktrail("dead", "list", "--data", tmp_path)

    assert done.returncode == 0
    for door in ("redis-a          ", "redis-task_events"):
        said = f"{door}     13  invalid_event  expected a JSON object\\x1b[2J\n"
        assert said in done.stdout
    assert done.stderr == "2 dead letters\n"


def test_json_holds_the_bytes_as_they_came(tmp_path: Path) -> None:
    """Nothing of a dead letter is lost, by file and by HTTP."""
    fill(tmp_path)
    local = tasktrail("dead", "list", "--json", "--data", tmp_path)
    with serving(tmp_path) as url:
        remote = tasktrail("dead", "list", "--json", "--server", url)
    letters = json_lines(local.stdout)

    assert [base64.b64decode(letter["raw"]) for letter in letters] == [RAW, RAW]
    assert json_lines(remote.stdout) == letters


def test_no_dead_letter_is_no_failure(tmp_path: Path) -> None:
    """An empty list prints nothing on stdout."""
    done = tasktrail("dead", "list", "--data", tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 dead letters\n")
