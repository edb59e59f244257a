"""A process that takes a lock, says so, and idles with it until it is killed: PATH."""

import sys
import time
from pathlib import Path

from tasktrail.store.locks import FileLock

if __name__ == "__main__":
    lock = FileLock(Path(sys.argv[1]))
    print(lock.acquire(), flush=True)  # noqa: T201 - what the test waits for
    while True:
        time.sleep(0.005)
