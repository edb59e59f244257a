"""OpenHands: single actions and observations, as events."""

from collections.abc import Iterator
from typing import Final

from tasktrail.formats.documents import Fields, Teller, fields_of, flat, list_of, text, whole
from tasktrail.formats.events import Saying, digest
from tasktrail.formats.foreign_times import from_local
from tasktrail.formats.translator import Translated
from tasktrail.model.codec import encode

AGENT: Final = "openhands"
SILENT: Final = frozenset({"system", "change_agent_state", "recall", "null"})
WORDS: Final = {"think": "task:thinking", "finish": "task:output", "reject": "task:output"}
QUIET_ANSWERS: Final = frozenset({"agent_state_changed", "null", "recall"})


def history_events(teller: Teller, history: list[object]) -> Iterator[Translated]:
    """The events of a history; its items are events, or pairs of action and observation."""
    items: list[Fields] = []
    for item in history:
        items += map(fields_of, item) if isinstance(item, list) else [fields_of(item)]
    is_first = True
    for place, item in enumerate(items):
        number = whole(item.get("id"))
        name = f"{place if number is None else number}:{digest(encode(item))}"
        at = from_local(item.get("timestamp"))
        if "observation" in item:
            yield _observation(teller, item, name, at)
            continue
        action = text(item.get("action")) or "null"
        if action == "message" and (item.get("source") == "user" or is_first):
            yield from _prompt(teller, item, name, at, is_first=is_first)
            is_first = False
        else:
            yield _action(teller, item, name, at)
        yield from _call(teller, item, name, at)


def _given(item: Fields) -> Fields:
    """An action's arguments, which stand beside its name where there is no `args`."""
    given = item.get("args")
    if isinstance(given, dict):
        return given
    return {key: value for key, value in item.items() if key not in {"action", "id", "timestamp"}}


def _prompt(
    teller: Teller, item: Fields, name: str, at: str | None, *, is_first: bool
) -> Iterator[Translated]:
    said = flat(_given(item).get("content")) or flat(item.get("message"))
    saying = Saying(at, "user")
    if is_first:
        first = {"input_message": said, "source": AGENT, "assigned_agent": AGENT}
        yield teller.tell("task:created", f"{name}#created", first, saying=saying)
    fields = {"content": said, "question_type": "prompt"}
    yield teller.tell("task:user_input", name, fields, record=item, saying=saying)


def _action(teller: Teller, item: Fields, name: str, at: str | None) -> Translated:
    action, given = text(item.get("action")) or "null", _given(item)
    if action in SILENT:
        fields: Fields = {"message": flat(item.get("message")) or action}
        kind = f"openhands:{action}"
        return teller.tell(kind, name, fields, record=item, saying=Saying(at, "agent", "debug"))
    if action == "message" or action in WORDS:
        said = flat(given.get("thought")) or flat(given.get("content"))
        fields = {"content": said or flat(item.get("message"))}
        kind = WORDS.get(action, "task:output")
        level = "debug" if kind == "task:thinking" else None
        return teller.tell(kind, name, fields, record=item, saying=Saying(at, "agent", level))
    called = fields_of(item.get("tool_call_metadata"))
    fields = {"name": action, "input": given, "_tool_use_id": text(called.get("tool_call_id"))}
    return teller.tell("task:tool_call", name, fields, record=item, saying=Saying(at, "agent"))


def _observation(teller: Teller, item: Fields, name: str, at: str | None) -> Translated:
    kind = text(item.get("observation")) or "null"
    if kind in QUIET_ANSWERS:
        fields: Fields = {"message": flat(item.get("message")) or kind}
        saying = Saying(at, "agent", "debug")
        return teller.tell(f"openhands:{kind}", name, fields, record=item, saying=saying)
    extras = fields_of(item.get("extras"))
    code = whole(fields_of(extras.get("metadata")).get("exit_code"))
    code = whole(extras.get("exit_code", item.get("exit_code"))) if code is None else code
    fields = {
        "name": kind,
        "content": flat(item.get("content")),
        "is_error": kind == "error" or bool(code and code > 0),
        "_tool_use_id": text(fields_of(item.get("tool_call_metadata")).get("tool_call_id")),
        "cause": whole(item.get("cause")),
    }
    return teller.tell("task:tool_result", name, fields, record=item, saying=Saying(at, "tool"))


def _call(teller: Teller, item: Fields, name: str, at: str | None) -> Iterator[Translated]:
    """The model call that an action came from; its prompt tokens hold the cached ones."""
    answer = fields_of(fields_of(item.get("tool_call_metadata")).get("model_response"))
    usage = fields_of(answer.get("usage"))
    total = whole(usage.get("prompt_tokens"))
    if total is None:
        return
    details = fields_of(usage.get("prompt_tokens_details"))
    read = whole(usage.get("cache_read_input_tokens"))
    read = whole(details.get("cached_tokens")) if read is None else read
    written = whole(usage.get("cache_creation_input_tokens"))
    reasoning = whole(fields_of(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    output = whole(usage.get("completion_tokens"))
    fields = {
        "call_id": text(answer.get("id")),
        "model": text(answer.get("model")),
        "input_tokens": max(0, total - (read or 0) - (written or 0)),
        "cache_read_tokens": read,
        "cache_write_5m_tokens": written,
        "cache_split_unknown": True if written else None,
        "output_tokens": None if output is None else max(0, output - (reasoning or 0)),
        "reasoning_tokens": reasoning,
        "success": True,
    }
    yield teller.tell("task:api_call", f"{name}#call", fields, saying=Saying(at, "llm"))


def last_time(history: list[object]) -> str | None:
    """When the last of it that tells a time happened."""
    said = (from_local(fields_of(item).get("timestamp")) for item in reversed(history))
    return next((one for one in said if one), None)


def is_event(value: object) -> bool:
    """Whether it looks like an action or an observation."""
    item = fields_of(value)
    return "action" in item or "observation" in item


def first_events(value: object) -> bool:
    """Whether a list begins with events, or pairs of them."""
    items = list_of(value)
    first = items[0] if items else None
    return is_event(first) or (isinstance(first, list) and bool(first) and is_event(first[0]))
