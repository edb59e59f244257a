"""No misuse, no bad moment and no broken disk brings an exception into a job; it is told once."""

import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tasktrail
from tests.support.job_programs import run_program
from tests.support.outboxes import Told, events_in, messages_in

BEGIN = """
import os, sys, tasktrail
c = tasktrail.connect({mode})
t = c.task('t')
log = t.logger
"""


def job(body: str, root: Path, *, mode: str = "") -> tuple[int, str]:
    """The exit code of a job, and what it said on stderr."""
    outcome = run_program(BEGIN.format(mode=mode) + body, root)
    return outcome.code, outcome.err


@pytest.mark.parametrize("mode", ["", "buffered=True", "durable=True"])
def test_objects_may_log_when_they_die(tmp_path: Path, mode: str) -> None:
    """By the collector in the middle of our writing, and at the very end of the interpreter."""
    body = """
import gc, time
class Dying:
    def __init__(self, n, rest=0):
        self.n, self.me, self.rest, self.sleep = n, self, rest, time.sleep
    def __del__(self):
        self.sleep(self.rest)
        log.info(f'bye {self.n}')
for n in range(300):
    Dying(n)
    log.info('living')
gc.collect()
kept = Dying('at the end', rest=1.1)  # in another second: nothing of its line was made before
"""
    code, err = job(body, tmp_path, mode=mode)

    said = messages_in(tmp_path)
    assert (code, err) == (0, "")
    assert said.count("living") == 300
    assert {f"bye {n}" for n in range(300)} <= set(said)
    assert "bye at the end" in said


@pytest.mark.parametrize("mode", ["", "buffered=True", "durable=True"])
def test_what_is_said_when_nothing_works_any_more_is_told_as_lost(
    tmp_path: Path, mode: str
) -> None:
    """An object that outlives the emptying of all modules: no exception, one line on stderr."""
    body = """
class Last:
    def __init__(self):
        self.log, self.task, self.client = log, t, c
        self.say, self.error = sys.stdout.write, ZeroDivisionError()
    def __del__(self):
        before = self.client.lost
        self.log.info('bye')
        self.log.debug('bye', n=[1])
        self.log.warning('%s', 'bye')
        self.log.log('info', 'bye')
        self.log.progress('bye', 3)
        try:
            raise self.error
        except self.error.__class__:
            self.log.exception('bye')
        self.task.event('bye')
        self.client.send('bye')
        self.say(f'{self.client.lost - before} lost')
sys.last = Last()
log.info('living')
"""
    outcome = run_program(BEGIN.format(mode=mode) + body, tmp_path)

    assert (outcome.code, outcome.out, messages_in(tmp_path)) == (0, "8 lost", ["living"])
    assert outcome.err.count("\n") == 1
    assert "events are lost: the interpreter has ended" in outcome.err


def test_logging_after_the_end_is_kept(tmp_path: Path) -> None:
    """After close, in a thread that outlives everything, and in an exit hook."""
    body = """
import atexit
atexit.register(lambda: log.info('hook'))
c.close()
log.info('closed')
c.close()
"""
    assert job(body, tmp_path, mode="buffered=True") == (0, "")
    assert sorted(messages_in(tmp_path)) == ["closed", "hook"]


def test_a_hundred_threads_may_log(tmp_path: Path) -> None:
    """Also while others flush and close."""
    told = Told(tmp_path, buffered=True)
    task = told.task()

    def work(number: int) -> None:
        for n in range(20):
            task.logger.info("m", thread=number, n=n)
        (told.client.flush if number % 2 else told.client.close)()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.close()

    assert len(messages_in(tmp_path)) == 2_000
    assert told.client.lost == 0


