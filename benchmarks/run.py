"""What a command feels of `tasktrail run`: a flood of lines, and one very long line.

    python benchmarks/run.py [--lines N] [--rounds N]

Three ways, interleaved: plain (stdout is a file that is thrown away), `| cat` (a pipe, as every
wrapper needs one), and `tasktrail run` with a data root of its own. `command` is what the command
itself measures from its first to its last line, `whole` is until the shell has its prompt back: the
difference is what is still told after the command has ended. `memory` is the most that
`tasktrail run` and the command took. Every run is checked: as many lines as were written.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tasktrail.model.frame import decode_frame
from tasktrail.sdk.outbox_files import list_outboxes

PROGRAM = Path(sys.executable).with_name("tasktrail")
TIMED = 's=$(date +%s%N); {script}; e=$(date +%s%N); echo $((e - s)) > "$TOOK"'
FLOOD = "yes | head -n {n}"
LONG = "head -c {n} /dev/zero | tr '\\0' x; echo"
KIBIBYTE = 1024
NANOSECONDS = 1e9
WAYS = ("plain", "| cat", "run")


class Measured(NamedTuple):
    """One run: seconds of the command and of the whole, and memory in MiB."""

    command: float
    whole: float
    memory: float


def measured(way: str, script: str, folder: Path) -> Measured:
    """The command in that way; what it wrote is thrown away."""
    took = folder / "took"
    if way == "run":
        command = [
            str(PROGRAM),
            "--data",
            str(folder / "root"),
            "run",
            "--task",
            "t",
            "--",
            "sh",
            "-c",
            script,
        ]
    else:
        command = ["sh", "-c", f"( {script} ) | cat" if way == "| cat" else script]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, "TOOK": str(took)}
    )
    _, status, usage = os.wait4(process.pid, 0)
    whole = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        int(took.read_text()) / NANOSECONDS, whole, usage.ru_maxrss * KIBIBYTE / (1 << 20)
    )


def told(folder: Path) -> int:
    """How many lines of stdout are in the outbox."""
    return sum(
        b'"source":"stdout"' in bytes(decode_frame(line).event)
        for path in list_outboxes(folder / "root" / "outbox")
        for line in path.open("rb")
    )


def compare(name: str, script: str, *, rounds: int, expected: int) -> None:
    """One table."""
    found: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            folder = Path(tempfile.mkdtemp(prefix="tasktrail-run-"))
            found[way].append(measured(way, script, folder))
            if way == "run" and told(folder) != expected:
                sys.exit(f"expected {expected} lines, found {told(folder)}")
            shutil.rmtree(folder)
    print(f"\n{name}\n{'':8}{'command s':>12}{'whole s':>10}{'memory MiB':>12}")
    for way, runs in found.items():
        middle = [statistics.median(values) for values in zip(*runs, strict=True)]
        print(f"{way:8}{middle[0]:12.3f}{middle[1]:10.3f}{middle[2]:12.1f}")


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=300_000)
    parser.add_argument("--bytes", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    said = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    flood = TIMED.format(script=FLOOD.format(n=said.lines))
    compare(f"{said.lines:,} lines of one letter", flood, rounds=said.rounds, expected=said.lines)
    line = TIMED.format(script=LONG.format(n=said.bytes))
    compare(f"one line of {said.bytes:,} bytes", line, rounds=said.rounds, expected=1)


if __name__ == "__main__":
    main()
