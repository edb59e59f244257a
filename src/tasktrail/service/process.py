"""What a service asks of its process before it begins: open files, and memory that is given back.

Neither is needed to be right, both to last: a trail that is written to needs up to eight files, and
the C library keeps what large events needed for as long as it can unless it is told otherwise.
"""

import ctypes
import resource
from contextlib import suppress
from typing import Final

WANTED_FILES: Final = 65_536
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
OWN_MAPPING_BYTES: Final = 256 * 1024  # from here on memory goes back as soon as it is free
TRIM_BYTES: Final = 4 << 20
ARENAS: Final = 2


def prepare_process() -> None:
    """As many open files as we may have, and large memory that is given back when it is free."""
    raise_open_files()
    return_large_memory()


def raise_open_files() -> int:
    """How many files this process may have open now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, WANTED_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def return_large_memory() -> bool:
    """Whether the C library takes it; others than glibc do not know the question."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wanted = (
        (M_MMAP_THRESHOLD, OWN_MAPPING_BYTES),
        (M_TRIM_THRESHOLD, TRIM_BYTES),
        (M_ARENA_MAX, ARENAS),
    )
    return all(map(bool, (mallopt(name, value) for name, value in wanted)))
