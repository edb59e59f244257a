"""Settings come from options, environment, file and defaults, and say where from."""

import os
from pathlib import Path

import msgspec
import pytest

from tasktrail.errors import InvalidSetting
from tasktrail.setting_values import MIB, without_password
from tasktrail.settings import (
    SETTINGS,
    Settings,
    explain_settings,
    load_settings,
    unknown_settings,
)


def write_file(folder: Path, text: str) -> Path:
    """A settings file with that text."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_table_lists_every_field() -> None:
    """Each field of Settings has its row, in the same order, each row another variable."""
    fields = [field.name for field in msgspec.structs.fields(Settings)]

    assert [row.name for row in SETTINGS] == fields
    assert len({row.env for row in SETTINGS}) == len(SETTINGS)


def test_the_default_of_the_table_is_the_default_that_holds() -> None:
    """Writing every default down changes nothing but `partitions`, which was then said."""
    environ = {row.env: row.default for row in SETTINGS if row.default}
    written = load_settings(environ)

    assert msgspec.structs.replace(written, partitions=None) == load_settings({})


def test_nothing_said_means_the_user_s_data_directory(tmp_path: Path) -> None:
    """The root is the platform's place for data, and listens to this machine only."""
    settings = load_settings({})

    assert settings.data == tmp_path / "home" / "share" / "tasktrail"
    assert settings.logs_dir == settings.data / "tasks"
    assert (settings.host, settings.port) == ("127.0.0.1", 8090)
    assert settings.partitions is None


def test_logs_dir_alone_makes_its_parent_the_root() -> None:
    """The design's own variable still decides where trails are."""
    settings = load_settings({"LOGS_DIR": "/data/logs/tasks"})

    assert settings.data == Path("/data/logs")
    assert settings.logs_dir == Path("/data/logs/tasks")


def test_logs_dir_beside_a_root_moves_only_the_trails() -> None:
    """With both said, each is what it says."""
    settings = load_settings({"LOGS_DIR": "/big/trails", "TASKTRAIL_DATA": "/data"})

    assert (settings.data, settings.logs_dir) == (Path("/data"), Path("/big/trails"))


def test_an_option_outranks_the_environment_and_the_file(tmp_path: Path) -> None:
    """Option, then environment, then file, then default."""
    file = write_file(tmp_path, 'port = 1\nhost = "localhost"\nlog_level = "debug"\n')
    environ = {"PORT": "2", "HOST": "127.0.0.2"}
    settings = load_settings(environ, overrides={"port": "3"}, file=file)

    assert (settings.port, settings.host, settings.log_level) == (3, "127.0.0.2", "DEBUG")


def test_each_value_says_where_it_came_from(tmp_path: Path) -> None:
    """The four origins are told apart, the file with its path."""
    file = write_file(tmp_path, 'redis_stream = ["a", "b"]\n')
    values = explain_settings({"PORT": "2"}, overrides={"host": "::1"}, file=file)
    origins = {value.name: (value.value, value.origin) for value in values}

    assert origins["port"] == ("2", "environment")
    assert origins["host"] == ("::1", "option")
    assert origins["redis_stream"] == ("a,b", f"file {file}")
    assert origins["log_level"] == ("INFO", "default")


def test_the_file_is_found_by_its_variable(tmp_path: Path) -> None:
    """TASKTRAIL_CONFIG names the file."""
    file = write_file(tmp_path, "max_batch_size = 7\n")

    assert load_settings({"TASKTRAIL_CONFIG": str(file)}).max_batch_size == 7


def test_the_file_is_found_in_the_user_s_configuration() -> None:
    """Without a name the platform's place is looked at."""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "tasktrail"
    folder.mkdir(parents=True)
    write_file(folder, "max_batch_size = 8\n")

    assert load_settings({}).max_batch_size == 8


def test_an_empty_value_says_nothing() -> None:
    """A variable that is set to nothing, as container files do, counts as unset."""
    assert load_settings({"REDIS_URL": "", "PORT": ""}).redis_url is None


