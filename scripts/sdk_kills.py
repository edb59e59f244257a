"""Jobs that are killed right after they were told that an entry is kept; none of those may lack.

    python scripts/sdk_kills.py [--times 1000] [--mode durable|through] [--keep DIR]

Each time a process is forked that connects to one data root and logs numbered entries, saying each
number over a pipe when its call has returned. It gets SIGKILL as soon as one of the first few was
read, so that the signal falls anywhere into the calls that follow. At last the installed command
records what the outboxes hold and prints the trail: every number that was said must be in it, once.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NoReturn

import msgspec

import tasktrail

TASK = "kills"
FIRST_CALLS = 6  # one of them is the last that is heard of
ENTRIES = 1_000_000  # more than there can be


def job(root: Path, number: int, out: int, *, durable: bool) -> NoReturn:
    """Logs and says so, until it is killed."""
    client = tasktrail.connect(root, durable=durable)
    logger = client.task(TASK).logger
    for step in range(ENTRIES):
        logger.info(f"{number}.{step}")  # noqa: G004 - a message, not a record of `logging`
        os.write(out, b"%d\n" % step)
    os._exit(0)


def kill_once(root: Path, number: int, *, durable: bool) -> list[str]:
    """The entries that one job said were kept before it was killed."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        job(root, number, write_end, durable=durable)
    os.close(write_end)
    wanted = random.randrange(FIRST_CALLS)  # noqa: S311 - no secret
    heard = b""
    while heard.count(b"\n") <= wanted:
        heard += os.read(read_end, 4096)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while block := os.read(read_end, 4096):
        heard += block
    os.close(read_end)
    return [f"{number}.{step.decode()}" for step in heard.split(b"\n")[:-1]]


def recorded(root: Path) -> Counter[str]:
    """How often each message is in the trail, as the command prints it."""
    program = Path(sys.executable).with_name("tasktrail")
    command = [str(program), "--data", str(root), "log", TASK, "-n", str(ENTRIES), "--json"]
    done = subprocess.run(command, capture_output=True, check=True)
    return Counter(msgspec.json.decode(line)["message"] for line in done.stdout.splitlines())


def main() -> int:
    """0 when nothing lacks and nothing is there twice."""
    parser = argparse.ArgumentParser(description="kill jobs right after a kept entry")
    parser.add_argument("--times", type=int, default=1_000)
    parser.add_argument("--mode", choices=["durable", "through"], default="durable")
    parser.add_argument("--keep", type=Path, help="leave the data root there")
    chosen = parser.parse_args()
    root = chosen.keep or Path(tempfile.mkdtemp(prefix="tasktrail-kills-"))
    said: list[str] = []
    for number in range(chosen.times):
        said += kill_once(root, number, durable=chosen.mode == "durable")
    found = recorded(root)
    lacking = [message for message in said if message not in found]
    twice = [message for message, count in found.items() if count > 1]
    print(
        f"{chosen.times} kills, {chosen.mode}: {len(said)} entries were said to be kept, "
        f"{sum(found.values())} are recorded, {len(lacking)} lack, {len(twice)} are there twice"
    )
    if not chosen.keep:
        shutil.rmtree(root)
    return 1 if lacking or twice else 0


if __name__ == "__main__":
    sys.exit(main())
