"""Members of a ZIP, also those packed with zstd, which `zipfile` reads from Python 3.14 on.

Before that the `zstandard` package does, where it is installed; where it is not, the error says so.
"""

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any, Final

from tasktrail.errors import InvalidEvent

ZSTD: Final = 93
LOCAL_HEADER: Final = struct.Struct("<26xHH")  # ends with the lengths of name and extra field
UNREADABLE: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    KeyError,
    zlib.error,
    EOFError,
    OSError,
    struct.error,
)


class ZipMembers:
    """The members of a ZIP that is in memory."""

    def __init__(self, blob: bytes) -> None:
        """Raises InvalidEvent for what is no ZIP."""
        self._blob = blob
        try:
            self._archive = zipfile.ZipFile(BytesIO(blob))
        except UNREADABLE as error:
            raise InvalidEvent(f"expected a ZIP: {error}") from error
        self.names = self._archive.namelist()

    def read(self, name: str) -> bytes:
        """The member's bytes; raises InvalidEvent with the reason when they cannot be read."""
        try:
            member = self._archive.getinfo(name)
            if member.compress_type == ZSTD:
                return self._unpacked(member)
            return self._archive.read(member)
        except UNREADABLE as error:
            raise InvalidEvent(f"{name}: {error}") from error

    def _unpacked(self, member: zipfile.ZipInfo) -> bytes:
        library = _zstandard(member.filename)
        begin = member.header_offset + LOCAL_HEADER.size
        begin += sum(LOCAL_HEADER.unpack_from(self._blob, member.header_offset))
        packed = self._blob[begin : begin + member.compress_size]
        try:
            with library.ZstdDecompressor().stream_reader(packed) as reader:
                found: bytes = reader.read()
        except library.ZstdError as error:
            raise InvalidEvent(f"{member.filename}: {error}") from error
        if zlib.crc32(found) != member.CRC:
            raise InvalidEvent(f"{member.filename}: its checksum is not that of what was unpacked")
        return found


def _zstandard(name: str) -> Any:  # noqa: ANN401 - a package that may be missing
    try:
        import zstandard  # noqa: PLC0415 - only logs that are packed so need it
    except ImportError as error:
        raise InvalidEvent(
            f"{name} is packed with zstd: expected Python 3.14 or the package `zstandard`"
            " (pip install zstandard), found neither"
        ) from error
    return zstandard