def test_secrets_are_not_shown() -> None:
    """`config` prints neither the key nor the password of an address."""
    environ = {"TASKTRAIL_API_KEY": "sesame", "REDIS_URL": "redis://me:sesame@cache:6379/0"}
    shown = {value.name: value.value for value in explain_settings(environ)}

    assert "sesame" not in str(shown)
    assert shown["redis_url"] == "redis://me:***@cache:6379/0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("100", 100), ("2 KiB", 2048), ("64mib", 64 * MIB), ("1GiB", 1024 * MIB)],
)
def test_sizes_have_units(text: str, expected: int) -> None:
    """Bytes are written plainly or with a binary unit."""
    assert load_settings({"TASKTRAIL_SEGMENT_BYTES": text}).segment_bytes == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "80a"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "٣"),
        ("REDIS_URL", "localhost:6379"),
        ("TASKTRAIL_URL", "ftp://x"),
        ("TASKTRAIL_URL", "http://[::1"),
        ("REDIS_STREAM", " , "),
        ("LOG_LEVEL", "loud"),
        ("TASKTRAIL_REDIS_TRIM", "all"),
        ("TASKTRAIL_PARTITIONS", "0"),
        ("TASKTRAIL_MAX_EVENT_BYTES", "many"),
        ("TASKTRAIL_MAX_EVENT_BYTES", "0"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(name: str, text: str) -> None:
    """The message names the variable, what was expected, what was found, and where."""
    with pytest.raises(InvalidSetting) as refusal:
        load_settings({name: text})

    message = str(refusal.value)
    assert message.startswith(f"{name}: expected ")
    assert f"found {text!r} (environment)" in message


def test_a_refused_address_hides_its_password() -> None:
    """The message about a wrong address does not print the password in it."""
    with pytest.raises(InvalidSetting) as refusal:
        load_settings({"REDIS_URL": "https://me:sesame@cache"})

    assert "sesame" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("colour = 1\n", "colour"),
        ("port = true\n", "port"),
        ("port = \n", "TOML"),
        ('redis_stream = ["a", 1]\n', "redis_stream"),
    ],
)
def test_a_file_with_mistakes_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    """An unknown name, a value of another kind and broken TOML each name the file."""
    file = write_file(tmp_path, text)

    with pytest.raises(InvalidSetting) as refusal:
        load_settings({}, file=file)

    assert str(file) in str(refusal.value)
    assert expected in str(refusal.value)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    """Naming a file that does not exist is a mistake, not a wish for defaults."""
    with pytest.raises(InvalidSetting, match=r"gone\.toml"):
        load_settings({"TASKTRAIL_CONFIG": str(tmp_path / "gone.toml")})


def test_an_unknown_option_is_refused() -> None:
    """An option that no setting has is a mistake of the caller."""
    with pytest.raises(InvalidSetting, match="colour"):
        load_settings({}, overrides={"colour": "red"})


def test_a_home_is_written_with_a_tilde() -> None:
    """A path may begin with `~`, and is absolute afterwards."""
    assert load_settings({"TASKTRAIL_DATA": "~/trails"}).data == Path.home() / "trails"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://h/0", "redis://h/0"),
        ("redis://:pw@h/0", "redis://:***@h/0"),
        ("redis://me@h/0", "redis://me@h/0"),
        ("redis://me:p@w@h/0", "redis://me:***@h/0"),
    ],
)
def test_a_password_is_replaced_in_an_address(address: str, shown: str) -> None:
    """Only the password goes."""
    assert without_password(address) == shown


def test_a_name_that_is_no_setting_is_told() -> None:
    """A typing mistake changes nothing, so it is said; names of other programs are not."""
    environ = {"TASKTRAIL_PARTITONS": "4", "TASKTRAIL_CONFIG": "x", "REDIS_URI": "y"}

    assert unknown_settings(environ) == [
        "TASKTRAIL_PARTITONS is no setting and changes nothing; did you mean TASKTRAIL_PARTITIONS?"
    ]
    assert unknown_settings({row.env: "1" for row in SETTINGS}) == []
    (nothing_near,) = unknown_settings({"TASKTRAIL_XYXYXYXYXYXYXYXY": "1"})
    assert nothing_near.endswith("is no setting and changes nothing")