def test_wrong_calls_harm_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Ids that are none, values of the wrong kind, and names that are ours."""
    told = Told(tmp_path)
    task = told.task(None)  # type: ignore[arg-type]
    wrong: dict[str, Any] = {"source": 3, "stage": [], "metadata": 7, "durable": "yes"}
    task.logger.info(None, **wrong)
    task.logger.log(7, "x")
    task.logger.log("loud", "x")
    task.logger.progress("x", percent="half")  # type: ignore[arg-type]
    task.event("x", {"task_id": object()}, type=3, timestamp=object())
    task.api_call(model=None, cost_usd=object())  # type: ignore[arg-type]
    told.client.send("y", data=[1, 2])  # type: ignore[arg-type]

    assert {event.get("task_id") for event in told.events} == {"unknown", None}
    assert len(told.events) == 7
    assert (told.client.lost, capfd.readouterr().err.count("tasktrail:")) == (0, 1)


def test_a_handler_that_fails_does_not_come_back(tmp_path: Path) -> None:
    """A job's own handler logs about its failure through ours, for ever, if nobody stopped it."""
    body = """
import logging
class Failing(logging.Handler):
    def emit(self, record):
        logging.getLogger('failing').error('again')
logging.getLogger().addHandler(tasktrail.TaskLogHandler(task=t))
logging.getLogger('failing').addHandler(Failing())
logging.getLogger('failing').propagate = True
sys.setrecursionlimit(200)
try:
    logging.getLogger('failing').error('first')
except RecursionError:
    pass
log.info('alive')
"""
    code, _ = job(body, tmp_path)

    assert code == 0
    assert messages_in(tmp_path)[-1] == "alive"


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc").exists(), reason="needs Linux")
def test_a_root_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    """A file where the directory should be; root itself ignores permissions."""
    (tmp_path / "root").write_text("no directory")
    code, err = job("for n in range(50): log.info('x')\nprint(c.lost)", tmp_path / "root")

    assert code == 0
    assert err.count("tasktrail:") == 1
    assert "events are lost" in err


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file of this process may grow beyond that size."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("mode", [{}, {"buffered": True}, {"durable": True}])
def test_a_full_disk_is_counted_and_told_when_there_is_room(
    tmp_path: Path, mode: dict[str, bool]
) -> None:
    """No line is torn; a `loss` entry says how many lack."""
    told = Told(tmp_path, **mode)
    log = told.task().logger
    log.warning("before")
    with full_disk(told.client.path.stat().st_size + 10):
        for _ in range(5):
            log.warning("lost")
    log.warning("after")

    assert [event["type"] for event in told.events] == ["task:log", "task:log", "loss"]
    assert (told.events[2]["data"]["lost"], told.client.lost) == (5, 5)
    told.close()


def test_a_server_that_hangs_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the connection and never answers: calls return, the end waits as told."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = tasktrail.connect(f"http://127.0.0.1:{silent.getsockname()[1]}")
        for _ in range(100):
            client.task("t").logger.info("x")
        is_sent = client.close(timeout_seconds=0.2)
        lines = client.path.parent.glob("*.jsonl")

        assert not is_sent
        assert sum(len(path.read_bytes().splitlines()) for path in lines) == 100
        assert client.lost == 0


def test_what_was_said_in_the_middle_of_a_disaster_is_whole(tmp_path: Path) -> None:
    """An alarm in our own writing loses no entry and writes none twice; see test_interrupts.py."""
    body = """
import signal
is_armed = False
def interrupt(*_):
    if is_armed: raise KeyboardInterrupt
signal.signal(signal.SIGALRM, interrupt)
n, said = 0, []
while len(said) < 300:
    signal.setitimer(signal.ITIMER_REAL, 0.00002 * (n % 40 + 1))
    try:
        is_armed = True
        log.info('m %d', n)
        said.append(f'm {n}')
        is_armed = False
    except KeyboardInterrupt:
        is_armed = False
    n += 1
signal.setitimer(signal.ITIMER_REAL, 0)
print(*said, sep=',')
"""
    outcome = run_program(BEGIN.format(mode="") + body, tmp_path)

    found = messages_in(tmp_path)
    assert outcome.code == 0
    assert len(found) == len(set(found)) == len(events_in(tmp_path))
    assert set(outcome.out.strip().split(",")) <= set(found)
