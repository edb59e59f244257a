"""Whatever a job logs, as JSON: what has no JSON is written as text, nothing is raised.

The fast way encodes what msgspec knows. Only when that fails, the values are rebuilt: keys that
are no text, text that is no Unicode, cycles and objects whose `repr` fails cost themselves, not the
event.
"""

from typing import Final

import msgspec

MAX_DEPTH: Final = 64  # deeper values are written as text


def text_of_any(value: object) -> str:
    """The value as text, whatever its class does."""
    try:
        text = repr(value) if isinstance(value, BaseException) else str(value)
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    except Exception:  # noqa: BLE001 - a job's class may raise anything in its repr
        return f"<unprintable {type(value).__name__}>"
    return text


_ENCODER: Final = msgspec.json.Encoder(enc_hook=text_of_any)


def encode_any(fields: dict[str, object]) -> bytes:
    """The fields as one line of JSON."""
    try:
        return _ENCODER.encode(fields)
    except Exception:  # noqa: BLE001 - see the module: whatever it was, the event is kept
        return _ENCODER.encode(_rebuilt(fields, MAX_DEPTH))


def _rebuilt(value: object, depth: int) -> object:
    """The value made of nothing but JSON."""
    if value is None or isinstance(value, bool | float | int):
        return value
    if depth > 0 and isinstance(value, dict):
        return {_key(key): _rebuilt(one, depth - 1) for key, one in value.items()}
    if depth > 0 and isinstance(value, list | tuple | set | frozenset):
        return [_rebuilt(one, depth - 1) for one in value]
    return text_of_any(value)


def _key(key: object) -> str:
    return text_of_any(key)
