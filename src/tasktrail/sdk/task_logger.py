"""The logger of a task: levels, progress and sources, one entry per call, never an exception.

A plain message is only put down as a record, and made into a line when it is written. Whatever the
job could still change after the call is encoded in the call.
"""

import sys
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Final, Protocol, Self, cast

from tasktrail.model.levels import RANKS, at_least, parse_level
from tasktrail.sdk.encoding import encode_plain, text_of_any
from tasktrail.sdk.records import Key, Record, Said, careful_event, event_record
from tasktrail.sdk.voice import STAGES, URGENT_LEVEL, Fields, Voice, rank_of

LONG: Final = 2_000  # characters; above, an entry counts in bytes and is not kept as a record
MAX_PERCENT: Final = 100
# Values that nobody can change: they may wait as they are.
UNCHANGING: Final = frozenset({str, int, float, bool, type(None)})
SAYS: Final = "task:log"
URGENT_LEVELS: Final = frozenset(at_least(URGENT_LEVEL))
# What a call says of its entry besides the metadata; `message` where it was named.
RESERVED: Final = frozenset({"source", "stage", "metadata", "durable", "message"})


class LogCall(Protocol):
    """One entry; `source` and `stage` hold for it only, `fields` join the metadata.

    `args` fill a message with %, as in the standard library. `durable`: on disk at the return.
    """

    def __call__(
        self,
        message: object = "",
        /,
        *args: object,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        durable: bool = False,
        **fields: object,
    ) -> None:
        """Never raises."""


def _leveled(level: str) -> LogCall:
    """The call of a level; `self` is the logger. All that makes it fast stands in it."""
    rank = RANKS[level]
    stages_now = STAGES.get
    # A warning never waits: nothing is longer than the longest short message.
    longest = -1 if level in URGENT_LEVELS else LONG

    def log(self: "TaskLogger", message: object = "", /, *args: object, **fields: object) -> None:
        if rank < self._least:
            return
        if fields or args or type(message) is not str or len(message) > longest:
            self._say(level, message, args, fields)
            return
        try:
            key, stages, outbox = self._key, stages_now(), self._outbox
            stage = None if stages is None else stages.get(key[0])  # type: ignore[arg-type]
            waiting = outbox.waiting
            waiting.append((self._now(), key, level, message, stage))
            if len(waiting) >= outbox.limit:
                outbox.press()
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self._fail(error)

    log.__name__ = level
    log.__doc__ = f"An entry of level {level}, see LogCall."
    return log  # type: ignore[return-value]


class TaskLogger:
    """Log entries of one task, from one source; made by its task."""

    __slots__ = ("_key", "_least", "_now", "_outbox", "_voice", "source")

    def __init__(self, voice: Voice, *, source: str | None = None) -> None:
        self._voice = voice
        self.source = source
        self._least = voice.least
        self._outbox = voice.outbox
        self._now: Callable[[], int] = voice.mouth.now
        self._key = voice.key(SAYS, source)

    debug = _leveled("debug")
    info = _leveled("info")
    warning = _leveled("warning")
    error = _leveled("error")
    critical = _leveled("critical")

    def with_source(self, source: str) -> Self:
        """A new logger that writes as that component; this one stays as it is."""
        return type(self)(self._voice, source=text_of_any(source))

    def is_enabled(self, level: str) -> bool:
        """Whether an entry of that level would be kept."""
        return rank_of(level) >= self._least

    def log(self, level: str, message: object = "", /, *args: object, **fields: object) -> None:
        """An entry of that level, see LogCall."""
        if rank_of(level) >= self._least:
            self._say(_spelled(level), message, args, fields)

    def exception(self, message: object = "", /, *args: object, **fields: object) -> None:
        """An entry of level error with the exception that is being handled, see LogCall."""
        error = sys.exc_info()[1]
        if error is not None:
            fields = {**traceback_of(error), **fields}
        self._say("error", message, args, fields)

    def progress(
        self, message: object = "", /, percent: float | None = None, **fields: object
    ) -> None:
        """An entry of level info that tells how far the task is, 0 to 100; see LogCall."""
        try:
            if RANKS["info"] >= self._least:
                entry = _Entry(message, (), fields)
                source = self.source if entry.source is None else entry.source
                envelope = {"level": "info", "source": source, "stage": entry.stage}
                how_far = None if percent is None else _clamped(percent)
                said = {"message": entry.message, "percent": how_far}
                if entry.fields:
                    said["metadata"] = entry.fields
                self._voice.say("task:progress", said, envelope, durable=entry.is_durable)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self._fail(error)

    def _say(
        self, level: str, message: object, args: tuple[object, ...], fields: dict[str, object]
    ) -> None:
        """An entry of which more is said than a short message."""
        try:
            if args or message.__class__ is not str or not RESERVED.isdisjoint(fields):
                self._say_all(level, _Entry(message, args, fields))
            else:
                self._put(level, message, fields, self._key, self._voice.stage, durable=False)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self._fail(error)

    def _say_all(self, level: str, entry: "_Entry") -> None:
        is_ours = entry.source is None
        key = self._key if is_ours else self._voice.key(SAYS, entry.source)
        stage = self._voice.stage if entry.stage is None else entry.stage
        self._put(level, entry.message, entry.fields, key, stage, durable=entry.is_durable)

    def _put(
        self,
        level: str,
        message: str,
        fields: dict[str, object],
        key: Key,
        stage: str | None,
        *,
        durable: bool,
    ) -> None:
        """The entry as a record; what could change is encoded now."""
        now, size, said = self._now(), len(message), cast("Said", message)
        if fields:
            for value in fields.values():
                if value.__class__ not in UNCHANGING:
                    said = (message, encode_plain(fields) or b"")
                    size += len(said[1])
                    break
                if value.__class__ is str:
                    size += len(value)
            else:
                said = (message, fields)
        record: Record = (now, key, level, said, stage)
        if level not in RANKS or (said.__class__ is tuple and not said[1]):
            event = careful_event((now, key, level, (message, fields), stage))
            record, size = event_record(now, key[0], event), len(event)
        is_urgent = level in URGENT_LEVELS
        self._outbox.put(record, size=size, is_urgent=is_urgent, is_durable=durable)

    def _fail(self, error: Exception) -> None:
        self._voice.mouth.trouble.lose(1, repr(error))


