"""A command runs as without us, and how it ended is known exactly."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tasktrail.sdk.capture.child import Child, Ended, Received, signals_held

PASSES_ON = """
import os, signal, sys, threading
from tasktrail.sdk.capture.child import Child, signals_held

SAYS_SIGNALS = '''
import signal, sys
def note(number, frame):
    print(signal.Signals(number).name, flush=True)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, note)
print("ready", flush=True)
while sys.stdin.readline().strip() != "end":
    pass
'''
def signal_us():
    heard = os.fdopen(out_read)
    for number in (signal.SIGUSR1, signal.SIGINT, signal.SIGTERM):
        print(heard.readline().strip())
        os.kill(os.getpid(), number)
    print(heard.readline().strip())
    os.write(in_write, b"end\\n")

in_read, in_write = os.pipe()
out_read, out_write = os.pipe()
with signals_held() as mask:
    pipes = {0: in_read, 1: out_write}
    child = Child([sys.executable, "-c", SAYS_SIGNALS], os.environ, pipes=pipes, mask=mask)
    threading.Thread(target=signal_us).start()
    ended = child.wait(lambda pid: None)
print(ended.code, ended.asked_by.name)
"""
TOO_LATE = """
import os, signal
from tasktrail.sdk.capture.child import Child, signals_held

with signals_held() as mask:
    ended = Child(["true"], os.environ, pipes={}, mask=mask).wait(lambda pid: None)
    os.kill(os.getpid(), signal.SIGINT)
print(ended.code)
"""
POLLS = """
import os, signal
from tasktrail.sdk.capture.child import polled_within, received_within, signals_held

with signals_held() as mask:
    print(polled_within(0))
    os.kill(os.getpid(), signal.SIGUSR1)
    print(polled_within(5) == (signal.SIGUSR1, False))
    os.kill(os.getpid(), signal.SIGTERM)
    print(received_within(5) == (signal.SIGTERM, False))
"""
CONTINUED = """
import signal
from types import SimpleNamespace
from tasktrail.sdk.capture.child import received_within

signal.sigtimedwait = lambda *_: SimpleNamespace(si_signo=-2076661776, si_code=0)
print(received_within(5))
"""
TYPED = """
import os, pty, time
from tasktrail.sdk.capture.child import received_within, signals_held

pid, terminal = pty.fork()
if pid == 0:
    with signals_held():
        print("ready", flush=True)
        received = received_within(30)
        print(received.is_from_terminal, flush=True)
    os._exit(0)
shown = b""
while b"ready" not in shown:
    shown += os.read(terminal, 1000)
os.write(terminal, bytes([3]))
while b"True" not in shown and b"False" not in shown:
    shown += os.read(terminal, 1000)
os.waitpid(pid, 0)
print(shown.decode())
"""


def said_by(program: str) -> list[str]:
    """What the program says in a process of its own, where no other thread takes its signals."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def outcome(*command: str) -> Ended:
    """How the command ended; its output is ours."""
    with signals_held() as mask:
        return Child(command, os.environ, pipes={}, mask=mask).wait(lambda _pid: None)


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_the_exit_code_is_the_command_s(code: int) -> None:
    """Whatever it is."""
    ended = outcome("sh", "-c", f"exit {code}")

    assert (ended.code, ended.killed_by, ended.exit_code) == (code, None, code)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_signal_that_ended_it_is_named(number: signal.Signals) -> None:
    """And its exit code is what a shell would say; nobody asked us for that end."""
    ended = outcome("sh", "-c", f"kill -{int(number)} $$")

    assert (ended.code, ended.killed_by, ended.exit_code) == (None, number, 128 + number)
    assert ended.asked_by is None


def test_no_such_program_is_told() -> None:
    """By the system's own error."""
    with pytest.raises(FileNotFoundError):
        outcome("no-such-program-anywhere")


def test_what_it_took_is_told() -> None:
    """Duration by a clock that does not jump, and the kernel's account."""
    ended = outcome("sh", "-c", "sleep 0.05")

    assert ended.seconds >= 0.05
    assert abs(ended.at / 1e6 - time.time()) < 60
    assert ended.usage.ru_utime >= 0


def test_somebody_looks_at_it_while_it_runs() -> None:
    """So that its memory can be measured."""
    seen: list[int] = []
    with signals_held() as mask:
        child = Child(["sleep", "0.05"], os.environ, pipes={}, mask=mask)
        child.wait(seen.append)

    assert seen
    assert set(seen) == {child.pid}


def test_signals_for_us_are_passed_on() -> None:
    """Each once; afterwards it is known that somebody asked for the end."""
    assert said_by(PASSES_ON) == ["ready", "SIGUSR1", "SIGINT", "SIGTERM", "0", "SIGTERM"]


def test_a_command_has_the_signals_that_it_would_have_without_us() -> None:
    """Ours wait for us, its own do not; what Python ignores, it does not."""
    command = ["grep", "-E", "SigBlk|SigIgn", "/proc/self/status"]  # shells clear masks
    ours = (1 << 31) - 1  # the C library keeps those above for itself
    plain = subprocess.run(command, capture_output=True, text=True, check=False)
    reading, writing = os.pipe()
    with signals_held() as mask:
        child = Child(command, os.environ, pipes={1: writing}, mask=mask)
        ended = child.wait(lambda _pid: None)
    os.close(writing)
    found = os.read(reading, 1000).decode()
    os.close(reading)

    masks, expected = (
        [int(line.split()[1], 16) & ours for line in text.splitlines()]
        for text in (found, plain.stdout)
    )
    assert ended.code == plain.returncode == 0
    assert masks == expected
    assert masks[0] == 0


def test_what_the_terminal_sent_is_not_passed_on() -> None:
    """The command has it already, as everybody in its group; a second one would end it twice."""
    coming = [
        Received(signal.SIGINT, is_from_terminal=True),
        Received(signal.SIGTERM, is_from_terminal=False),
    ]
    with signals_held() as mask:
        child = Child(["sleep", "60"], os.environ, pipes={}, mask=mask)
        ended = child.wait(lambda _pid: None, receive=lambda _s: coming.pop(0) if coming else None)

    assert ended.killed_by == signal.SIGTERM


def test_the_terminal_s_own_signals_are_known() -> None:
    """The kernel tells who sent one."""
    assert said_by(TYPED)[-1].endswith("True")  # behind the echo of ^C


def test_what_came_too_late_for_it_does_not_end_us() -> None:
    """A Ctrl-C that arrives when the command is already gone is its, not ours."""
    assert said_by(TOO_LATE) == ["0"]


def test_signals_are_seen_also_where_they_cannot_be_waited_for() -> None:
    """Some kernels cannot be asked to wait for one."""
    assert said_by(POLLS) == ["None", "True", "True"]


def test_what_comes_of_a_wait_that_was_stopped_is_no_signal() -> None:
    """After Ctrl-Z and `fg` the command goes on, and its end is awaited."""
    assert said_by(CONTINUED) == ["None"]


def test_orphans_that_became_ours_are_reaped() -> None:
    """Another child of this process that ends meanwhile is not taken for the command."""
    other = os.posix_spawnp("true", ["true"], os.environ)
    ended = outcome("sh", "-c", "sleep 0.1; exit 5")

    assert ended.code == 5
    with pytest.raises(ChildProcessError):
        os.waitpid(other, 0)
