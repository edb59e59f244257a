"""inspect_ai logs: `.eval` (a ZIP of samples) and `.json` (the same in one object).

An evaluation is a session, a sample of it a task. One sample is held in memory at a time where the
log is a ZIP.
"""

from collections.abc import Iterator
from typing import Final

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import (
    Fields,
    Teller,
    check_fields,
    fields_of,
    flat,
    is_document,
    list_of,
    number,
    read_document,
    text,
    whole,
)
from tasktrail.formats.events import Owner, Saying, known
from tasktrail.formats.lives import begun, ended
from tasktrail.formats.translator import Head, Problem, Source, Translated, WholeFormat
from tasktrail.formats.zip_members import ZipMembers
from tasktrail.model.codec import encode

FORMAT: Final = "inspect_ai"
AGENT: Final = "inspect_ai"
ZIP: Final = b"PK\x03\x04"
SAMPLES: Final = "samples/"
HEADER: Final = "header.json"
START: Final = "_journal/start.json"
RUN_ENDS: Final = {"success": "completed", "error": "failed", "cancelled": "cancelled"}


def translate_log(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of every sample of a log."""
    if blob[:4] == ZIP:
        yield from _from_zip(source, blob)
        return
    document = check_fields(read_document(blob), "a log")
    samples = list_of(document.pop("samples", None))
    for sample in samples:
        yield from _sample(source, document, fields_of(sample))


def _from_zip(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    archive = ZipMembers(blob)
    header, problem = _header(archive)
    if problem:
        yield problem
    for name in sorted(one for one in archive.names if one.startswith(SAMPLES)):
        try:
            sample = check_fields(read_document(archive.read(name)), "a sample")
        except InvalidEvent as error:
            yield Problem(0, f"{name}: {error}", b"")
            continue
        yield from _sample(source, header, sample)


def _header(archive: ZipMembers) -> tuple[Fields, Problem | None]:
    """What the log says of the whole evaluation; an unfinished one has only its beginning."""
    name = HEADER if HEADER in archive.names else START
    if name not in archive.names:
        return {}, Problem(0, f"expected {HEADER}, found none", b"")
    try:
        return fields_of(read_document(archive.read(name))), None
    except InvalidEvent as error:
        return {}, Problem(0, f"{name}: {error}", b"")


def _sample(source: Source, log: Fields, sample: Fields) -> Iterator[Translated]:
    plan = fields_of(log.get("eval"))
    run = text(plan.get("run_id")) or source.stem
    task = f"{run}.{sample.get('id')}.{sample.get('epoch')}"
    created = text(plan.get("created"))
    owner = Owner.of(task, run).at(created or source.modified_at)
    teller = Teller(owner, FORMAT, f"ia:{task}")
    events = list_of(sample.pop("events", None))
    first = fields_of(events[0] if events else None)
    started = Saying(text(first.get("timestamp")) or created, "agent")
    about = {
        "input_message": flat(sample.get("input")) or None,
        "title": f"{plan.get('task') or source.stem} #{sample.get('id')}",
        "source": AGENT,
        "assigned_agent": text(plan.get("model")),
    }
    yield teller.tell("task:created", "created", about, record=log, saying=started)
    for place, event in enumerate(map(fields_of, events)):
        yield from _event(teller, event, place)
    yield _ended(teller, sample, events)
    about = {"agent": AGENT, "model": text(plan.get("model")), "format": FORMAT}
    yield from begun(owner, f"{teller.scope}:run", known(about), created)
    status, stats = text(log.get("status")), fields_of(log.get("stats"))
    if status in RUN_ENDS:
        at = text(stats.get("completed_at"))
        yield from ended(owner, f"{teller.scope}:run", RUN_ENDS[status], at)


def _event(teller: Teller, event: Fields, place: int) -> Iterator[Translated]:
    kind, at = text(event.get("event")) or "event", text(event.get("timestamp"))
    name = text(event.get("uuid")) or str(place)
    if kind == "model":
        yield from _model(teller, event, name, at)
    elif kind == "tool":
        yield from _tool(teller, event, name, at)
    else:
        fields = {"message": text(event.get("name")) or kind}
        saying = Saying(at, "agent", "error" if kind == "error" else "debug")
        yield teller.tell(f"inspect_ai:{kind}", name, fields, record=event, saying=saying)


def _model(teller: Teller, event: Fields, name: str, at: str | None) -> Iterator[Translated]:
    output = fields_of(event.get("output"))
    choices = list_of(output.get("choices"))
    message = fields_of(fields_of(choices[0] if choices else None).get("message"))
    content = flat(message.get("content"))
    said = {"content": content or flat(output.get("completion"))}
    yield teller.tell("task:output", name, said, record=event, saying=Saying(at, "agent"))
    usage = fields_of(output.get("usage"))
    if whole(usage.get("input_tokens")) is None:
        return
    seconds = number(output.get("time"))
    fields = {
        "call_id": f"inspect:{teller.owner.key}:{name}",
        "model": text(event.get("model")) or text(output.get("model")),
        **buckets_of(usage),
        "duration_ms": None if seconds is None else round(seconds * 1000),
        "success": not event.get("error"),
    }
    yield teller.tell("task:api_call", f"{name}#call", fields, saying=Saying(at, "llm"))


def buckets_of(usage: Fields) -> Fields:
    """Disjoint buckets; whether input holds the cached tokens, the total tells."""
    given = whole(usage.get("input_tokens")) or 0
    output = whole(usage.get("output_tokens")) or 0
    read = whole(usage.get("input_tokens_cache_read"))
    written = whole(usage.get("input_tokens_cache_write"))
    cached = (read or 0) + (written or 0)
    if cached and whole(usage.get("total_tokens")) == given + output:
        given = max(0, given - cached)
    reasoning = whole(usage.get("reasoning_tokens"))
    return {
        "input_tokens": given,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": written,
        "output_tokens": max(0, output - (reasoning or 0)),
        "reasoning_tokens": reasoning,
    }


def _tool(teller: Teller, event: Fields, name: str, at: str | None) -> Iterator[Translated]:
    tool = text(event.get("function")) or "unknown"
    tool_id = text(event.get("id"))
    asked = {"name": tool, "input": event.get("arguments") or {}, "_tool_use_id": tool_id}
    yield teller.tell("task:tool_call", name, asked, record=event, saying=Saying(at, "agent"))
    answer = {
        "name": tool,
        "content": flat(event.get("result")),
        "is_error": bool(event.get("error")),
        "_tool_use_id": tool_id,
    }
    done = Saying(text(event.get("completed")) or at, "tool")
    yield teller.tell("task:tool_result", f"{name}#result", answer, saying=done)


def _ended(teller: Teller, sample: Fields, events: list[Fields]) -> Translated:
    """How the sample ended, with what else the log holds of it."""
    error = sample.get("error")
    last = fields_of(events[-1] if events else None)
    fields = {
        "status": "failed" if error else "completed",
        "result": encode(sample.get("scores")).decode(),
        "error": fields_of(error).get("message") or error,
        "duration_seconds": number(sample.get("total_time")),
    }
    event_type = "task:failed" if error else "task:completed"
    saying = Saying(text(last.get("timestamp")), "agent")
    return teller.tell(event_type, "end", fields, record=sample, saying=saying)


def recognises(source: Source, head: Head) -> bool:
    """Whether it is a ZIP of that name, or an object that describes an evaluation."""
    if head.blob[:4] == ZIP:
        return source.name.endswith(".eval")
    return not head.records and is_document(head.blob, b'"eval"', b'"run_id"', b'"status"')


INSPECT_AI: Final = WholeFormat(FORMAT, recognises, translate_log)