class _Entry:
    """What was said in one call, sorted."""

    __slots__ = ("fields", "is_durable", "message", "source", "stage")

    def __init__(
        self, message: object, args: tuple[object, ...], fields: dict[str, object]
    ) -> None:
        if message.__class__ is str and not message:
            message = fields.pop("message", "")  # somebody named it
        self.message = text_of_any(message) if not args else _filled(message, args)
        self.source = _text_or_none(fields.pop("source", None))
        self.stage = _text_or_none(fields.pop("stage", None))
        self.is_durable = bool(fields.pop("durable", False))
        metadata = fields.pop("metadata", None)
        self.fields = fields if metadata is None else merged(metadata, fields)


def traceback_of(error: BaseException) -> dict[str, object]:
    """What there is to say of an exception: text, type and traceback."""
    # Only a job that fails pays for it.
    from traceback import format_exception  # noqa: PLC0415

    try:
        traceback = "".join(format_exception(error))
    except Exception as broken:  # noqa: BLE001 - an exception may be as broken as any object
        traceback = f"<no traceback: {type(broken).__name__}>"
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    kind = name.removeprefix("builtins.")
    return {"error": text_of_any(error), "error_type": kind, "traceback": traceback}


def _filled(message: object, args: tuple[object, ...]) -> str:
    """The message with its arguments in it; where they do not fit, behind it."""
    text = text_of_any(message)
    try:
        mapping = args[0] if len(args) == 1 and isinstance(args[0], Mapping) and args[0] else args
        return text_of_any(text % mapping)
    except Exception:  # noqa: BLE001 - too many, too few, or one that raises
        return " ".join((text, *(text_of_any(one) for one in args)))


def merged(metadata: object, fields: dict[str, object]) -> dict[str, object]:
    """Both; what is no mapping stands beside the fields."""
    try:
        return {**metadata, **fields}  # type: ignore[dict-item]
    except Exception:  # noqa: BLE001 - no mapping, or one of a job that raises
        return {"metadata": metadata, **fields}


def _clamped(percent: object) -> object:
    """Between 0 and 100; what is no number stays as it is."""
    try:
        number = float(percent)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - any object of a job
        return percent
    if not isfinite(number) or 0 <= number <= MAX_PERCENT:
        return percent
    return 0 if number < 0 else MAX_PERCENT


def _spelled(level: object) -> str:
    return (parse_level(level) if isinstance(level, str) else None) or text_of_any(level)


def _text_or_none(value: object) -> str | None:
    return value if value is None or value.__class__ is str else text_of_any(value)
