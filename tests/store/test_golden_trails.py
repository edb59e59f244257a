"""Trails of format 1 stay what they are: the same spool gives these bytes, and they are readable.

`tests/data/trails/v1` was written once, when the format was settled, and is never written again:
`spool.jsonl` holds the frames, `tasks/` and `sessions/` the channels they became, `rows.jsonl` how
every entry is answered. A change that makes this test fail breaks the trails that users have.
"""

import json
from collections import Counter
from pathlib import Path

from tasktrail.model.acceptance import Accepted
from tasktrail.model.codec import json_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.frame import decode_frame
from tasktrail.model.ids import TrailKey
from tasktrail.model.view import row_of
from tasktrail.store.catalog import iter_trails
from tasktrail.store.layout import Layout, layout_of
from tasktrail.store.scan import iter_trail
from tasktrail.store.verify import verify_trail
from tests.support.workshop import Workshop

GOLDEN = Path(__file__).parents[1] / "data" / "trails" / "v1"


def channel_files(root: Path) -> dict[str, bytes]:
    """Every channel file of the trails below a root."""
    folders = (root / "tasks", root / "sessions")
    files = [one for folder in folders for one in sorted(folder.glob("*/*.jsonl"))]
    return {str(one.relative_to(root)): one.read_bytes() for one in files}


def rows(layout: Layout, key: TrailKey) -> list[str]:
    """How every entry of the trail is answered."""
    found = iter_trail(layout, key, below=None, skipped=Counter())
    return [json_line(row_of(line, channel, key)) for channel, line in found]


def test_the_same_spool_gives_the_golden_bytes(tmp_path: Path) -> None:
    """Encoders, channels, ids and hashes are those of format 1."""
    workshop = Workshop(tmp_path)
    accepted = []
    for line in (GOLDEN / "spool.jsonl").read_bytes().splitlines():
        frame = decode_frame(line)
        event = bytes(frame.event)
        key = address_of(parse_event(event)).partition_key
        accepted.append(Accepted(event, identity=frame.id, at=frame.at, key=key))
    workshop.spool.append(accepted)
    workshop.record()

    assert channel_files(workshop.layout.root) == channel_files(GOLDEN)


def test_golden_trails_are_answered_as_ever() -> None:
    """Level, source, message and every other field of a row, for each entry of each channel."""
    layout = layout_of(GOLDEN)
    answered = [row for key in sorted(iter_trails(layout)) for row in rows(layout, key)]

    assert answered == (GOLDEN / "rows.jsonl").read_text(encoding="utf-8").splitlines()


def test_golden_trails_verify() -> None:
    """Their chains hold, from the true id in line 1 to the last h."""
    layout = layout_of(GOLDEN)
    keys = list(iter_trails(layout))

    assert {key.id for key in keys} == {"gh-450", "../../etc/x", "s-12"}
    assert [finding for key in keys for finding in verify_trail(layout, key)] == []


def test_the_golden_trails_cover_every_channel() -> None:
    """No part of the format is left to chance."""
    names = {path.split("/")[-1] for path in channel_files(GOLDEN)}
    answers = (GOLDEN / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    types = {json.loads(one)["event_type"] for one in answers}

    assert len(names) == 8
    assert len(types) >= 20
