"""The frame that spool and outbox share: whoever writes one, everybody can read it.

An event keeps its bytes on the whole way from a producer's outbox into the spool, so both must
write the same line for the same acceptance time, identity and event.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasktrail.errors import DamagedFrame
from tasktrail.ingest.spool_reader import SpoolReader
from tasktrail.ingest.spool_segments import Segment
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted
from tasktrail.model.frame import CRC_DIGITS, decode_frame, encode_frame, frame_crc
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.trouble import Trouble
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root

NOW = 1_763_776_000_123_456  # µs since the epoch
EVENTS = (
    b"{}",
    b'{"type":"task:log","task_id":"gh-1","data":{"n":1.0, "n":2}}',
    '{"type":"x","text":"é \\u0000 \u2028 \\n {\\"at\\":1}"}'.encode(),
    b'{"type":"task:output","text":"%b"}' % (b"x" * 3_000_000),
)

Lines = list[bytes]
WriteFrames = Callable[[Path], Lines]


def write_spool(folder: Path) -> Lines:
    """The lines of the events after one went through a spool writer."""
    layout = layout_of(folder)
    root = open_root(layout, partitions=1)
    writer = SpoolWriter(layout, root, segment_bytes=1 << 30, clock=lambda: NOW)
    writer.append([Accepted(event, f"ab:{n}", "gh-1") for n, event in enumerate(EVENTS, 1)])
    writer.close()
    [segment] = layout.spool(0).glob("*.jsonl")
    return segment.read_bytes().splitlines(keepends=True)


def write_outbox(folder: Path) -> Lines:
    """The lines of the events in the outbox of a producer."""
    outbox = Outbox(folder, clock=lambda: NOW, trouble=Trouble())
    for event in EVENTS:
        outbox.append(event, task_id="gh-1")
    outbox.close()
    return outbox.path.read_bytes().splitlines(keepends=True)


def number_of(identity: str | None) -> str:
    """What stands behind the producer's random `src`."""
    assert identity is not None
    return identity.rsplit(":", 1)[1]


@pytest.mark.parametrize("write", [write_spool, write_outbox])
def test_every_writer_writes_the_frame(tmp_path: Path, write: WriteFrames) -> None:
    """Time, identity and the event's bytes come out of each line as they went in."""
    frames = [decode_frame(line) for line in write(tmp_path)]

    assert [bytes(frame.event) for frame in frames] == list(EVENTS)
    assert [frame.at for frame in frames] == [NOW] * len(EVENTS)
    assert [number_of(frame.id) for frame in frames] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("write", [write_spool, write_outbox])
def test_every_writer_writes_the_same_bytes(tmp_path: Path, write: WriteFrames) -> None:
    """The line is a pure function of time, identity and event, whoever writes it."""
    lines = write(tmp_path)
    identities = [decode_frame(line).id for line in lines]

    assert lines == [
        encode_frame(NOW, event, identity=identity)
        for event, identity in zip(EVENTS, identities, strict=True)
    ]


@pytest.mark.parametrize("write", [write_spool, write_outbox])
def test_the_spool_reader_reads_every_writer(tmp_path: Path, write: WriteFrames) -> None:
    """Lines of either door, put into a segment, come out whole and undamaged."""
    layout = layout_of(tmp_path / "root")
    open_root(layout, partitions=1)
    lines = write(tmp_path / "other")
    Segment.at(layout.spool(0), 0).path.write_bytes(b"".join(lines))
    reader = SpoolReader(layout, 0)
    reader.seek(None)
    found = reader.read(100, 1 << 30)
    reader.close()

    assert [bytes(one.frame.event) for one in found if one.frame] == list(EVENTS)


@pytest.mark.parametrize("write", [write_spool, write_outbox])
def test_a_flipped_bit_is_noticed_in_every_frame(tmp_path: Path, write: WriteFrames) -> None:
    """Wherever one bit changes, but in the blank that carries nothing, the frame is refused."""
    line = write(tmp_path)[1]
    for place in (*range(CRC_DIGITS), *range(CRC_DIGITS + 1, len(line) - 1)):
        broken = bytearray(line)
        broken[place] ^= 0x01

        with pytest.raises(DamagedFrame):
            decode_frame(bytes(broken))


@pytest.mark.parametrize("write", [write_spool, write_outbox])
def test_a_frame_is_named_by_the_crc_it_claims(tmp_path: Path, write: WriteFrames) -> None:
    """Checkpoints remember frames by eight digits, the same for lines with and without end."""
    line = write(tmp_path)[0]

    assert frame_crc(line) == frame_crc(line[:-1]) == int(line[:8], 16)
