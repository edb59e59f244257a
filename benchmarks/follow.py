"""How long an entry takes from its acceptance to whoever follows.

    python benchmarks/follow.py [--rate N] [--seconds N] [--followers N] [--stalled N]

The installed service as one process, one producer that posts at a fixed rate (a request is due
every 20 ms, whatever became of the one before), and followers of one task over WebSockets in a
process of their own. Each entry carries the moment at which it was to be sent, and the server says
when it accepted it; a follower counts from both. The producer has one connection: where an answer
takes longer than the 20 ms, what is due waits with the producer, and only the first figure has it.
Stalled followers connect and never read. Every follower must receive every entry once, or there is
no figure. All of it shares the machine's cores.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from multiprocessing import Process, Queue
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import websockets


class Metadata(msgspec.Struct, gc=False):
    """What the producer wrote into an entry."""

    due: float | None = None


class Logged(msgspec.Struct, gc=False):
    """What a follower needs of an entry; the rest is passed over, it shares the cores."""

    seq: int
    recorded_at: datetime
    metadata: Metadata


class Message(msgspec.Struct, gc=False):
    """What the server says."""

    logs: tuple[Logged, ...] = ()


class Taken(NamedTuple):
    """Seconds until an entry was received."""

    from_due: float
    from_accepted: float


MESSAGE = msgspec.json.Decoder(Message)
TASK = "followed"
STEP_SECONDS = 0.02
START_SECONDS = 30.0
SETTLE_SECONDS = 20.0


def event_of(number: int, due: float) -> str:
    """A log line that says when it was to be sent."""
    said = {"message": f"entry {number}", "metadata": {"number": number, "due": due}}
    return json.dumps({"type": "task:log", "task_id": TASK, "level": "info", "data": said})


async def follow(url: str, count: int) -> list[Taken]:
    """How long so many entries took."""
    taken: list[Taken] = []
    last = 0
    async with websockets.connect(url, compression=None, max_size=None) as follower:
        while len(taken) < count:
            told = await asyncio.wait_for(follower.recv(decode=False), SETTLE_SECONDS)
            now = time.time()
            for entry in MESSAGE.decode(told).logs:
                if entry.metadata.due is None:
                    continue
                if entry.seq <= last:
                    raise SystemExit("an entry came twice: no figure")
                last = entry.seq
                accepted = entry.recorded_at.timestamp()
                taken.append(Taken(now - entry.metadata.due, now - accepted))
    return taken


async def follow_all(url: str, count: int, followers: int) -> list[Taken]:
    """The same of all followers together."""
    each = await asyncio.gather(*(follow(url, count) for _ in range(followers)))
    return [taken for one in each for taken in one]


def run_followers(url: str, count: int, followers: int, answers: "Queue[list[Taken]]") -> None:
    """What the followers' process does."""
    answers.put(asyncio.run(follow_all(url, count, followers)))


def stall(port: int, number: int) -> list[socket.socket]:
    """So many connections that shake hands and never read."""
    request = (
        f"GET /ws/logs/{TASK}?after_seq=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ).encode()
    sockets = []
    for _ in range(number):
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        one.sendall(request)
        sockets.append(one)
    return sockets


def produce(url: str, rate: int, seconds: float) -> None:
    """Entries at that rate, each due at its own moment."""
    per_step = max(1, round(rate * STEP_SECONDS))
    begin, number = time.time() + STEP_SECONDS, 0
    headers = {"content-type": "application/x-ndjson"}
    with httpx.Client(headers=headers, timeout=60) as client:
        for step in range(round(seconds / STEP_SECONDS)):
            due = begin + step * STEP_SECONDS
            time.sleep(max(0.0, due - time.time()))
            lines = [event_of(number + one, due) for one in range(per_step)]
            number += per_step
            client.post(f"{url}/api/events", content="\n".join(lines)).raise_for_status()


def memory_of(process: int) -> int:
    """MiB that a process holds in memory."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def wait_until_up(url: str) -> None:
    """Returns when the service is ready."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/ready").is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    sys.exit("the service did not start: no figure")


def options_of() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=2_000, help="entries a second")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--followers", type=int, default=1)
    parser.add_argument("--stalled", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    """Serve, follow, produce, and print one row."""
    options = options_of()
    per_step = max(1, round(options.rate * STEP_SECONDS))
    count = per_step * round(options.seconds / STEP_SECONDS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("tasktrail")
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="tasktrail-bench-") as folder:
        command = [str(program), "serve", "--data", folder, "--port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ran:
            try:
                wait_until_up(url)
                taken, memory = measure(options, port, count, ran.pid)
            finally:
                ran.terminate()
    if len(taken) != count * options.followers:
        sys.exit(f"expected {count} entries each, found {len(taken)} in all: no figure")
    print(
        f"{options.rate} entries/s for {options.seconds:g} s, {options.followers} followers, "
        f"{options.stalled} stalled, load {os.getloadavg()[0]:.1f}: "
        f"since accepted {spread([one.from_accepted for one in taken])}, "
        f"since due {spread([one.from_due for one in taken])}; "
        f"service {memory[0]} -> {memory[1]} MiB"
    )


def spread(taken: list[float]) -> str:
    """The middle, the 99th percentile and the longest of so many seconds."""
    taken.sort()
    p99 = taken[int(len(taken) * 0.99)]
    return (
        f"p50 {1e3 * statistics.median(taken):.0f} ms, p99 {1e3 * p99:.0f} ms, "
        f"longest {1e3 * taken[-1]:.0f} ms"
    )


def measure(
    options: argparse.Namespace, port: int, count: int, process: int
) -> tuple[list[Taken], tuple[int, int]]:
    """The latencies, and the service's memory before and after."""
    url = f"http://127.0.0.1:{port}"
    first = json.dumps({"type": "task:created", "task_id": TASK, "data": {}})
    httpx.post(f"{url}/api/events", content=first).raise_for_status()
    stalled = stall(port, options.stalled)
    answers: Queue[list[Taken]] = Queue()
    socket_url = f"ws://127.0.0.1:{port}/ws/logs/{TASK}?after_seq=0"
    followers = Process(target=run_followers, args=(socket_url, count, options.followers, answers))
    followers.start()
    time.sleep(1 + options.followers / 50)
    before = memory_of(process)
    produce(url, options.rate, options.seconds)
    taken = answers.get(timeout=SETTLE_SECONDS * 6)
    followers.join()
    after = memory_of(process)
    for one in stalled:
        one.close()
    return taken, (before, after)


if __name__ == "__main__":
    main()
