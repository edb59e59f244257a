"""SWE-agent trajectories (`.traj`) and those of mini-swe-agent (`.traj.json`): one run of one task.

There are no times: the file's stands in. Costs and tokens are told for the whole run only, so they
stand at its end; figures that are all 0 although the model was called were not kept, and stay
unknown.
"""

from collections.abc import Iterator
from typing import Final

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import (
    Fields,
    Teller,
    fields_of,
    flat,
    list_of,
    number,
    read_document,
    text,
    whole,
)
from tasktrail.formats.events import Owner, Saying, digest
from tasktrail.formats.lives import Life, guessed_end
from tasktrail.formats.translator import Head, Problem, Source, Translated, WholeFormat
from tasktrail.model.codec import encode

FORMAT: Final = "swe_agent"
AGENT: Final = "swe-agent"
AS_AGENT: Final = Saying(None, "agent")
AS_TOOL: Final = Saying(None, "tool")
AS_USER: Final = Saying(None, "user")
QUIET: Final = Saying(None, "agent", "debug")
DONE: Final = frozenset({"submitted", "Submitted"})


def translate_trajectory(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The events of a trajectory in any of its shapes."""
    document = read_document(blob)
    task = source.stem
    owner = Owner.of(task).at(source.modified_at)
    teller = Teller(owner, FORMAT, f"sw:{task}")
    if isinstance(document, list):
        document = {"messages": document}
    if not isinstance(document, dict):
        raise InvalidEvent(f"expected a trajectory, found {type(document).__name__}")
    steps = list_of(document.pop("trajectory", None))
    history = list_of(document.pop("history", None)) + list_of(document.pop("messages", None))
    yield from _created(teller, history)
    if steps:
        for place, step in enumerate(map(fields_of, steps)):
            yield from _step(teller, step, place)
        for place, message in enumerate(history):
            name = f"history{place}:{digest(encode(message))}"
            fields = {"message": f"history: {fields_of(message).get('role')}"}
            kind = "swe_agent:history"
            yield teller.tell(kind, name, fields, record=message, saying=QUIET)
    else:
        for place, message in enumerate(map(fields_of, history)):
            yield from _message(teller, message, place)
    yield from _ended(teller, document)
    if source.is_quiet and not fields_of(document.get("info")).get("exit_status"):
        life = Life(outcome="completed", is_begun=True)
        yield from guessed_end(owner, teller.scope, life)


def _created(teller: Teller, history: list[Fields]) -> Iterator[Translated]:
    """The task, made of the first thing that a user said."""
    asked = (one for one in map(fields_of, history) if one.get("role") == "user")
    prompt = next((flat(one.get("content")) for one in asked), None)
    fields = {
        "input_message": prompt or None,
        "title": teller.owner.key,
        "source": AGENT,
        "assigned_agent": AGENT,
    }
    yield teller.tell("task:created", "created", fields, saying=AS_AGENT)


def _step(teller: Teller, step: Fields, place: int) -> Iterator[Translated]:
    name = f"{place}:{digest(encode(step))}"
    said = flat(step.get("response")) or flat(step.get("thought"))
    yield teller.tell("task:output", name, {"content": said}, record=step, saying=AS_AGENT)
    action = flat(step.get("action")).strip()
    if not action:
        return
    tool = action.split(maxsplit=1)[0]
    asked = {"name": tool, "input": {"command": action}}
    yield teller.tell("task:tool_call", f"{name}#call", asked, saying=AS_AGENT)
    seconds = number(step.get("execution_time"))
    answer = {
        "name": tool,
        "content": flat(step.get("observation")),
        "is_error": False,
        "duration_ms": None if seconds is None else round(seconds * 1000),
    }
    yield teller.tell("task:tool_result", f"{name}#result", answer, saying=AS_TOOL)


def _message(teller: Teller, message: Fields, place: int) -> Iterator[Translated]:
    """A message of a run that was kept as a conversation."""
    name = f"{place}:{digest(encode(message))}"
    said, role = flat(message.get("content")), text(message.get("role"))
    if role == "assistant":
        yield teller.tell("task:output", name, {"content": said}, record=message, saying=AS_AGENT)
    elif role in {"user", "tool"} and place > 1:
        fields: Fields = {"name": "shell", "content": said, "is_error": False}
        yield teller.tell("task:tool_result", name, fields, record=message, saying=AS_TOOL)
    elif role == "user":
        fields = {"content": said, "question_type": "prompt"}
        yield teller.tell("task:user_input", name, fields, record=message, saying=AS_USER)
    else:
        kind = f"swe_agent:{role or 'message'}"
        yield teller.tell(kind, name, {"message": said}, record=message, saying=QUIET)


def _ended(teller: Teller, document: Fields) -> Iterator[Translated]:
    """How the run ended, with what else the document holds."""
    details = fields_of(document.get("info"))
    status = text(details.get("exit_status"))
    if not document:
        return
    if status is None:
        fields: Fields = {"message": "details of the run"}
        yield teller.tell("swe_agent:details", "details", fields, record=document, saying=QUIET)
        return
    is_done = status in DONE
    result: Fields = {
        "status": "completed" if is_done else "failed",
        "result": details.get("submission"),
        "error": None if is_done else status,
        "exit_status": status,
        **_figures(fields_of(details.get("model_stats"))),
    }
    event_type = "task:completed" if is_done else "task:failed"
    yield teller.tell(event_type, "end", result, record=document, saying=AS_AGENT)


def _figures(stats: Fields) -> Fields:
    sent, received = whole(stats.get("tokens_sent")), whole(stats.get("tokens_received"))
    cost = number(stats.get("instance_cost"))
    if not (sent or received or cost):
        return {"api_calls": whole(stats.get("api_calls"))}
    return {
        "cost_usd": cost,
        "input_tokens": sent,
        "output_tokens": received,
        "api_calls": whole(stats.get("api_calls")),
    }


def recognises(source: Source, head: Head) -> bool:
    """Whether the name or the content is a trajectory's."""
    if not (head.blob.lstrip()[:1] in {b"{", b"["} and not head.records):
        return any(
            "trajectory" in record or "trajectory_format" in record for record in head.records
        )
    if source.name.endswith((".traj", ".traj.json")):
        return True
    return b'"trajectory"' in head.blob and b'"action"' in head.blob


SWE_AGENT: Final = WholeFormat(FORMAT, recognises, translate_trajectory)
