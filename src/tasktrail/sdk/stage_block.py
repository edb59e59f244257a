"""The block of a stage, which may be entered as often as the stage is gone through."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ContextDecorator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class StageBlock(ContextDecorator, Generic[T]):
    """A context manager, or a decorator; each time that it is entered the stage begins again.

    `begin` makes a block that can be entered once.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[T, bool | None]]) -> None:
        self._begin = begin
        self._open: list[AbstractContextManager[T, bool | None]] = []

    def __enter__(self) -> T:
        block = self._begin()
        entered = block.__enter__()
        self._open.append(block)
        return entered

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return self._open.pop().__exit__(kind, error, traceback)
