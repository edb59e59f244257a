"""The only verbs by which files of a data root are opened, written, synced and replaced.

No link is ever followed in the last part of a path; what is created is private to its owner
whatever the umask; only regular files are opened. Every refusal of the system becomes a
StorageFailed that names the path; only a missing file stays a FileNotFoundError, because that is
an answer, not a failure.

`dir_fd` makes a name relative to an open directory, so that no part of its path is looked up again.
"""

import ctypes
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.errors import StorageFailed

FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700
FILES_PER_SYNC: Final = 16  # from here on one sync of the file system is cheaper than one per file
_QUIET: Final = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a planted pipe must not block us


@contextmanager
def explained(verb: str, path: Path | str | int) -> Iterator[None]:
    """A block in which the system's refusals become StorageFailed, naming verb, path and reason."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise failure(verb, path, error) from error


def failure(verb: str, path: Path | str | int, error: OSError) -> StorageFailed:
    """What to raise when the system refused the verb on that path or file descriptor."""
    name = errno.errorcode.get(error.errno or 0, "unknown error")
    reason = "is a link, links are never followed" if error.errno == errno.ELOOP else error.strerror
    return StorageFailed(f"cannot {verb} {_path_of(path)}: {name}, {reason}")


def _path_of(path: Path | str | int) -> str:
    """The path, also of a file descriptor where the system can tell."""
    if isinstance(path, int):
        with suppress(OSError):
            return str(Path(f"/proc/self/fd/{path}").readlink())
    return str(path)


def open_file(path: Path | str, *, create: bool = False, dir_fd: int | None = None) -> int:
    """A descriptor to read and write a regular file; a new one is empty and private.

    Whoever lets it be created syncs its directory before relying on it.
    """
    with explained("open", path):
        try:
            return _regular(os.open(path, os.O_RDWR | _QUIET, dir_fd=dir_fd), path)
        except FileNotFoundError:
            if not create:
                raise
        try:
            return _create(path, dir_fd)
        except FileExistsError:  # another process was faster
            return _regular(os.open(path, os.O_RDWR | _QUIET, dir_fd=dir_fd), path)


def open_to_read(path: Path | str, *, dir_fd: int | None = None) -> int:
    """A descriptor to read a regular file."""
    with explained("open", path):
        return _regular(os.open(path, os.O_RDONLY | _QUIET, dir_fd=dir_fd), path)


def open_directory(path: Path | str, *, dir_fd: int | None = None) -> int:
    """A descriptor of a directory that is no link itself."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
    with explained("open directory", path):
        try:
            return os.open(path, flags, dir_fd=dir_fd)
        except NotADirectoryError:
            if stat.S_ISLNK(os.stat(path, dir_fd=dir_fd, follow_symlinks=False).st_mode):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
            raise


def _regular(fd: int, path: Path | str) -> int:
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise StorageFailed(f"cannot open {path}: expected a regular file")


def _create(path: Path | str, dir_fd: int | None) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _QUIET
    fd = os.open(path, flags, FILE_MODE, dir_fd=dir_fd)
    if stat.S_IMODE(os.fstat(fd).st_mode) != FILE_MODE:  # the umask took more than it should
        os.fchmod(fd, FILE_MODE)
    return fd


def make_directory(path: Path) -> None:
    """The directory, private when it is new, and its parents; each new one survives a power cut."""
    with explained("make directory", path):
        if path.is_dir():
            return
        if path.parent != path:
            make_directory(path.parent)
        try:
            path.mkdir(DIRECTORY_MODE)
        except FileExistsError:
            if not path.is_dir():
                raise
    sync_directory(path.parent)


def write_at(fd: int, blob: bytes, offset: int) -> None:
    """All the bytes at that offset, however many calls it takes."""
    try:
        written = os.pwrite(fd, blob, offset)
        if written == len(blob):
            return
        rest = memoryview(blob)[written:]
        while rest:  # a disk that is almost full takes a part first, and refuses the rest
            offset += written
            written = os.pwrite(fd, rest, offset)
            rest = rest[written:]
    except OSError as error:
        raise failure("write", fd, error) from error


def read_all(path: Path | str, *, dir_fd: int | None = None) -> bytes:
    """The whole file."""
    fd = open_to_read(path, dir_fd=dir_fd)
    with explained("read", path), os.fdopen(fd, "rb") as file:
        return file.read()


def truncate(fd: int, size: int) -> None:
    """The file cut to that size."""
    with explained("cut", fd):
        os.ftruncate(fd, size)


