"""OpenHands: results of many instances in lines, a task each, or the events of one in an array."""

from collections.abc import Iterator
from typing import Final

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import (
    Fields,
    Teller,
    check_fields,
    fields_of,
    list_of,
    number,
    read_document,
    text,
)
from tasktrail.formats.events import Owner, Saying, broken_line, digest
from tasktrail.formats.foreign_times import from_local
from tasktrail.formats.lives import Life, guessed_end
from tasktrail.formats.openhands_events import first_events, history_events, last_time
from tasktrail.formats.translator import (
    Head,
    LineFormat,
    Problem,
    Record,
    Source,
    Translated,
    WholeFormat,
)

FORMAT: Final = "openhands"


class OpenHandsResults:
    """A file of results."""

    def __init__(self, source: Source, _head: Head, _state: bytes | None) -> None:
        self._owner = Owner.of(source.stem).at(source.modified_at)

    def translate(self, record: Record) -> list[Translated]:
        """The events of one instance; raises InvalidEvent for what is none."""
        result = check_fields(read_document(record.blob), "a result")
        history = result.pop("history", None)
        if not isinstance(history, list):
            raise InvalidEvent("expected `history`, found none")
        task = _task_of(result) or self._owner.key
        owner = Owner.of(task).at(last_time(history) or self._owner.stand_in)
        teller = Teller(owner, FORMAT, f"oh:{task}:{digest(record.blob)}")
        return [*history_events(teller, history), _ended(teller, result)]

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """Results have no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        return broken_line(self._owner, f"oh:{self._owner.key}", problem)

    def quiet(self) -> list[Translated]:
        """Nothing: no end is guessed here."""
        return []

    def state(self) -> bytes:
        """Nothing: lines do not depend on each other."""
        return b""


def _task_of(result: Fields) -> str | None:
    named = text(result.get("instance_id"))
    issue = fields_of(result.get("issue"))
    if named or not issue:
        return named
    return f"{issue.get('owner')}-{issue.get('repo')}-{issue.get('number')}"


def _ended(teller: Teller, result: Fields) -> Translated:
    metrics = fields_of(result.get("metrics"))
    error = result.get("error")
    is_failed = bool(error) or result.get("success") is False
    answer = result.get("result_explanation") or fields_of(result.get("test_result")).get(
        "git_patch"
    )
    fields = {
        "status": "failed" if is_failed else "completed",
        "title": text(fields_of(result.get("issue")).get("title")),
        "result": answer or result.get("git_patch"),
        "error": error,
        "cost_usd": number(metrics.get("accumulated_cost")),
    }
    event_type = "task:failed" if is_failed else "task:completed"
    return teller.tell(event_type, "end", fields, record=result, saying=Saying(None, "agent"))


def recognises_results(_source: Source, head: Head) -> bool:
    """Whether lines hold a history of events."""
    return any(
        first_events(record.get("history"))
        and ("instance_id" in record or "issue" in record or "metrics" in record)
        for record in head.records
    ) or (not head.records and _begins_a_result(head.blob))


def _begins_a_result(blob: bytes) -> bool:
    """Whether a line that is longer than what was read begins like a result."""
    first = blob.partition(b"\n")[0]
    return (
        first[:1] == b"{"
        and b'"instruction"' in first
        and (b'"instance_id"' in first[:200] or first.startswith((b'{"issue"', b'{"instance_id"')))
    )


def recognises_events(_source: Source, head: Head) -> bool:
    """Whether it is an array of events."""
    begin = head.blob.lstrip()
    return (
        begin[:1] == b"["
        and not head.records
        and b'"source"' in begin
        and (b'"action"' in begin or b'"observation"' in begin)
    )


def translate_events(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of one run, which end where the file ends."""
    history = list_of(read_document(blob))
    last_at = last_time(history)
    owner = Owner.of(source.stem).at(last_at or source.modified_at)
    teller = Teller(owner, FORMAT, f"oh:{source.stem}")
    yield from history_events(teller, history)
    last = fields_of(history[-1] if history else None)
    if last.get("action") == "finish":
        fields = {"status": "completed", "result": text(last.get("message"))}
        saying = Saying(from_local(last.get("timestamp")), "agent")
        yield teller.tell("task:completed", "end", fields, saying=saying)
        return
    life = Life(last_at=last_at, is_begun=True)
    if life.is_quiet(source):
        yield from guessed_end(owner, teller.scope, life)


def open_results(source: Source, head: Head, state: bytes | None) -> OpenHandsResults:
    """A file of results."""
    return OpenHandsResults(source, head, state)


OPENHANDS_RESULTS: Final = LineFormat(f"{FORMAT}_results", recognises_results, open_results)
OPENHANDS_EVENTS: Final = WholeFormat(FORMAT, recognises_events, translate_events)
