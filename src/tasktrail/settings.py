"""Every setting: one table with name, environment variable, default, unit and help.

A value comes from an option, else the environment, else the TOML file, else the default; an empty
value says nothing. What cannot be used raises InvalidSetting that names the setting and its origin.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from tasktrail.errors import InvalidSetting

KIB: Final = 1024  # bytes
MIB: Final = KIB * KIB
DIGITS: Final = re.compile(r"[0-9]{1,15}")
SIZE: Final = re.compile(r"([0-9]{1,15}) ?([kmg]ib|)")
SIZE_UNITS: Final = {"": 1, "kib": KIB, "mib": MIB, "gib": KIB * MIB}
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MAX_PORT: Final = 65_535
MAX_PARTITIONS: Final = 1_024  # each costs a directory, locks and a sync per batch
HIDDEN: Final = "(set, not shown)"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a process was told, ready to use."""

    data: Path
    logs_dir: Path
    redis_url: str | None = None
    redis_stream: tuple[str, ...] = ("task_events",)
    redis_consumer_group: str = "task-logger"
    redis_trim: str = "off"
    max_batch_size: int = 1_000
    host: str = "127.0.0.1"
    port: int = 8090
    allowed_hosts: tuple[str, ...] = ()
    log_level: str = "INFO"
    partitions: int | None = None  # None: not said, the root decides
    url: str | None = None
    api_key: str | None = None
    index: str | None = None
    max_event_bytes: int = 128 * MIB
    max_body_bytes: int = 256 * MIB
    segment_bytes: int = 64 * MIB


class Setting(NamedTuple):
    """One row of the table; `default` is written as one would set it."""

    name: str
    env: str
    default: str | None
    unit: str
    help: str
    parse: Callable[[str], object]


class SettingValue(NamedTuple):
    """A setting as it stands: its value as text, and where it came from."""

    name: str
    env: str
    value: str | None
    origin: str  # default | environment | file PATH | option
    default: str | None
    unit: str
    help: str


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ValueError("names separated by commas")
    return names


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not DIGITS.fullmatch(text) or not lowest <= int(text) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def _size(text: str) -> int:
    found = SIZE.fullmatch(text.lower())
    if not found or int(found[1]) < 1:
        raise ValueError("a number of bytes, or of KiB, MiB or GiB")
    return int(found[1]) * SIZE_UNITS[found[2]]


def _one_of(*words: str) -> Callable[[str], str]:
    expected = " or ".join(words)

    def parse(text: str) -> str:
        for word in words:
            if word.lower() == text.lower():
                return word
        raise ValueError(expected)

    return parse


def _address(*schemes: str) -> Callable[[str], str]:
    expected = "an address that begins with " + " or ".join(f"{name}://" for name in schemes)

    def parse(text: str) -> str:
        try:
            scheme = urlsplit(text).scheme
        except ValueError as error:
            raise ValueError(expected) from error
        if scheme not in schemes or "://" not in text:
            raise ValueError(expected)
        return text.rstrip("/")

    return parse


SETTINGS: Final = (
    Setting(
        "data",
        "TASKTRAIL_DATA",
        None,
        "directory",
        "the data root; without it, LOGS_DIR's parent, else the platform's user data directory",
        _path,
    ),
    Setting(
        "logs_dir",
        "LOGS_DIR",
        None,
        "directory",
        "where the trails of tasks are; without it, `tasks` in the data root",
        _path,
    ),
    Setting(
        "redis_url",
        "REDIS_URL",
        None,
        "address",
        "the Redis to pump events from; without it, no Redis is spoken to",
        _address("redis", "rediss", "unix"),
    ),
    Setting("redis_stream", "REDIS_STREAM", "task_events", "names", "streams to read", _names),
    Setting(
        "redis_consumer_group",
        "REDIS_CONSUMER_GROUP",
        "task-logger",
        "name",
        "the consumer group that shows our progress",
        str,
    ),
    Setting(
        "redis_trim",
        "TASKTRAIL_REDIS_TRIM",
        "off",
        "off | acked",
        "`acked` removes from Redis what every group of the stream has acknowledged",
        _one_of("off", "acked"),
    ),
    Setting(
        "max_batch_size",
        "MAX_BATCH_SIZE",
        "1000",
        "events",
        "most per read of Redis",
        _whole(1, 1_000_000),
    ),
    Setting(
        "host",
        "HOST",
        "127.0.0.1",
        "address",
        "where the service listens; beyond this machine only with TASKTRAIL_API_KEY",
        str,
    ),
    Setting(
        "port", "PORT", "8090", "port", "of the service; 0 takes a free one", _whole(0, MAX_PORT)
    ),
    Setting(
        "allowed_hosts",
        "TASKTRAIL_ALLOWED_HOSTS",
        None,
        "names",
        "further host names under which the service may be called, separated by commas",
        _names,
    ),
    Setting(
        "log_level",
        "LOG_LEVEL",
        "INFO",
        "level",
        "how much is said on stderr",
        _one_of(*LOG_LEVELS),
    ),
    Setting(
        "partitions",
        "TASKTRAIL_PARTITIONS",
        "1",
        "partitions",
        "how many recorders can share a root; counts only when the root is created",
        _whole(1, MAX_PARTITIONS),
    ),
    Setting(
        "url",
        "TASKTRAIL_URL",
        None,
        "address",
        "where clients and commands find a server; without it they use the data root",
        _address("http", "https"),
    ),
    Setting(
        "api_key",
        "TASKTRAIL_API_KEY",
        None,
        "secret",
        "what the service asks for, and what clients show, on every /api and /ws address",
        str,
    ),
    Setting(
        "index",
        "TASKTRAIL_INDEX",
        None,
        "address",
        "a PostgreSQL address for the index; without it, SQLite in the data root",
        _address("postgresql", "postgres"),
    ),
    Setting(
        "max_event_bytes",
        "TASKTRAIL_MAX_EVENT_BYTES",
        "128MiB",
        "bytes",
        "the largest event accepted",
        _size,
    ),
    Setting(
        "max_body_bytes",
        "TASKTRAIL_MAX_BODY_BYTES",
        "256MiB",
        "bytes",
        "the largest request body that is accepted, before and after decompression",
        _size,
    ),
    Setting(
        "segment_bytes",
        "TASKTRAIL_SEGMENT_BYTES",
        "64MiB",
        "bytes",
        "when a spool file is full",
        _size,
    ),
)


