"""Every setting: one table with name, environment variable, default, unit and help.

A value comes from an option, else the environment, else the TOML file, else the default; an empty
value says nothing. What cannot be used raises InvalidSetting that names the setting and its origin.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tasktrail.errors import InvalidSetting
from tasktrail.setting_values import (
    MIB,
    address_of,
    names_of,
    one_of,
    path_of,
    seconds_of,
    size_of,
    unknown_names,
    whole_number,
    without_password,
)

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
    stalled_seconds: int = 30
    flush_seconds: float = 0.2
    flush_events: int = 1_000
    outbox_bytes: int = 1024 * MIB


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


SETTINGS: Final = (
    Setting(
        "data",
        "TASKTRAIL_DATA",
        None,
        "directory",
        "the data root; without it, LOGS_DIR's parent, else the platform's user data directory",
        path_of,
    ),
    Setting(
        "logs_dir",
        "LOGS_DIR",
        None,
        "directory",
        "where the trails of tasks are; without it, `tasks` in the data root",
        path_of,
    ),
    Setting(
        "redis_url",
        "REDIS_URL",
        None,
        "address",
        "the Redis to pump events from; without it, no Redis is spoken to",
        address_of("redis", "rediss", "unix"),
    ),
    Setting("redis_stream", "REDIS_STREAM", "task_events", "names", "streams to read", names_of),
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
        one_of("off", "acked"),
    ),
    Setting(
        "max_batch_size",
        "MAX_BATCH_SIZE",
        "1000",
        "events",
        "most per read of Redis",
        whole_number(1, 1_000_000),
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
        "port",
        "PORT",
        "8090",
        "port",
        "of the service; 0 takes a free one",
        whole_number(0, MAX_PORT),
    ),
    Setting(
        "allowed_hosts",
        "TASKTRAIL_ALLOWED_HOSTS",
        None,
        "names",
        "further host names under which the service may be called, separated by commas",
        names_of,
    ),
    Setting(
        "log_level",
        "LOG_LEVEL",
        "INFO",
        "level",
        "how much is said on stderr",
        one_of(*LOG_LEVELS),
    ),
    Setting(
        "partitions",
        "TASKTRAIL_PARTITIONS",
        "1",
        "partitions",
        "how many recorders can share a root; counts only when the root is created",
        whole_number(1, MAX_PARTITIONS),
    ),
    Setting(
        "url",
        "TASKTRAIL_URL",
        None,
        "address",
        "where clients find a server (or a Redis), and commands a server; else the data root",
        address_of("http", "https", "redis", "rediss"),
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
        address_of("postgresql", "postgres"),
    ),
    Setting(
        "max_event_bytes",
        "TASKTRAIL_MAX_EVENT_BYTES",
        "128MiB",
        "bytes",
        "the largest event accepted",
        size_of,
    ),
    Setting(
        "max_body_bytes",
        "TASKTRAIL_MAX_BODY_BYTES",
        "256MiB",
        "bytes",
        "the largest request body that is accepted, before and after decompression",
        size_of,
    ),
    Setting(
        "segment_bytes",
        "TASKTRAIL_SEGMENT_BYTES",
        "64MiB",
        "bytes",
        "when a spool file is full",
        size_of,
    ),
    Setting(
        "stalled_seconds",
        "TASKTRAIL_STALLED_SECONDS",
        "30",
        "seconds",
        "a service ends a process that holds its locks and has not run for so long; 0: never",
        whole_number(0, 86_400),
    ),
    Setting(
        *(
            "flush_seconds",
            "TASKTRAIL_FLUSH_SECONDS",
            "0.2",
            "seconds",
            "the wait in a job's buffer",
        ),
        seconds_of,
    ),
    Setting(
        *("flush_events", "TASKTRAIL_FLUSH_EVENTS", "1000", "events", "how many wait there"),
        whole_number(1, 100_000),
    ),
    Setting(
        *("outbox_bytes", "TASKTRAIL_OUTBOX_BYTES", "1GiB", "bytes"),
        "what may wait on a job's machine; above, debug entries go first",
        size_of,
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
        return path_of(named)
    # platformdirs is only needed here: who only logs to a named root does not pay for it.
    from platformdirs import user_config_path  # noqa: PLC0415

    return user_config_path("tasktrail") / "config.toml"


def is_default_root(path: Path) -> bool:
    """Whether that is where data goes when nobody says anything."""
    return path == _user_data()


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


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each name in the environment that looks like a setting and is none."""
    return unknown_names(environ, {row.env for row in SETTINGS})