def sync_files(fds: Sequence[int]) -> None:
    """Everything written through these descriptors is on disk; a directory's entries too.

    Never call it again for a file whose sync has failed: the system may have dropped the pages.
    """
    if len(fds) > FILES_PER_SYNC and _sync_file_systems(fds):
        return
    for fd in fds:
        try:
            # A directory's new entry is not what fdatasync promises, only its size is.
            os.fsync(fd) if stat.S_ISDIR(os.fstat(fd).st_mode) else os.fdatasync(fd)
        except OSError as error:
            raise failure("sync", fd, error) from error


def _sync_file_systems(fds: Sequence[int]) -> bool:
    """Whether one sync per file system was possible; False where the system has no such call."""
    call = _syncfs()
    if call is None:
        return False
    for fd in {os.fstat(fd).st_dev: fd for fd in fds}.values():
        if call(fd) != 0:
            number = ctypes.get_errno()
            raise failure("sync the file system of", fd, OSError(number, os.strerror(number)))
    return True


@cache
def _syncfs() -> Callable[[int], int] | None:
    return getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def sync_directory(path: Path) -> None:
    """The directory's entries are on disk."""
    with explained("sync directory", path):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def atomic_write(path: Path | str, blob: bytes, *, dir_fd: int | None = None) -> None:
    """The file with these bytes: before the call returns on disk, at no time in between half.

    One writer at a time. With `dir_fd` the path is a name in that directory.
    """
    target = Path(path)
    temporary = str(target.with_name(f".{target.name}.tmp"))
    with explained("replace", path):
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=dir_fd)
        _write_new(temporary, blob, dir_fd)
        os.rename(temporary, path, src_dir_fd=dir_fd, dst_dir_fd=dir_fd)
        if dir_fd is not None:
            os.fsync(dir_fd)
    if dir_fd is None:
        sync_directory(target.parent)


class Replacement(NamedTuple):
    """A file that is to have these bytes: its name, in an open directory."""

    directory: int
    name: str
    blob: bytes


def replace_all(replacements: Sequence[Replacement]) -> None:
    """All the files with their bytes, each at no time half, on disk before the call returns.

    What `atomic_write` does with one of them; many share their syncs. They get their names in the
    order in which they are given. One writer at a time.
    """
    fds: list[int] = []
    try:
        for directory, name, blob in replacements:
            with explained("replace", name):
                fds.append(_write_temporary(name, blob, directory))
        sync_files(fds)
    finally:
        for fd in fds:
            os.close(fd)
    for directory, name, _ in replacements:
        with explained("replace", name):
            os.rename(_temporary(name), name, src_dir_fd=directory, dst_dir_fd=directory)
    sync_files(list({directory: None for directory, _, _ in replacements}))


def _temporary(name: str) -> str:
    return f".{name}.tmp"


def _write_temporary(name: str, blob: bytes, directory: int) -> int:
    """The descriptor of a new file in the directory, with these bytes, not yet synced."""
    temporary = _temporary(name)
    try:
        fd = _create(temporary, directory)
    except FileExistsError:  # of a writer that died
        os.unlink(temporary, dir_fd=directory)
        fd = _create(temporary, directory)
    try:
        write_at(fd, blob, 0)
    except BaseException:
        os.close(fd)
        raise
    return fd


def write_volatile(path: Path, blob: bytes) -> None:
    """The file with these bytes, at no time half; for what a power cut may take: nothing is synced.

    Several writers may do so at once; the last one stands.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    with explained("replace", path):
        fd = _create(temporary, None)
        try:
            write_at(fd, blob, 0)
            temporary.rename(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        finally:
            os.close(fd)


def _write_new(path: str, blob: bytes, dir_fd: int | None) -> None:
    fd = _create(path, dir_fd)
    try:
        write_at(fd, blob, 0)
        os.fsync(fd)
    finally:
        os.close(fd)


def atomic_write_all(path: Path, chunks: Iterable[bytes]) -> None:
    """Like `atomic_write`, for a file that is too large to be in memory."""
    temporary = path.with_name(f".{path.name}.tmp")
    with explained("replace", path):
        temporary.unlink(missing_ok=True)
        fd = _create(temporary, None)
        try:
            offset = 0
            for chunk in chunks:
                write_at(fd, chunk, offset)
                offset += len(chunk)
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.rename(path)
    sync_directory(path.parent)


def write_first(path: Path, blob: bytes) -> bool:
    """Whether this call made the file; of racing processes one makes it, and whole at once."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    with explained("write", path):
        _write_new(str(temporary), blob, None)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
    sync_directory(path.parent)
    return True


def replace_file(path: Path, target: Path) -> None:
    """The file under its new name in the same directory, instead of what had that name."""
    with explained("rename", path):
        path.replace(target)
    sync_directory(target.parent)
