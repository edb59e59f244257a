"""How the values of settings are written: paths, names, numbers, sizes, words and addresses.

Each reading function turns a text into a value, or raises ValueError with what was expected.
"""

import re
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

KIB: Final = 1024  # bytes
MIB: Final = KIB * KIB
DIGITS: Final = re.compile(r"[0-9]{1,15}")
SECONDS: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")
MINUTE: Final = 60
SIZE: Final = re.compile(r"([0-9]{1,15}) ?([kmg]ib|)")
SIZE_UNITS: Final = {"": 1, "kib": KIB, "mib": MIB, "gib": KIB * MIB}
OWN_PREFIX: Final = "TASKTRAIL_"
# Names of ours that are no settings: where the settings file is, what builds and tests are told.
OTHER_NAMES: Final = frozenset(
    {
        "TASKTRAIL_CONFIG",
        "TASKTRAIL_RUN_PIPES",
        "TASKTRAIL_SAMPLES",
        "TASKTRAIL_TASK_ID",
        "TASKTRAIL_WEB",
        "TASKTRAIL_WEB_DIGEST",
    }
)


def path_of(text: str) -> Path:
    """The absolute path; `~` is the home directory."""
    return Path(text).expanduser().absolute()


def names_of(text: str) -> tuple[str, ...]:
    """The names between commas, at least one."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ValueError("names separated by commas")
    return names


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """What reads a whole number between these two."""

    def parse(text: str) -> int:
        if not DIGITS.fullmatch(text) or not lowest <= int(text) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def seconds_of(text: str) -> float:
    """The seconds, also parts of one; a minute at most."""
    if not SECONDS.fullmatch(text) or not 0 < float(text) <= MINUTE:
        raise ValueError(f"seconds above 0, at most {MINUTE}")
    return float(text)


def size_of(text: str) -> int:
    """The bytes that a number with or without a unit means."""
    found = SIZE.fullmatch(text.lower())
    if not found or int(found[1]) < 1:
        raise ValueError("a number of bytes, or of KiB, MiB or GiB")
    return int(found[1]) * SIZE_UNITS[found[2]]


def one_of(*words: str) -> Callable[[str], str]:
    """What reads one of these words, in any case."""
    expected = " or ".join(words)

    def parse(text: str) -> str:
        for word in words:
            if word.lower() == text.lower():
                return word
        raise ValueError(expected)

    return parse


def address_of(*schemes: str) -> Callable[[str], str]:
    """What reads an address with one of these schemes, and something behind it."""
    expected = "an address that begins with " + " or ".join(f"{name}://" for name in schemes)

    def parse(text: str) -> str:
        try:
            scheme = urlsplit(text).scheme
        except ValueError as error:
            raise ValueError(expected) from error
        address = text.rstrip("/")
        if scheme not in schemes or "://" not in address:
            raise ValueError(expected)
        return address

    return parse


def without_password(address: str) -> str:
    """The address with its password, if it has one, replaced by `***`."""
    before, at, after = address.rpartition("@")
    scheme, slashes, login = before.partition("://")
    if not at or ":" not in login:
        return address
    return f"{scheme}{slashes}{login.partition(':')[0]}:***@{after}"


def unknown_names(environ: Iterable[str], settings: AbstractSet[str]) -> list[str]:
    """A sentence for each name that looks like one of these settings and is none."""
    known = settings | OTHER_NAMES
    unknown = sorted(name for name in environ if name.startswith(OWN_PREFIX) and name not in known)
    return [f"{name} is no setting and changes nothing{_meant(name, known)}" for name in unknown]


def _meant(name: str, known: AbstractSet[str]) -> str:
    import difflib  # noqa: PLC0415 - only a typing mistake pays for it

    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
