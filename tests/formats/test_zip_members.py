"""Members of a ZIP, however they are packed."""

import io
import sys
import zipfile

import pytest

from tasktrail.errors import InvalidEvent
from tasktrail.formats.zip_members import ZSTD, ZipMembers

TEXT = b'{"a": 1}' * 50


def zipped(*, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.json", TEXT)
    return out.getvalue()


def packed_with_zstd(*, text: bytes = TEXT) -> bytes:
    """The same, as newer versions of inspect_ai write it: its method and bytes are exchanged."""
    zstandard = pytest.importorskip("zstandard", reason="needs zstandard (pip install zstandard)")
    packed: bytes = zstandard.ZstdCompressor().compress(text)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.json", packed)
        member = archive.infolist()[0]
        member.compress_type, member.file_size = ZSTD, len(text)
        member.CRC = zipfile.crc32(TEXT)  # type: ignore[attr-defined]
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_usual_members_are_read(method: int) -> None:
    """Stored, or packed as most are."""
    assert ZipMembers(zipped(method=method)).read("a.json") == TEXT


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="zipfile does it itself")
def test_members_packed_with_zstd_are_read() -> None:
    """By the package that can."""
    assert ZipMembers(packed_with_zstd()).read("a.json") == TEXT


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="zipfile does it itself")
def test_a_member_of_other_bytes_is_refused() -> None:
    """Its checksum tells."""
    with pytest.raises(InvalidEvent, match="checksum"):
        ZipMembers(packed_with_zstd(text=b"other")).read("a.json")


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="zipfile does it itself")
def test_where_the_package_is_missing_the_reason_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to install."""
    blob = packed_with_zstd()
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(InvalidEvent, match="pip install zstandard"):
        ZipMembers(blob).read("a.json")


def test_what_is_no_zip_or_not_in_it_is_told() -> None:
    """With its name."""
    with pytest.raises(InvalidEvent, match="expected a ZIP"):
        ZipMembers(b"PK\x03\x04torn")
    with pytest.raises(InvalidEvent, match=r"nothing\.json"):
        ZipMembers(zipped()).read("nothing.json")
