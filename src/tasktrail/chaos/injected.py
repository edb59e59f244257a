"""A process from which broken ones are forked: python -m tasktrail.chaos.injected [GUARD].

The calls of `os` are replaced here before anything of the product is imported; then one line of
JSON comes in for each fork, and one goes out when it has ended. A fork costs milliseconds where a
new interpreter costs half a second, and there are hundreds of system calls to break.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Final

from tasktrail.chaos.injection import SYNC_FILE_SYSTEM, Injection, install

LATE: Final = ("redis.connection", "platformdirs", "tasktrail.sdk.client", "http.client")


def fork(injection: Injection, act: Callable[[], None], fault: str, at: int) -> dict[str, Any]:
    """How a child that did this ended, and which calls it had made by then."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 0
        injection.arm(fault, at)
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it ends this fork
            sys.stderr.write(f"{fault} at {at}: {error!r}\n")
            code = 1
        injection.disarm()
        os.write(writer, json.dumps(injection.calls).encode())
        os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "calls": json.loads(said or b"[]")}


def _count_syncs_of_file_systems(injection: Injection) -> None:
    """The one sync that the product does not do through `os`."""
    files: Any = import_module("tasktrail.store.files")
    find = files._syncfs  # noqa: SLF001 - reached from outside, as every guard is

    def found() -> Callable[[int], int] | None:
        call = find()
        if call is None:
            return None
        return lambda fd: _status_of(injection, call, fd)

    files._syncfs = found  # noqa: SLF001


def _status_of(injection: Injection, call: Callable[[int], int], fd: int) -> int:
    try:
        status: int = injection.meet(SYNC_FILE_SYSTEM, call, fd)
    except OSError:
        return -1
    return status


def main(arguments: list[str]) -> None:
    """Fork for every line until there are no more."""
    injection = Injection()
    install(injection)
    scenario: Any = import_module("tasktrail.chaos.scenario")
    from pathlib import Path  # noqa: PLC0415 - after the calls were replaced

    for late in LATE:
        import_module(late)
    if arguments:
        import_module("tasktrail.chaos.guards").remove(arguments[0])
    _count_syncs_of_file_systems(injection)
    for line in sys.stdin:
        told = json.loads(line)
        settings = scenario.settings_of(Path(told["root"]), told["redis"])
        ledgers = Path(told["ledgers"])
        acts: dict[str, Callable[[], None]] = {
            "prepare": partial(scenario.prepare_root, settings, ledgers),
            "work": partial(scenario.work, settings, ledgers, told["life"]),
            "record": partial(scenario.record, settings),
        }
        answer = fork(injection, acts[told["act"]], told["fault"], told["at"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
