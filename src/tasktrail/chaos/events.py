"""Numbered events: everything about an event follows from its producer's name and its number.

So a checker that knows only names and numbers can say what must stand in a trail, byte for byte.
A producer's kind is the part of its name before the dash; it decides which rules hold for it.
"""

from typing import Final, NamedTuple

FLOW: Final = 4  # events of one webhook; the last one names the task
WINDOW: Final = 5  # batches among which a shuffled producer changes the order
TYPES: Final = ("task:log", "task:output", "task:user_input", "chaos:note", "task:api_call")
LEVELS: Final = ("debug", "info", "info", "warning", "info", "error", "info")
FLOW_TYPES: Final = (
    "webhook:received",
    "webhook:validated",
    "webhook:matched",
    "webhook:task_created",
)
SMALL_BYTES: Final = 20
MEDIUM_EVERY, MEDIUM_BYTES = 97, 8_192  # some cross pages
LARGE_EVERY, LARGE_BYTES = 1_009, 200_000  # a few need many
TIME: Final = "2026-02-14T10:03:11Z"


class Kind(NamedTuple):
    """What a kind of producer does."""

    door: str  # redis | http | sdk
    is_named: bool = True  # its events carry an identity, so they may be sent again
    is_shuffled: bool = False
    is_packed: bool = False  # several events in one Redis entry
    is_durable: bool = True  # accepted survives a power cut
    max_batch: int = 100


KINDS: Final = {
    "redis": Kind("redis", is_durable=False),
    "packed": Kind("redis", is_packed=True, is_durable=False),
    "bare": Kind("redis", is_named=False, is_durable=False, max_batch=20),
    "flow": Kind("redis", is_durable=False, max_batch=30),
    "mixed": Kind("redis", is_shuffled=True, is_durable=False),
    "http": Kind("http"),
    "shuffled": Kind("http", is_shuffled=True),
    "sdk": Kind("sdk", is_named=False, is_durable=False),
    "durable": Kind("sdk", is_named=False, max_batch=10),
}


def kind_of(producer: str) -> Kind:
    """The kind in a producer's name."""
    return KINDS[producer.partition("-")[0]]


def is_flow(producer: str) -> bool:
    """Whether its events are webhooks, of which only the last one names a task."""
    return producer.startswith("flow-")


def marker_of(producer: str, number: int) -> str:
    """The name of an event, which stands in its line."""
    return f"{producer}#{number}"


def filler_of(producer: str, number: int) -> str:
    """What else an event says: usually little, sometimes much, never twice the same."""
    if number % LARGE_EVERY == LARGE_EVERY - 1:
        size = LARGE_BYTES
    elif number % MEDIUM_EVERY == MEDIUM_EVERY - 1:
        size = MEDIUM_BYTES
    else:
        size = SMALL_BYTES + number * 7 % 200
    word = f"{producer}.{number}."
    return (word * (size // len(word) + 1))[:size]


def lane_of(producer: str, number: int) -> int:
    """Within a trail, the events of one producer and lane stand in the order of their numbers.

    Flows may overtake each other; a shuffled producer is promised no order at all.
    """
    if is_flow(producer):
        return number // FLOW
    return number if kind_of(producer).is_shuffled else 0


def event_of(producer: str, number: int, tasks: int) -> dict[str, object]:
    """The event, ready to be sent by any door."""
    said = {"chaos": marker_of(producer, number), "filler": filler_of(producer, number)}
    event: dict[str, object] = {"timestamp": TIME}
    if is_flow(producer):
        flow, place = divmod(number, FLOW)
        event |= {"type": FLOW_TYPES[place], "webhook_event_id": f"{producer}-{flow}"}
        if place == FLOW - 1:
            event["task_id"] = f"chaos-{flow % tasks}"
    else:
        event |= {"type": TYPES[number % len(TYPES)], "task_id": f"chaos-{number // 3 % tasks}"}
        event |= {"level": LEVELS[number % len(LEVELS)], "stage": f"stage-{number % 3}"}
    if kind_of(producer).is_named:
        event |= {"src": producer, "src_seq": number}
    return event | {"data": said}