def load_settings(
    environ: Mapping[str, str],
    *,
    overrides: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """The settings that hold; `overrides` are options, by setting name.

    `partitions` is `None` unless somebody said it: an existing root knows its own.
    Raises InvalidSetting with the name, what was expected, what was found and where.
    """
    said = _said(environ, overrides or {}, file)
    values = {row.name: _parsed(row, *said[row.name]) for row in SETTINGS if row.name in said}
    if "data" not in values:
        logs_dir = values.get("logs_dir")
        values["data"] = logs_dir.parent if isinstance(logs_dir, Path) else _user_data()
    if "logs_dir" not in values:
        values["logs_dir"] = Path(str(values["data"])) / "tasks"
    return msgspec.convert(values, Settings)


def explain_settings(
    environ: Mapping[str, str],
    *,
    overrides: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> list[SettingValue]:
    """Each setting with its value and origin, in the order of the table; secrets not shown."""
    said = _said(environ, overrides or {}, file)
    settings = load_settings(environ, overrides=overrides, file=file)
    return [
        SettingValue(
            row.name,
            row.env,
            _shown(row, settings),
            said.get(row.name, ("", "default"))[1],
            *(row.default, row.unit, row.help),
        )
        for row in SETTINGS
    ]


def _said(
    environ: Mapping[str, str], overrides: Mapping[str, str], file: Path | None
) -> dict[str, tuple[str, str]]:
    """What was said of each setting, and where: an option, the environment, else the file."""
    unknown = set(overrides) - {row.name for row in SETTINGS}
    if unknown:
        raise InvalidSetting(f"expected the name of a setting, found {sorted(unknown)} as option")
    path = _file_path(environ, file)
    filed = _read_file(path, must_exist=bool(file or environ.get("TASKTRAIL_CONFIG")))
    said = {}
    for row in SETTINGS:
        for text, origin in (
            (overrides.get(row.name), "option"),
            (environ.get(row.env), "environment"),
            (filed.get(row.name), f"file {path}"),
        ):
            if text:
                said[row.name] = (text, origin)
                break
    return said


def _file_path(environ: Mapping[str, str], file: Path | None) -> Path:
    if file is not None:
        return file
    named = environ.get("TASKTRAIL_CONFIG")
    if named:
        return _path(named)
    # platformdirs is only needed here: who only logs to a named root does not pay for it.
    from platformdirs import user_config_path  # noqa: PLC0415

    return user_config_path("tasktrail") / "config.toml"


def _user_data() -> Path:
    """The platform's place for a user's data."""
    from platformdirs import user_data_path  # noqa: PLC0415 - see above

    return user_data_path("tasktrail")


def _read_file(path: Path, *, must_exist: bool) -> dict[str, str]:
    """The TOML file's values as one would write them in the environment."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if must_exist:
            raise InvalidSetting(f"expected a settings file, found none at {path}") from error
        return {}
    except (OSError, ValueError) as error:
        raise InvalidSetting(f"expected a TOML file of settings at {path}: {error}") from error
    unknown = sorted(set(table) - {row.name for row in SETTINGS})
    if unknown:
        names = ", ".join(row.name for row in SETTINGS)
        raise InvalidSetting(f"{path}: expected names out of {names}, found {unknown}")
    return {name: _as_text(name, value, path) for name, value in table.items()}


def _as_text(name: str, value: object, path: Path) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    raise InvalidSetting(f"{name}: expected text, a number or a list of texts in {path}")


def _parsed(row: Setting, text: str, origin: str) -> object:
    try:
        return row.parse(text)
    except (ValueError, RuntimeError) as error:  # expanduser raises RuntimeError without a home
        found = HIDDEN if row.unit == "secret" else repr(without_password(text))
        message = f"{row.env}: expected {error}, found {found} ({origin})"
        raise InvalidSetting(message) from error


def _shown(row: Setting, settings: Settings) -> str | None:
    value = getattr(settings, row.name)
    if row.name == "partitions" and value is None:
        return row.default
    if value is None or value == ():
        return None
    if row.unit == "secret":
        return HIDDEN
    return ",".join(value) if isinstance(value, tuple) else without_password(str(value))


def without_password(address: str) -> str:
    """The address with its password, if it has one, replaced by `***`."""
    before, at, after = address.rpartition("@")
    scheme, slashes, login = before.partition("://")
    if not at or ":" not in login:
        return address
    return f"{scheme}{slashes}{login.partition(':')[0]}:***@{after}"
