"""Whatever a job logs, as JSON: nothing is raised, and what has no JSON is written as its repr.

The fast way encodes what msgspec knows. Only where that fails, or would say less than the value,
the values are rebuilt one by one: then `tasktrail_repr` at the top level of the event names those
that are not what they were. Keys that are no text, text that is no Unicode, numbers that JSON does
not have, cycles and objects whose `repr` fails cost themselves, not the event.
"""

import os
from collections.abc import Mapping
from math import isfinite
from typing import Final

import msgspec

MAX_DEPTH: Final = 60  # of a whole event; our doors refuse more than 64
PLAIN_BRACKETS: Final = 50  # so few cannot nest too deep, whatever they stand in
MAX_NAMED: Final = 20  # values that are named as changed; beyond it only the first ones
REPR: Final = "tasktrail_repr"
CONTAINERS: Final = (dict, list, tuple, set, frozenset)

_ENCODER: Final = msgspec.json.Encoder()


def text_of_any(value: object) -> str:
    """The value as text, whatever its class does."""
    try:
        return unicode_of(repr(value) if isinstance(value, BaseException) else str(value))
    except Exception:  # noqa: BLE001 - a job's class may raise anything in its `str`
        return _unprintable(value)


def repr_of_any(value: object) -> str:
    """The value's `repr`, whatever its class does."""
    try:
        return unicode_of(repr(value))
    except Exception:  # noqa: BLE001 - a job's class may raise anything in its `repr`
        return _unprintable(value)


def _unprintable(value: object) -> str:
    return f"<unprintable {type(value).__name__}>"


def unicode_of(text: str) -> str:
    """The text, with half surrogate pairs written as their escapes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return str(text)


def encode_any(fields: Mapping[str, object]) -> bytes:
    """The fields as one line of JSON."""
    blob = encode_plain(fields)
    return _encode_carefully(fields) if blob is None else blob


def encode_plain(value: object) -> bytes | None:
    """The value as JSON where that is the easy case, else `None`."""
    try:
        blob = _ENCODER.encode(value)
    except Exception:  # noqa: BLE001 - see the module: then every value is looked at
        return None
    # `null` may stand for a number that JSON does not have.
    if b"null" in blob or blob.count(b"{") + blob.count(b"[") > PLAIN_BRACKETS:
        return None
    return blob


def _encode_carefully(fields: Mapping[str, object]) -> bytes:
    changed: list[str] = []
    rebuilt = {
        str(name): _Rebuilding(changed).value(value, (str(name),)) for name, value in fields.items()
    }
    if changed:
        rebuilt[REPR] = changed[:MAX_NAMED]
    return _ENCODER.encode(rebuilt)


class _Rebuilding:
    """One walk through a value; notes the places of what JSON does not have."""

    def __init__(self, changed: list[str]) -> None:
        self._changed = changed
        self._above: set[int] = set()

    def value(self, value: object, place: tuple[str, ...]) -> object:
        """The value made of nothing but JSON."""
        kind = type(value)
        if value is None or kind is bool or kind is int:
            return value
        if isinstance(value, str):
            text = unicode_of(value)
            return text if text == str(value) else self._note(text, place)
        if kind is float and isfinite(value):  # type: ignore[arg-type]
            return value
        if isinstance(value, CONTAINERS):
            return self._container(value, place)
        return self._other(value, place)

    def _container(self, value: object, place: tuple[str, ...]) -> object:
        if len(place) >= MAX_DEPTH or id(value) in self._above:
            return self._note(repr_of_any(value), place)
        self._above.add(id(value))
        try:
            return self._inside(value, place)
        except Exception:  # noqa: BLE001 - a subclass of a job's own, or changed by another thread
            return self._note(repr_of_any(value), place)
        finally:
            self._above.discard(id(value))

    def _inside(self, value: object, place: tuple[str, ...]) -> object:
        if isinstance(value, dict):
            named = [(_key(key), one) for key, one in list(value.items())]
            return {key: self.value(one, (*place, key)) for key, one in named}
        many = list(value)  # type: ignore[call-overload]
        return [self.value(one, (*place, str(at))) for at, one in enumerate(many)]

    def _other(self, value: object, place: tuple[str, ...]) -> object:
        """Times, ids, dataclasses and their like as msgspec writes them; the rest as its repr."""
        try:
            if isinstance(value, os.PathLike):
                return unicode_of(os.fsdecode(value))
            if not isinstance(value, int | float):
                blob = _ENCODER.encode(value)
                if b"null" not in blob and blob.count(b"{") + blob.count(b"[") < MAX_DEPTH // 2:
                    return msgspec.Raw(blob)
                return self.value(msgspec.to_builtins(value), place)
        except Exception:  # noqa: BLE001, S110 - no JSON in it, or a class that raises
            pass
        return self._note(repr_of_any(value), place)

    def _note(self, text: str, place: tuple[str, ...]) -> str:
        self._changed.append(".".join(place))
        return text


def _key(key: object) -> str:
    return unicode_of(key) if isinstance(key, str) else text_of_any(key)
