"""What the workers of a task did: deeds, each from when to when.

A deed is a model call, the use of a tool (its call with its result), something said, what a person
answered, or a question to knowledge. A model call is told at its end, with how long it took.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

MOST_DEEDS: Final = 50_000  # entries that are read for one timeline
NEVER: Final = 3  # the distance of a result that names another call
DEED_KINDS: Final = {
    "task:api_call": "api",
    "task:tool_call": "tool",
    "task:tool_result": "tool",
    "task:thinking": "said",
    "task:output": "said",
    "task:user_input": "user",
    "knowledge:query": "knowledge",
    "knowledge:tool_call": "knowledge",
}


class Told(NamedTuple):
    """What an entry tells of a deed; `worker` is "" where nobody said who."""

    seq: int
    event_type: str
    worker: str
    at_ms: int  # since the epoch: the entry's own time
    words: str
    is_failed: bool
    took_ms: int = 0
    tool: str | None = None
    use: str | None = None  # names the call that a result is of, where the source has such names


class Deed(NamedTuple):
    """Something that a worker did; `took_ms` is `None` for a tool that has not answered."""

    worker: str
    kind: str
    start_ms: int
    took_ms: int | None
    words: str
    is_failed: bool
    seq: int  # of the entry that told of it first


def fold_deeds(told: Iterable[Told]) -> list[Deed]:
    """The deeds that these entries tell of, in their order, by workers in the order of theirs.

    A result belongs to the worker's call that it names. Where one of the two names none, it belongs
    to the worker's oldest open call of that tool, else to its oldest open call.
    """
    folding = _Folding()
    for one in told:
        folding.take(one)
    return folding.deeds()


class _Folding:
    def __init__(self) -> None:
        self._lanes: dict[str, list[Deed]] = {}
        self._open: dict[str, list[Told]] = {}

    def take(self, told: Told) -> None:
        lane = self._lanes.setdefault(told.worker, [])
        if told.event_type == "task:tool_call":
            self._open.setdefault(told.worker, []).append(told)
        elif told.event_type == "task:tool_result":
            lane.append(_use(self._call_of(told), told))
        else:
            lane.append(_deed(told, told.at_ms - told.took_ms, told.took_ms))

    def deeds(self) -> list[Deed]:
        for worker, calls in self._open.items():
            self._lanes[worker] += (_deed(call, call.at_ms, None) for call in calls)
        lanes = self._lanes.values()
        return [deed for lane in lanes for deed in sorted(lane, key=lambda one: one.start_ms)]

    def _call_of(self, result: Told) -> Told:
        calls = self._open.get(result.worker, [])
        found = min(calls, key=lambda call: _distance(call, result), default=None)
        if found is None or _distance(found, result) == NEVER:
            return result
        calls.remove(found)
        return found


def _distance(call: Told, result: Told) -> int:
    """How little the two have to do with each other; of equal ones the oldest call is taken."""
    if call.use and result.use:
        return 0 if call.use == result.use else NEVER
    return 1 if call.tool == result.tool else 2


def _deed(told: Told, start_ms: int, took_ms: int | None) -> Deed:
    kind = DEED_KINDS[told.event_type]
    return Deed(told.worker, kind, start_ms, took_ms, told.words, told.is_failed, told.seq)


def _use(call: Told, result: Told) -> Deed:
    """The use of a tool; clocks need not rise."""
    start_ms = min(call.at_ms, result.at_ms)
    return _deed(call, start_ms, result.at_ms - start_ms)._replace(is_failed=result.is_failed)
