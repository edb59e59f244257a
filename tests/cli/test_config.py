"""`tasktrail config`."""

from pathlib import Path

from tasktrail.settings import SETTINGS
from tests.cli.commands import json_lines, tasktrail
from tests.cli.test_on_a_terminal import seen


def test_every_setting_is_shown_with_its_origin(tmp_path: Path) -> None:
    """Each value says whether an option, the environment, a file or nobody set it."""
    file = tmp_path / "config.toml"
    file.write_text('host = "127.0.0.2"\n', encoding="utf-8")
    environ = {"PORT": "1234", "TASKTRAIL_CONFIG": str(file)}
    done = tasktrail("config", "--data", tmp_path, "--json", environ=environ)
    values = {one["env"]: (one["value"], one["origin"]) for one in json_lines(done.stdout)}

    assert list(values) == [setting.env for setting in SETTINGS]
    assert values["TASKTRAIL_DATA"] == (str(tmp_path), "option")
    assert values["PORT"] == ("1234", "environment")
    assert values["HOST"] == ("127.0.0.2", f"file {file}")
    assert values["LOG_LEVEL"] == ("INFO", "default")


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    """Neither the key nor a password inside an address is printed."""
    environ = {
        "TASKTRAIL_API_KEY": "tt_secret",
        "REDIS_URL": "redis://me:hunter2@127.0.0.1/0",
        "TASKTRAIL_DATA": str(tmp_path),
    }
    plain = tasktrail("config", environ=environ)
    as_json = tasktrail("config", "--json", environ=environ)

    assert plain.returncode == as_json.returncode == 0
    for secret in ("tt_secret", "hunter2"):
        assert secret not in plain.stdout + as_json.stdout


def test_a_narrow_terminal_shows_names_and_values_whole(tmp_path: Path) -> None:
    """What a setting means and where its value comes from give way; a long value goes on below."""
    place = tmp_path / "a-directory-with-a-name-that-is-long" / "root"
    place.mkdir(parents=True)
    shown = seen(place, "config", "--color", "never", columns=60)

    assert "…" not in shown
    assert all(len(line) <= 60 for line in shown.splitlines())
    assert all(setting.env in shown for setting in SETTINGS)
    assert str(place) in "".join(line[20:].strip() for line in shown.splitlines())


def test_the_table_is_whole_in_a_pipe(tmp_path: Path) -> None:
    """Every setting stands on a line of its own, with what it means."""
    done = tasktrail("config", "--data", tmp_path)

    assert len(done.stdout.splitlines()) == len(SETTINGS) + 1
    assert all(setting.help in done.stdout for setting in SETTINGS)
