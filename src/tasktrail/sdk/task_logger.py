"""The logger of a task: levels, progress and sources, one entry per call, never an exception.

A plain message is only put down as a record, and made into a line when it is written. Whatever the
job could still change after the call is encoded in the call.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Final, Protocol, cast

from msgspec import Raw

from tasktrail.model.levels import RANKS, at_least, level_said
from tasktrail.sdk.encoding import encode_plain, text_of_any
from tasktrail.sdk.records import Head, Metadata, Record, careful_event, event_record
from tasktrail.sdk.voice import MAX_HEADS, STAGES, URGENT_LEVEL, Fields, Voice, rank_of

LONG: Final = 2_000  # bytes in memory; above, an entry counts in bytes
# The size of a text, and in the same step whether it is one.
SIZE_OF: Final = str.__sizeof__
STAGES_NOW: Final = STAGES.get
MAX_PERCENT: Final = 100
# Values that nobody can change: they may wait as they are.
UNCHANGING: Final = frozenset({str, int, float, bool, type(None)})
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


def _quick_debug(
    self: "TaskLogger", message: object = "", /, *args: object, **fields: object
) -> None:
    """An entry of level debug, see LogCall."""
    try:  # word for word as _quick_info, see there
        if fields or args or SIZE_OF(message) > LONG:
            self._teller.say("debug", message, args, fields)
            return
    except TypeError:
        self._teller.say("debug", message, args, fields)
        return
    try:
        if (stages := STAGES_NOW()) is None:
            for nanos in self._seats.stamps:
                self._records.append((nanos, self._debug_head, message))
                return
            head = self._debug_head
        else:
            stage = stages.get(self._task_id)
            head = self._debug_heads.get(stage) or self._teller.head_in("debug", stage)
            for nanos in self._seats.stamps:
                self._records.append((nanos, head, message))
                return
        self._records.append((self._now(), head, message))
        self._outbox.press()
    except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
        self._teller.fail(error)


def _quick_info(
    self: "TaskLogger", message: object = "", /, *args: object, **fields: object
) -> None:
    """An entry of level info, see LogCall."""
    # All that makes it fast stands in it, and as little else as may be.
    try:
        if fields or args or SIZE_OF(message) > LONG:
            self._teller.say("info", message, args, fields)
            return
    except TypeError:  # no text
        self._teller.say("info", message, args, fields)
        return
    try:
        if (stages := STAGES_NOW()) is None:
            for nanos in self._seats.stamps:  # one, if there is a seat
                self._records.append((nanos, self._info_head, message))
                return
            head = self._info_head
        else:
            stage = stages.get(self._task_id)
            head = self._info_heads.get(stage) or self._teller.head_in("info", stage)
            for nanos in self._seats.stamps:
                self._records.append((nanos, head, message))
                return
        self._records.append((self._now(), head, message))
        self._outbox.press()
    except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
        self._teller.fail(error)


def _urgent(level: str) -> LogCall:
    """The call of a level that never waits."""

    def log(self: "TaskLogger", message: object = "", /, *args: object, **fields: object) -> None:
        self._teller.say(level, message, args, fields)

    log.__doc__ = f"An entry of level {level}, see LogCall."
    return cast("LogCall", log)


class TaskLogger:
    """Log entries of one task, from one source; made by its task."""

    __slots__ = (
        "_debug_head",
        "_debug_heads",
        "_info_head",
        "_info_heads",
        "_now",
        "_outbox",
        "_records",
        "_seats",
        "_task_id",
        "_teller",
        "source",
    )

    debug = cast("LogCall", _quick_debug)
    info = cast("LogCall", _quick_info)
    warning = _urgent("warning")
    error = _urgent("error")
    critical = _urgent("critical")

    def __init__(self, voice: Voice, *, source: str | None = None) -> None:
        """`source` is the component that writes; `None` where it is the task itself."""
        self.source = source
        self._teller = teller = _Teller(voice, source)
        self._outbox = voice.outbox
        self._seats = voice.outbox.seats
        self._records = self._seats.records
        self._task_id = voice.task_id
        self._now: Callable[[], int] = voice.mouth.now
        self._debug_head, self._debug_heads = teller.heads_in("debug")
        self._info_head, self._info_heads = teller.heads_in("info")

    def with_source(self, source: str | None) -> "TaskLogger":
        """A new logger of that component, of the task itself if `None`; this stays as it is."""
        named = None if source is None else text_of_any(source)
        return type(self)(self._teller.voice, source=named)

    def is_enabled(self, level: str | int) -> bool:
        """Whether an entry of that level would be kept."""
        return rank_of(level) >= self._teller.voice.least

    def log(
        self, level: str | int, message: object = "", /, *args: object, **fields: object
    ) -> None:
        """An entry of that level, a name or a number of `logging`, see LogCall."""
        teller = self._teller
        try:
            if rank_of(level) >= teller.voice.least:
                teller.say(_spelled(level), message, args, fields)
        except Exception as error:  # noqa: BLE001 - at the very end, see Mouth.fail
            teller.fail(error)

    def exception(self, message: object = "", /, *args: object, **fields: object) -> None:
        """An entry of level error with the exception that is being handled, see LogCall."""
        teller = self._teller
        try:
            error = sys.exc_info()[1]
            if error is not None:
                fields = {**traceback_of(error), **fields}
            teller.say("error", message, args, fields)
        except Exception as broken:  # noqa: BLE001 - as in `log`
            teller.fail(broken)

    def progress(
        self, message: object = "", /, percent: float | None = None, **fields: object
    ) -> None:
        """An entry of level info that tells how far the task is, 0 to 100; see LogCall."""
        self._teller.progress(message, percent, fields)


class _Teller:
    """How one logger tells: as quickly as it can, and never with an exception."""

    __slots__ = ("_heads", "_now", "_outbox", "source", "voice")

    def __init__(self, voice: Voice, source: str | None) -> None:
        self.voice = voice
        self.source = source
        self._outbox = voice.outbox
        self._now: Callable[[], int] = voice.mouth.now
        self._heads: dict[str, dict[str | None, Head]] = {}

    def heads_in(self, level: str) -> tuple[Head, dict[str | None, Head]]:
        """The head outside of all stages, and those of the stages that were met so far."""
        return self.head_in(level, None), self._heads[level]

    def head_in(self, level: str, stage: str | None) -> Head:
        """The head of that level and stage, looked up without the source."""
        heads = self._heads.setdefault(level, {})
        head = heads.get(stage)
        if head is None:
            if len(heads) >= MAX_HEADS:
                heads.clear()
            head = heads[stage] = self.voice.head(self.source, level, stage)
        return head

    def say(
        self, level: str, message: object, args: tuple[object, ...], fields: dict[str, object]
    ) -> None:
        """An entry of which more is said than a short message."""
        try:
            if args or message.__class__ is not str or not RESERVED.isdisjoint(fields):
                self._say_all(level, _Entry(message, args, fields))
            else:
                head = self.head_in(level, self.voice.stage)
                self._put(level, message, fields, head, durable=False)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self.fail(error)

    def _say_all(self, level: str, entry: "_Entry") -> None:
        source = self.source if entry.source is None else entry.source
        stage = self.voice.stage if entry.stage is None else entry.stage
        head = self.voice.head(source, level, stage)
        self._put(level, entry.message, entry.fields, head, durable=entry.is_durable)

    def _put(
        self, level: str, message: str, fields: dict[str, object], head: Head, *, durable: bool
    ) -> None:
        """The entry as a record; what could change is encoded now."""
        record: Record = (self._now(), head, message)
        size = len(message)
        if fields:
            metadata, more = _lasting(fields)
            if metadata is None:
                event = careful_event((*record, fields))
                record, size = event_record(record[0], self.voice.task_id, event), len(event)
            else:
                record, size = (*record, metadata), size + more
        is_urgent = level in URGENT_LEVELS
        self._outbox.put(record, size=size, is_urgent=is_urgent, is_durable=durable)

    def progress(self, message: object, percent: float | None, fields: dict[str, object]) -> None:
        """An entry that tells how far the task is."""
        try:
            if RANKS["info"] < self.voice.least:
                return
            entry = _Entry(message, (), fields)
            source = self.source if entry.source is None else entry.source
            envelope = {"level": "info", "source": source, "stage": entry.stage}
            how_far = None if percent is None else _clamped(percent)
            said = {"message": entry.message, "percent": how_far}
            if entry.fields:
                said["metadata"] = entry.fields
            self.voice.say("task:progress", said, envelope, durable=entry.is_durable)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """An entry is lost, for that reason."""
        self.voice.mouth.fail(error)


def _nothing(self: TaskLogger, message: object = "", /, *args: object, **fields: object) -> None:
    """The call of a level that is not kept."""


def _without(levels: Iterable[str]) -> type[TaskLogger]:
    """The class of loggers to which these levels mean nothing."""
    calls = dict.fromkeys(levels, _nothing)
    return type("TaskLogger", (TaskLogger,), {"__slots__": (), "__module__": __name__, **calls})


# By the lowest rank that they keep: a call is looked up in a class quicker than in an object.
LOGGERS: Final = {
    least: _without(level for level, rank in RANKS.items() if rank < least)
    for least in RANKS.values()
}


def logger_of(voice: Voice) -> TaskLogger:
    """The logger of a task, in its own name."""
    return LOGGERS.get(voice.least, TaskLogger)(voice)


def _lasting(fields: dict[str, object]) -> tuple[Metadata | None, int]:
    """The fields as they may wait, and their size; `None` where some have no JSON."""
    size = 0
    for value in fields.values():
        kind = value.__class__
        if kind not in UNCHANGING or (kind is float and not isfinite(cast("float", value))):
            blob = encode_plain(fields)
            return (None, 0) if blob is None else (Raw(blob), len(blob))
        if kind is str:
            size += len(cast("str", value))
    return fields, size


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
    try:
        # Only a job that fails pays for it.
        from traceback import format_exception  # noqa: PLC0415

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
    return level_said(level) or text_of_any(level)


def _text_or_none(value: object) -> str | None:
    return value if value is None or value.__class__ is str else text_of_any(value)
