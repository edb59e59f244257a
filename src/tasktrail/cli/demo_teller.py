"""The words of the demo's producers: steps of a story, and the one source of its names and figures.

A step is an event in the form in which its producer really sends it, without its time: that is
added when it is sent (`stamped`), in the producer's own format. Pure: the same seed tells the same.
"""

from datetime import datetime
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

Fields = dict[str, object]

# The order in which each producer writes its fields; the rest follow as they came.
FIELD_ORDER: Final = {
    "engine": ("type", "timestamp", "task_id", "data"),
    "gateway": ("type", "webhook_event_id", "timestamp", "data"),
    "dashboard": ("type", "timestamp", "data", "task_id"),
    "knowledge": ("type", "task_id", "timestamp", "data"),
    "sdk": ("type", "task_id", "timestamp"),
}
MODEL: Final = "claude-sonnet-4-5"
# Dollars for a token: uncached input, cache read, cache write, output.
PRICES: Final = (3.0e-6, 0.3e-6, 3.75e-6, 15.0e-6)


class Step(NamedTuple):
    """One event of a story, `wait` seconds after the story's step before it."""

    wait: float
    producer: str
    event: Fields


def stamped(step: Step, moment: datetime) -> Fields:
    """The event with its time, in the order and the time format of its producer."""
    is_engine = step.producer == "engine"
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ") if is_engine else moment.isoformat()
    fields = {**step.event, "timestamp": text}
    ordered = {name: fields.pop(name) for name in FIELD_ORDER[step.producer] if name in fields}
    return ordered | fields


class Teller:
    """What one story draws from: waits, ids, figures; and how long it has taken so far."""

    def __init__(self, rng: Random, *, speed: float) -> None:
        self.rng = rng
        self.elapsed = 0.0
        self._speed = speed

    def wait(self, low: float, high: float) -> float:
        """Seconds to wait, shorter at a higher speed; counted in `elapsed`."""
        seconds = self.rng.uniform(low, high) / self._speed
        self.elapsed += seconds
        return seconds

    def uuid(self) -> str:
        """A random id as gateways make them."""
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def hex_id(self, prefix: str, digits: int) -> str:
        """`prefix` and so many random hex digits."""
        return f"{prefix}{self.rng.getrandbits(4 * digits):0{digits}x}"

    def engine(self, wait: float, task_id: str, event_type: str, /, **said: object) -> Step:
        """An event of the agent engine."""
        data = {"task_id": task_id, **said}
        return Step(wait, "engine", {"type": event_type, "task_id": task_id, "data": data})

    def gateway(self, wait: float, flow_id: str, event_type: str, /, **said: object) -> Step:
        """An event of the gateway, which never names the task at the top level."""
        return Step(
            wait, "gateway", {"type": event_type, "webhook_event_id": flow_id, "data": said}
        )

    def knowledge(self, wait: float, task_id: str, event_type: str, /, **said: object) -> Step:
        """An event of the knowledge server."""
        return Step(wait, "knowledge", {"type": event_type, "task_id": task_id, "data": said})

    def dashboard(self, wait: float, task_id: str, event_type: str, /, **said: object) -> Step:
        """An event of the dashboard."""
        data = {"task_id": task_id, **said}
        return Step(wait, "dashboard", {"type": event_type, "data": data, "task_id": task_id})

    def job(self, wait: float, labels: Fields, event_type: str, /, **said: object) -> Step:
        """An event of a job that logs through the SDK; labels are top-level fields."""
        return Step(wait, "sdk", {"type": event_type, **labels, "data": said})


class Meter:
    """The tokens and dollars that a task has used."""

    def __init__(self, rng: Random) -> None:
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost_usd = 0.0
        self._rng = rng
        self._context = rng.randint(9_000, 16_000)  # the system prompt and the tools

    def call(self, wait: float) -> Fields:
        """The data of the next model call: a growing context, most of it read from the cache.

        It took nearly all of the seconds since the step before it.
        """
        fresh, written = self._rng.randint(4, 40), self._rng.randint(300, 2_400)
        said = self._rng.randint(90, 900)
        counts = (fresh, self._context, written, said)
        cost = round(sum(n * price for n, price in zip(counts, PRICES, strict=True)), 6)
        self.input_tokens += fresh + self._context + written
        self.output_tokens += said
        self.cost_usd += cost
        call: Fields = {
            "model": MODEL,
            "call_id": f"msg_{self._rng.getrandbits(96):024x}",
            "input_tokens": fresh,
            "cache_read_tokens": self._context,
            "cache_write_5m_tokens": written,
            "output_tokens": said,
            "cost_usd": cost,
            "duration_ms": round(self._rng.uniform(0.7, 0.95) * wait * 1_000),
            "success": True,
        }
        self._context += written + said
        return call
