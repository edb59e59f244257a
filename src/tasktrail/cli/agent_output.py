"""An agent's protocol on a command's stdout, told as what the agent said, did and cost.

The translation is the importer's; here its events become those of the running task, with the time
at which they came. The agent's own word on how it ended is told as figures, and waits for the
command's end, which has the last word.
"""

from typing import TYPE_CHECKING, Any, Final

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import as_raw, decode, decode_fields, encode, plain_text
from tasktrail.model.event import IS_ESTIMATED
from tasktrail.model.times import utc_text
from tasktrail.sdk.capture.story import Verdict

if TYPE_CHECKING:
    from tasktrail.formats.translator import LineTranslator, Record, Translated

MOST_TRIES: Final = 40  # lines at the beginning in which the protocol is looked for
MARK: Final = b'"session_id"'  # stands in every first record
ENDS: Final = frozenset({"task:completed", "task:failed"})
FIGURES: Final = "task:metrics"
LEFT_OUT: Final = frozenset({"record", "format"})  # stand in the figures already
ADDED_UP: Final = ("cost_usd", "input_tokens", "output_tokens")  # each end tells its own share


class AgentOutput:
    """The stdout of one command."""

    def __init__(self, task_id: str) -> None:
        self._task_id = as_raw(task_id)
        self._translator: LineTranslator | None = None
        self._tries = MOST_TRIES
        self._verdict: Verdict | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether the protocol was found, or may still begin."""
        return self._translator is not None or self._tries > 0

    @property
    def verdict(self) -> Verdict | None:
        """What the agent said about how it ended."""
        return self._verdict

    def take(self, line: bytes, at: int) -> list[bytes] | None:
        """The events that the line means; `None`: it is text."""
        if self._translator is None:
            self._tries -= self._tries > 0
            if MARK not in line:
                return None
        record = _record_in(line) if line.startswith(b"{") else None
        if record is None:
            return None
        self._translator = self._translator or _translator_for(record)
        if self._translator is None:
            return None
        try:
            return [self._told(event, at) for event in self._translator.translate(record)]
        except InvalidEvent:  # not of the protocol after all: kept as text
            return None

    def _told(self, event: "Translated", at: int) -> bytes:
        """The event as one of our task."""
        fields = decode_fields(event.blob)
        fields["task_id"] = self._task_id
        if fields.pop(IS_ESTIMATED, None) is not None or "timestamp" not in fields:
            fields["timestamp"] = as_raw(utc_text(at))  # seen as it came: no guess
        if plain_text(fields["type"]) in ENDS:
            self._note_end(decode(fields["data"]))
            fields["type"] = as_raw(FIGURES)
        return encode(fields)

    def _note_end(self, data: dict[str, Any]) -> None:
        """The latest end counts, with the figures of all of them."""
        said = {name: value for name, value in data.items() if name not in LEFT_OUT}
        before = self._verdict.said if self._verdict else {}
        for name in ADDED_UP:
            earlier = before.get(name)
            if isinstance(earlier, int | float):
                said[name] = said.get(name, 0) + earlier
        self._verdict = Verdict(said.get("status") == "failed", said)


def _record_in(line: bytes) -> "Record | None":
    """The one record that the line is."""
    # Few commands are agents: the others do not pay for the formats.
    from tasktrail.formats.records import read_line  # noqa: PLC0415
    from tasktrail.formats.translator import Record  # noqa: PLC0415

    found = read_line(line, 0)
    return found[0] if len(found) == 1 and isinstance(found[0], Record) else None


def _translator_for(record: "Record") -> "LineTranslator | None":
    """Who understands what begins with that record."""
    # As above.
    from tasktrail.formats.claude_stream import CLAUDE_STREAM  # noqa: PLC0415
    from tasktrail.formats.translator import Head, Source  # noqa: PLC0415

    head, source = Head(record.blob, (decode(record.blob),), is_whole=False), Source(name="stdout")
    if not CLAUDE_STREAM.recognises(source, head):
        return None
    return CLAUDE_STREAM.open(source, head, None)
