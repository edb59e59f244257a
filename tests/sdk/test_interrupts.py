"""An interrupt of our own writing, wherever it falls, loses no entry and writes none twice.

An exception that comes from outside (Ctrl-C, an alarm, a timeout library) is tried at each place of
a recorded run: first before every single instruction of ours, then at every place where CPython
hands one in (after a call into C, and where a function of ours begins) with threads beside it.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import tasktrail
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.trouble import Trouble
from tests.support.outboxes import identities_in, messages_in
from tests.support.waiting import PATIENCE_SECONDS, wait_until

OURS = str(Path(tasktrail.__file__).parent)


class Interrupt(BaseException):
    """Comes from outside, at the n-th place."""


class Places:
    """Counts places, and interrupts at one of them."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.passed = 0

    def pass_one(self) -> None:
        """One place more."""
        self.passed += 1
        if self.passed == self.wanted:
            raise Interrupt

    def at_instruction(self, frame: FrameType, event: str, _argument: object) -> Any:  # noqa: ANN401
        """For `settrace`: each instruction of ours is a place."""
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.pass_one()
        return self.at_instruction

    def at_hand_over(self, frame: FrameType, event: str, _argument: object) -> None:
        """For `setprofile`: each place of ours where the interpreter looks for signals is one."""
        if event in {"call", "c_return"} and frame.f_code.co_filename.startswith(OURS):
            self.pass_one()


@contextmanager
def interrupted(tool: Callable[[Any], None], watch: Callable[..., Any]) -> Iterator[None]:
    """A block in which the watch of that tool is on."""
    tool(watch)
    try:
        yield
    except Interrupt:
        pass
    finally:
        tool(None)


def is_past_the_end(attempt: Callable[[Places], None], wanted: int) -> bool:
    """Whether a run has fewer places than that."""
    places = Places(wanted)
    attempt(places)
    return places.passed < wanted


@pytest.mark.parametrize("kept", [{}, {"buffered": True}, {"durable": True}])
def test_no_instruction_is_a_bad_moment(tmp_path: Path, kept: dict[str, Any]) -> None:
    """Three entries, an interrupt before any one instruction, one more: each acknowledged once."""

    def attempt(places: Places) -> None:
        folder, said = tmp_path / str(places.wanted), []
        outbox = Outbox(folder, clock=lambda: 1, trouble=Trouble(), sync=lambda _: None, **kept)
        outbox.wake = lambda: None  # somebody comes for what waits, as in a client
        with interrupted(sys.settrace, places.at_instruction):
            for message in ("a", "b", "c"):
                outbox.append(b'{"type":"%b"}' % message.encode(), task_id=None)
                said.append(message)
            outbox.flush()
        outbox.append(b'{"type":"after"}', task_id=None)
        outbox.close()
        check(folder, [*said, "after"])

    wanted = next(n for n in range(1, 10_000) if is_past_the_end(attempt, n))

    assert wanted > 200


def check(folder: Path, said: list[str]) -> None:
    """Each of them is in the outbox, in order, and nothing is twice."""
    found = identities_in(folder)
    kinds = [kind for _, kind in found]
    assert len({identity for identity, _ in found}) == len(found)
    assert len(set(kinds)) == len(kinds)
    assert [kind for kind in kinds if kind in said] == said


@pytest.mark.parametrize("mode", [{}, {"buffered": True}])
def test_no_hand_over_is_a_bad_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: dict[str, bool]
) -> None:
    """A whole client with its thread: afterwards it writes by itself, and other threads may log."""
    monkeypatch.setenv("TASKTRAIL_FLUSH_SECONDS", "0.01")

    def attempt(places: Places) -> None:
        root, said = tmp_path / str(places.wanted), []
        client = tasktrail.connect(root, **mode)  # type: ignore[arg-type]
        log = client.task("t").logger
        with interrupted(sys.setprofile, places.at_hand_over):
            for message in ("a", "b"):
                log.info(message)
                said.append(message)
            log.warning("c")
            said.append("c")
        other = threading.Thread(target=log.info, args=("other",), daemon=True)
        other.start()
        other.join(PATIENCE_SECONDS)
        wait_until(lambda: {"other", *said} <= set(messages_in(root)))
        client.close()
        found = messages_in(root)
        assert len(found) == len(set(found))

    wanted = next(n for n in range(1, 10_000) if is_past_the_end(attempt, n))

    assert wanted > 50
