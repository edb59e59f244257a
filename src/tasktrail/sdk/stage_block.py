"""The block of a stage, which may be entered as often as the stage is gone through."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ContextDecorator
from contextvars import ContextVar
from types import TracebackType
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class _Time:
    """One time that a block was entered."""

    __slots__ = ("block", "is_open", "owner")

    def __init__(self, owner: object, block: AbstractContextManager[object, bool | None]) -> None:
        self.owner = owner
        self.block = block
        self.is_open = True


_TIMES: Final[ContextVar[tuple[_Time, ...]]] = ContextVar("tasktrail_stage_times", default=())


class StageBlock(ContextDecorator, Generic[T]):
    """A context manager, or a decorator; each time that it is entered the stage begins again.

    `begin` makes a block that can be entered once. Threads and coroutines may share it: each ends
    what it began itself, and only who began nothing ends what another left open.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[T, bool | None]]) -> None:
        self._begin = begin
        self._open: list[_Time] = []

    def __enter__(self) -> T:
        block = self._begin()
        entered = block.__enter__()
        one = _Time(self, block)
        self._open.append(one)
        _TIMES.set((*_open_times(), one))
        return entered

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        one = self._latest()
        if one is None:  # it was never entered: nothing ends, and nothing is raised into the job
            return None
        one.is_open = False
        self._open.remove(one)
        _TIMES.set(_open_times())
        return one.block.__exit__(kind, error, traceback)

    def _latest(self) -> _Time | None:
        """The time that was begun last: here, else by whoever left it open."""
        for one in reversed(_TIMES.get()):
            if one.owner is self and one.is_open:
                return one
        return self._open[-1] if self._open else None


def _open_times() -> tuple[_Time, ...]:
    """What was entered here, or by whoever started us, without those at its end that are over."""
    times = _TIMES.get()
    while times and not times[-1].is_open:
        times = times[:-1]
    return times
