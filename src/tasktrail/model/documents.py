"""The derived documents of a task: 01-input.json, 06-final-result.json and metadata.json.

Each is a pure fold over the same entries as the summary. Fields merge one by one: what is known
stays, also against another known value; null, "" and `unknown` say nothing. `06` is the latest
finished attempt; the earlier ones stand under `attempts`. The first terminal event of an attempt
stands; what came after it is told under `kept`, and words for `error` that were found elsewhere
than under that name say so by `error_from`.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, field

from tasktrail.model.codec import Fields, plain_text
from tasktrail.model.entry import Entry
from tasktrail.model.event import Event
from tasktrail.model.statuses import outcome_of
from tasktrail.model.task import INPUT_KEYS, MICRO_USD, Task, apply, error_of, is_guess, is_known
from tasktrail.model.times import utc_text
from tasktrail.model.view import attempt_of, sent_at

INPUT_EVENTS: Final = frozenset({"task:created", "task:context_built", "webhook:task_created"})
CONTEXT_KEYS: Final = ("enriched_prompt", "conversation_context", "source_metadata")
METRICS: Final = ("cost_usd", "duration_seconds", "input_tokens", "output_tokens")
METADATA_EVENTS: Final = frozenset({"task:created", "task:context_built"})
MOST_KEPT: Final = 20  # all of them are in the trail
ADDED_KEYS: Final = frozenset({"kept", "kept_total", "error_from"})  # unknown to first releases
DOCUMENT_EVENTS: Final = INPUT_EVENTS | {"task:completed", "task:failed", "task:status"}


class Documents(Struct):
    """A task's summary with what else its documents say."""

    task: Task
    known: Fields = field(default_factory=dict)  # data of task:created and task:context_built
    input: Fields = field(default_factory=dict)
    results: dict[int, dict[str, object]] = field(default_factory=dict)  # by attempt

    def metadata(self) -> dict[str, object]:
        """metadata.json: the summary, then what else the producers said of the task."""
        summary = summary_of(self.task)
        return summary | {name: raw for name, raw in self.known.items() if name not in summary}

    def final_result(self) -> dict[str, object] | None:
        """06-final-result.json: the latest finished attempt, earlier ones under `attempts`."""
        if not self.results:
            return None
        *earlier, latest = sorted(self.results)
        attempts = [{"attempt": number, **self.results[number]} for number in earlier]
        return {**self.results[latest], "attempts": attempts}


def as_first_written(result: Mapping[str, Any]) -> dict[str, Any]:
    """06-final-result.json as the first releases wrote it: such documents stay what they are."""
    shown = {name: value for name, value in result.items() if name not in ADDED_KEYS}
    earlier = [as_first_written(one) for one in shown.pop("attempts", ())]
    return shown | ({"attempts": earlier} if earlier else {})


def summary_of(task: Task) -> dict[str, object]:
    """The task as it is answered everywhere."""
    summary: dict[str, object] = msgspec.to_builtins(task)
    del summary["is_created"], summary["guessed"]
    cost = task.cost_micro_usd
    summary["updated_at"] = utc_text(task.updated_at) if task.as_of else None
    summary["cost_usd"] = None if cost is None else cost / MICRO_USD
    return summary


def apply_all(documents: Documents, entry: Entry) -> None:
    """The summary and all documents after the entry, in the order of `seq`, each once."""
    event = entry.event
    if event.event_type not in DOCUMENT_EVENTS:
        apply(documents.task, entry)
        return
    guessed = documents.task.guessed
    over_before = {
        one.number for one in documents.task.attempts if one.is_over and one.number != guessed
    }
    apply(documents.task, entry)
    if event.event_type in METADATA_EVENTS:
        _merge(documents.known, event.data)
    if event.event_type in INPUT_EVENTS:
        _merge(documents.input, _input_of(event))
    if outcome_of(event) and not is_guess(event):  # a guess is no result
        _add_result(documents, entry, over_before)


def _merge(known: Fields, more: Fields) -> None:
    for name, raw in more.items():
        if name not in known and is_known(plain_text(raw)) and bytes(raw) != b"null":
            known[name] = raw


def _input_of(event: Event) -> Fields:
    names = dict.fromkeys(INPUT_KEYS, "message") | {name: name for name in CONTEXT_KEYS}
    found: Fields = {}
    for name, ours in names.items():
        if name in event.data:
            found.setdefault(ours, event.data[name])
    return found


def _add_result(documents: Documents, entry: Entry, over_before: set[int]) -> None:
    """The result of the attempt that this event ended; a later one is kept beside it."""
    ended = [one for one in documents.task.attempts if one.is_over]
    newly = [one for one in ended if one.number not in over_before]
    for attempt in newly:
        documents.results[attempt.number] = _result(entry, attempt.status)
    if newly:
        return
    for attempt in ended:
        if attempt.number not in documents.results:
            continue
        result = documents.results[attempt.number]
        if attempt.error and "error" not in result:  # a later event may name what was missing
            result |= {"error": attempt.error, "error_from": entry.event.event_type}
    number = attempt_of(entry.event)
    if number not in documents.results:
        number = documents.task.attempts[-1].number
    if number in documents.results:
        _keep(documents.results[number], entry)


def _keep(result: dict[str, object], entry: Entry) -> None:
    """A terminal event that came after the first of its attempt: it changed nothing."""
    late: dict[str, object] = {"seq": entry.seq, "event_type": entry.event.event_type}
    late["status"] = outcome_of(entry.event)
    error = error_of(entry.event)
    if error:
        late["error"] = error
    late["at"] = utc_text(sent_at(entry.event, entry.recorded_at))
    kept, total = result.setdefault("kept", []), result.get("kept_total", 0)
    if isinstance(kept, list) and isinstance(total, int):
        kept += [late] if total < MOST_KEPT else []
        result["kept_total"] = total + 1


def _result(entry: Entry, status: str) -> dict[str, object]:
    event, data = entry.event, entry.event.data
    result: dict[str, object] = {"success": status == "completed", "status": status}
    if "result" in data:
        result["result"] = data["result"]
    error = error_of(event)
    if error:
        result["error"] = error
        if error != plain_text(data.get("error")):
            result["error_from"] = "result"
    metrics: dict[str, Raw] = {name: data[name] for name in METRICS if name in data}
    if metrics:
        result["metrics"] = metrics
    result["completed_at"] = utc_text(sent_at(event, entry.recorded_at))
    return result
