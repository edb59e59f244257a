"""Whatever shape a job's concurrency has, each of its entries is kept once, in its worker's order.

Every shape runs in each of the three modes; each worker writes numbered entries of its own.
"""

import asyncio
import os
import signal
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tasktrail
from tasktrail.sdk.task_context import TaskContext
from tests.support.job_programs import run_program
from tests.support.outboxes import events_in
from tests.support.waiting import wait_until

WORKERS, ENTRIES = 4, 25
MODES = [{}, {"buffered": True}, {"durable": True}]

# A program's beginning, and what each shape of processes does in it.
PROGRAM = """
import asyncio, concurrent.futures, multiprocessing, os, subprocess, sys, tasktrail

def work(task, worker):
    for n in range({entries}):
        task.logger.info('m', worker=str(worker), n=n)

def main(task, client):
    {shape}

if __name__ == '__main__':
    for mode in ({{}}, {{'buffered': True}}, {{'durable': True}}):
        name = '-'.join(mode) or 'through'
        with tasktrail.connect(**mode) as client, client.task(name) as task:
            main(task, client)
"""
PROCESSES = """
    ctx = multiprocessing.get_context({method!r})
    children = [ctx.Process(target=work, args=(task, w)) for w in range({workers})]
    [child.start() for child in children]
    [child.join() for child in children]
"""
SHAPES = {
    "os.fork": """
    for worker in range({workers}):
        if os.fork() == 0:
            work(task, worker)
            client.flush()
            os._exit(0)
    for _ in range({workers}):
        os.wait()
""",
    "fork": PROCESSES.replace("{method!r}", "'fork'"),
    "spawn": PROCESSES.replace("{method!r}", "'spawn'"),
    "pool of processes": """
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        list(pool.map(work, [task] * {workers}, range({workers})))
""",
    "subprocess": """
    child = ("import sys, tasktrail\\n"
        "with tasktrail.connect() as client, client.join() as task:\\n"
        "    for n in range({entries}): task.logger.info('m', worker=sys.argv[1], n=n)")
    environ = {{**os.environ, **task.environ()}}
    started = [
        subprocess.Popen([sys.executable, '-c', child, str(w)], env=environ)
        for w in range({workers})
    ]
    [one.wait() for one in started]
""",
    "threads of forked children": """
    def child(worker):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda half: work(task, 2 * worker + half), range(2)))
        client.flush()
    for worker in range({workers} // 2):
        if os.fork() == 0:
            child(worker)
            os._exit(0)
    for _ in range({workers} // 2):
        os.wait()
""",
}


def rows_of(root: Path, task_id: str) -> dict[str, list[int]]:
    """The numbers of each worker's entries, in the order in which they are kept."""
    found: dict[str, list[int]] = defaultdict(list)
    for event in events_in(root):
        if event["type"] == "task:log" and event["task_id"] == task_id:
            metadata = event["data"]["metadata"]
            found[str(metadata["worker"])].append(metadata["n"])
    return found


def assert_whole(root: Path, task_id: str) -> None:
    """Every entry of every worker once, and in order."""
    expected = {str(worker): list(range(ENTRIES)) for worker in range(WORKERS)}
    assert rows_of(root, task_id) == expected


def work(task: TaskContext, worker: int) -> None:
    """What one worker does."""
    for n in range(ENTRIES):
        task.logger.info("m", worker=str(worker), n=n)


def in_threads(task: TaskContext) -> None:
    """A thread each."""
    threads = [threading.Thread(target=work, args=(task, w)) for w in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_an_executor(task: TaskContext) -> None:
    """Two threads for all of them."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(task.carry(work), [task] * WORKERS, range(WORKERS)))


def in_coroutines(task: TaskContext) -> None:
    """Taking turns after every entry."""

    async def one(worker: int) -> None:
        for n in range(ENTRIES):
            task.logger.info("m", worker=str(worker), n=n)
            await asyncio.sleep(0)

    async def everyone() -> None:
        await asyncio.gather(*(one(worker) for worker in range(WORKERS)))

    asyncio.run(everyone())


def in_threads_of_asyncio(task: TaskContext) -> None:
    """As a coroutine sends away what blocks."""

    async def everyone() -> None:
        await asyncio.gather(*(asyncio.to_thread(work, task, w) for w in range(WORKERS)))

    asyncio.run(everyone())


def interrupted_by_a_timer(task: TaskContext) -> None:
    """A signal handler that logs, in the middle of what it interrupts."""
    said: list[int] = []

    def tick(*_: object) -> None:
        if len(said) < ENTRIES:
            task.logger.info("m", worker="0", n=len(said))
            said.append(1)
            signal.setitimer(signal.ITIMER_REAL, 0.0005)

    before = signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, 0.0005)
    try:
        for worker in range(1, WORKERS):
            work(task, worker)
        wait_until(lambda: len(said) == ENTRIES)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: "-".join(mode) or "through")
@pytest.mark.parametrize(
    "shape",
    [in_threads, in_an_executor, in_coroutines, in_threads_of_asyncio, interrupted_by_a_timer],
    ids=lambda shape: shape.__name__,
)
def test_one_process_keeps_everything(
    tmp_path: Path, shape: Callable[[TaskContext], None], mode: dict[str, bool]
) -> None:
    """Threads, executors, coroutines and signals, in each mode."""
    with tasktrail.connect(tmp_path, **mode) as client, client.task("t") as task:  # type: ignore[arg-type]
        shape(task)

    assert client.lost == 0
    assert_whole(tmp_path, "t")


@pytest.mark.parametrize("shape", list(SHAPES))
def test_many_processes_keep_everything(tmp_path: Path, shape: str) -> None:
    """Forked, spawned, pooled and started, in each mode."""
    body = SHAPES[shape].format(workers=WORKERS, entries=ENTRIES)
    program = PROGRAM.format(entries=ENTRIES, shape=body.strip())
    (tmp_path / "job.py").write_text(program)
    outcome = run_program(tmp_path / "job.py", tmp_path)

    assert (outcome.code, outcome.err) == (0, "")
    for name in ("through", "buffered", "durable"):
        assert_whole(tmp_path, name)
    assert os.listdir(tmp_path / "outbox")  # noqa: PTH208 - only whether there is anything
