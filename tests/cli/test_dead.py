"""`tasktrail dead`."""

import base64
from pathlib import Path

import pytest

from tasktrail.sdk.client import connect
from tasktrail.settings import load_settings
from tasktrail.store.dead_letters import DeadLetter, append_dead, raw_text
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root
from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import begin, serving

RAW = b'{"type":"x"\x1b}'
GOOD = b'{"type":"task:log","task_id":"gh-1","data":{"message":"hello"}}'


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


def test_what_a_server_refused_is_named_where_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server never had it: the client's machine says how much there is, and in which file."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with serving(tmp_path / "root") as url:
        none = tasktrail("dead", "list", "--server", url)
        with connect(url) as client:
            client.send_encoded([b'{"task_id":"gh-1"}', b'{"task_id":"gh-2"}'], task_id="gh-1")
        done = tasktrail("dead", "list", "--server", url)
    (path,) = tmp_path.glob("home/tasktrail/sending/*/dead-letters.jsonl")

    assert none.stderr == "0 dead letters\n"
    assert done.stderr == f"0 dead letters\n2 events refused by it, kept here: {path}\n"


def test_no_dead_letter_is_no_failure(tmp_path: Path) -> None:
    """An empty list prints nothing on stdout."""
    done = tasktrail("dead", "list", "--data", begin(tmp_path))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 dead letters\n")


def test_one_letter_is_shown_whole(tmp_path: Path) -> None:
    """By the beginning of its key: why, where, and the bytes, harmless or as they are."""
    fill(tmp_path)
    listed = json_lines(tasktrail("dead", "list", "--json", "--data", tmp_path).stdout)
    key = listed[0]["key"]
    shown = tasktrail("dead", "show", key[:8], "--data", tmp_path)
    as_sent = tasktrail("dead", "show", key[:8], "--bytes", "--data", tmp_path)

    assert "expected a JSON object\\x1b[2J" in shown.stdout
    assert shown.stdout.endswith('\n{"type":"x"\\x1b}\n')
    assert as_sent.stdout == RAW.decode()
    assert tasktrail("dead", "show", "zz", "--data", tmp_path).returncode == 3


def test_replaying_says_what_became_of_each(tmp_path: Path) -> None:
    """A letter that can be recorded by now is; what cannot stays, and the exit code says so."""
    fill(tmp_path)
    good = DeadLetter(
        at=1,
        p="redis-a",
        identity="r:1",
        code="event_too_large",
        reason="large",
        raw=raw_text(GOOD),
    )
    append_dead(layout_of(tmp_path), "redis-a", [good])
    one = tasktrail("dead", "replay", "--code", "event_too_large", "--data", tmp_path)
    rest = tasktrail("dead", "replay", "--all", "--data", tmp_path)
    listed = tasktrail("dead", "list", "--data", tmp_path)
    log = tasktrail("log", "gh-1", "--json", "--data", tmp_path)

    assert (one.returncode, one.stderr) == (0, "1 replayed, 0 refused\n")
    assert (rest.returncode, rest.stderr) == (1, "0 replayed, 2 refused\n")
    assert listed.stderr == "2 dead letters, 1 replayed (--all shows them)\n"
    assert [entry["message"] for entry in json_lines(log.stdout)] == ["hello"]


def test_replaying_needs_to_know_what(tmp_path: Path) -> None:
    """Nothing is replayed by accident."""
    fill(tmp_path)

    assert tasktrail("dead", "replay", "--data", tmp_path).returncode == 2
