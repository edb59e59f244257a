"""The coordinator's `api-calls-<date>.jsonl`: one model call in a line, under all its older names.

Times there name no zone and are this machine's; where the epoch stands beside them it is taken.
Null means that nobody knew.
"""

from typing import Final

import msgspec

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import Fields, check_fields, fields_of, number, text, whole
from tasktrail.formats.events import Ordinals, Owner, Saying, broken_line, known, make_event
from tasktrail.formats.foreign_times import from_epoch, from_local
from tasktrail.formats.translator import Head, LineFormat, Problem, Record, Source, Translated
from tasktrail.model.codec import decode

FORMAT: Final = "coordinator_api_call"
NAMES: Final = frozenset({"tokens_input", "prompt_tokens", "tokens_output", "completion_tokens"})
SESSION: Final = "unassigned"  # for calls that name neither task nor worker


class ApiCallLines:
    """A file of calls."""

    def __init__(self, source: Source, _head: Head, state: bytes | None) -> None:
        self._stand_in = source.modified_at
        self._ordinals = Ordinals(
            msgspec.json.decode(state, type=dict[str, int]) if state else None
        )

    def translate(self, record: Record) -> list[Translated]:
        """The call; raises InvalidEvent for what is none."""
        fields = check_fields(decode(record.blob), "a model call")
        if not NAMES & fields.keys() and "model" not in fields:
            raise InvalidEvent("expected token counts, found none")
        task, worker = text(fields.get("task_id")), text(fields.get("worker_id"))
        owner = Owner.of(task, None if task or worker else SESSION, worker).at(self._stand_in)
        started = from_epoch(fields.get("start_time"))
        saying = Saying(started or from_local(fields.get("timestamp")), "llm")
        call = known(_call(fields)) | {"format": FORMAT, "record": msgspec.Raw(record.blob)}
        identity = f"ac:{self._ordinals.name(record.blob)}"
        return [make_event("task:api_call", owner, identity, call, saying=saying)]

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """There are no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        return broken_line(Owner.of(None, SESSION).at(self._stand_in), "ac", problem)

    def quiet(self) -> list[Translated]:
        """Nothing: no end is guessed here."""
        return []

    def state(self) -> bytes:
        """What the rest of the file must be translated with."""
        return msgspec.json.encode(dict(self._ordinals.counts))


def _call(fields: Fields) -> Fields:
    seconds = number(fields.get("duration_seconds"))
    written = whole(fields.get("cache_creation_tokens"))
    success = fields.get("success")
    return {
        "call_id": text(fields.get("call_id")),
        "model": text(fields.get("model")),
        "input_tokens": _first(fields, "tokens_input", "prompt_tokens"),
        "output_tokens": _first(fields, "tokens_output", "completion_tokens"),
        "cache_read_tokens": whole(fields.get("cache_read_tokens")),
        "cache_write_5m_tokens": written,
        "cache_split_unknown": True if written else None,
        "tokens_total": _first(fields, "tokens_total", "total_tokens"),
        "cost_usd": number(fields.get("estimated_cost_usd")),
        "duration_ms": None if seconds is None else round(seconds * 1000),
        "success": success if isinstance(success, bool) else None,
        "error": text(fields.get("error_message")),
        "settings": fields_of(fields.get("settings")) or None,
    }


def _first(fields: Fields, *names: str) -> int | None:
    return next((n for n in (whole(fields.get(name)) for name in names) if n is not None), None)


def recognises(_source: Source, head: Head) -> bool:
    """Whether lines are calls with token counts and a worker or a task."""
    return any(
        "model" in record and NAMES & record.keys() and {"worker_id", "task_id"} & record.keys()
        for record in head.records
    )


def open_calls(source: Source, head: Head, state: bytes | None) -> ApiCallLines:
    """Calls, at the file's beginning or where the state was given."""
    try:
        return ApiCallLines(source, head, state)
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"expected the state of a file of calls: {error}") from error


API_CALL_LINES: Final = LineFormat(FORMAT, recognises, open_calls)
