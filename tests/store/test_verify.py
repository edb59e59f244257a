"""Verify: what is wrong with a trail is found, at its place."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tasktrail.model.entry import seal_line, unseal_line
from tasktrail.model.ids import TrailKey
from tasktrail.store.layout import Layout
from tasktrail.store.verify import Finding, verify_trail
from tests.support.store_trails import KEY, POS_STEP, new_root, record
from tests.support.workshop import Workshop

Lines = list[bytes]
EDITED, DELETED = 4, 5  # places in the log, whose entries are 1, 5, 9, 13, …


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A root with one sound trail."""
    found = new_root(tmp_path)
    record(found, range(1, 41))
    return found


def tamper(layout: Layout, change: Callable[[Lines], None]) -> list[Finding]:
    """What is found after the log's lines were changed."""
    path = layout.channel(KEY, "log")
    lines = path.read_bytes().splitlines(keepends=True)
    change(lines)
    path.write_bytes(b"".join(lines))
    return verify_trail(layout, KEY)


def places(findings: list[Finding]) -> list[tuple[str | None, int | None]]:
    """Channel and seq of every finding."""
    return [(one.channel, one.seq) for one in findings]


def test_a_sound_trail_has_no_findings(layout: Layout) -> None:
    """Tasks, sessions and hashed ids verify alike, and so does a trail that is not there."""
    for key in (TrailKey("tasks", "../../x"), TrailKey("sessions", "s")):
        record(layout, range(1, 9), key=key)
        assert verify_trail(layout, key) == []

    assert verify_trail(layout, KEY) == []
    assert verify_trail(layout, TrailKey("tasks", "missing")) == []


def test_an_edited_line_is_found_at_its_place(layout: Layout) -> None:
    """One changed byte is told with trail, channel, offset and number."""

    def edit(lines: Lines) -> None:
        lines[EDITED] = lines[EDITED].replace(b"words 17", b"words 18")

    findings = tamper(layout, edit)

    assert places(findings)[0] == ("log", 17)
    assert findings[0].trail == "tasks/gh-1"
    offset = findings[0].offset or 0
    assert layout.channel(KEY, "log").read_bytes()[offset:].startswith(b'{"seq":17,')


def test_a_line_sealed_anew_is_found_at_the_next(layout: Layout) -> None:
    """Whoever also renews the edited line's own seal breaks the entry after it."""
    before = layout.channel(KEY, "agent_output").read_bytes().splitlines()[3]

    def reseal(lines: Lines) -> None:
        body = unseal_line(lines[EDITED][:-1])[0].replace(b"words 17", b"words 18")
        lines[EDITED] = seal_line(body, unseal_line(before)[1])[0]

    assert places(tamper(layout, reseal))[0] == ("events", 18)


def test_a_deleted_line_is_found(layout: Layout) -> None:
    """The entry after it says which number is missing."""
    (finding, *_) = tamper(layout, lambda lines: lines.__delitem__(DELETED))

    assert (finding.expected, finding.found) == ("seq 21", "seq 22")


def test_an_inserted_line_is_found(layout: Layout) -> None:
    """A copy of a line is one too many."""
    findings = tamper(layout, lambda lines: lines.insert(EDITED + 1, lines[EDITED]))

    assert places(findings) == [("log", 17)]
    assert findings[0].found == "seq 17"


def test_a_line_inserted_into_another_channel_is_found(layout: Layout) -> None:
    """A number stands once in a trail, not once in a file."""
    log = layout.channel(KEY, "log").read_bytes().splitlines(keepends=True)
    layout.channel(KEY, "user_inputs").write_bytes(log[EDITED])
    findings = verify_trail(layout, KEY)

    assert [one.found for one in findings] == ["seq 17 again"]


def test_swapped_lines_are_found(layout: Layout) -> None:
    """Lines that changed places are out of order."""

    def swap(lines: Lines) -> None:
        lines[4], lines[5] = lines[5], lines[4]

    assert ("log", 17) in places(tamper(layout, swap))


def test_swapped_contents_are_found(layout: Layout) -> None:
    """Two lines that exchange all but their numbers do not fit their seals."""

    def swap(lines: Lines) -> None:
        lines[4], lines[5] = (
            lines[5].replace(b'{"seq":21,', b'{"seq":17,'),
            lines[4].replace(b'{"seq":17,', b'{"seq":21,'),
        )

    assert {("log", 17), ("log", 21)} <= set(places(tamper(layout, swap)))


def test_a_damaged_line_is_found_and_the_rest_is_still_proved(layout: Layout) -> None:
    """NULs are told with their offset, and an edit after them is found all the same."""

    def damage(lines: Lines) -> None:
        lines[1] = b"\0" * (len(lines[1]) - 1) + b"\n"
        lines[EDITED] = lines[EDITED].replace(b"words 17", b"words 18")

    findings = tamper(layout, damage)

    assert findings[0].expected == "a line of a trail"
    assert findings[0].offset == len(layout.channel(KEY, "log").read_bytes().split(b"\n")[0]) + 1
    assert ("log", 17) in places(findings)


def test_a_trail_under_another_name_is_found(layout: Layout) -> None:
    """The chain starts from the trail's own id."""
    layout.trail(KEY).rename(layout.tasks / "gh-2")
    findings = verify_trail(layout, TrailKey("tasks", "gh-2"))

    assert places(findings)[0] == ("log", 1)


def test_a_cut_tail_is_found_where_metadata_tells_of_it(layout: Layout) -> None:
    """Fewer entries than metadata.json knows of are reported; so is a torn line."""
    for channel in ("log", "events", "api_calls", "agent_output"):
        path = layout.channel(KEY, channel)
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    with layout.channel(KEY, "log").open("ab") as file:
        file.write(b'{"seq"')

    findings = verify_trail(layout, KEY)
    assert [(one.expected, one.found) for one in findings] == [
        ("a line end", "6 bytes without"),
        ("as_of up to 36", "as_of 40"),
    ]


def test_a_tail_that_is_known_elsewhere_and_gone_is_found(layout: Layout) -> None:
    """The chain of what is left holds: only who knows how far it went can tell."""
    (finding,) = verify_trail(layout, KEY, head=41)

    assert (finding.expected, finding.found) == ("entries up to seq 41", "none after seq 40")
    assert verify_trail(layout, KEY, head=40) == []


def test_what_is_still_recorded_is_no_finding(layout: Layout) -> None:
    """Below a checkpoint only; entries after it, half ones too, are not judged yet."""
    with layout.channel(KEY, "log").open("ab") as file:
        file.write(b'{"seq"')

    assert verify_trail(layout, KEY, below=20 * POS_STEP) == []


@pytest.mark.parametrize("document", ["metadata", "input", "final_result"])
def test_a_document_that_the_entries_do_not_give_is_found(layout: Layout, document: str) -> None:
    """Documents are derived: one that says something else, or too much, is told."""
    path = layout.document(KEY, document)
    before = path.read_bytes() if path.exists() else b'{"success":true}'
    path.write_bytes(before.replace(b"{", b'{"forged":true,', 1))

    assert places(verify_trail(layout, KEY)) == [(document, None)]


@pytest.mark.parametrize("blob", [b"", b"[]", b"{}", b'{"as_of":99}'])
def test_metadata_that_cannot_be_right_is_found(layout: Layout, blob: bytes) -> None:
    """A summary that is no summary, or of more entries than there are, is told."""
    layout.document(KEY, "metadata").write_bytes(blob)

    assert places(verify_trail(layout, KEY)) == [("metadata", None)]


def test_a_result_of_the_first_releases_is_no_finding(tmp_path: Path) -> None:
    """What an earlier release wrote stays what it is; anything else in it is a finding."""
    workshop = Workshop(tmp_path)
    workshop.accept("task:completed", data={"result": "ok"})
    workshop.record()
    path = workshop.layout.document(KEY, "final_result")
    result = json.loads(path.read_bytes())
    assert result.pop("attempts") == []
    path.write_text(json.dumps(result))
    found = verify_trail(workshop.layout, KEY)
    path.write_text(json.dumps(result | {"success": False}))

    assert found == []
    assert places(verify_trail(workshop.layout, KEY)) == [("final_result", None)]


def test_a_linked_document_is_a_finding(layout: Layout) -> None:
    """Even a link to the same words is told."""
    path = layout.document(KEY, "metadata")
    path.rename(layout.root / "metadata.json")
    path.symlink_to(layout.root / "metadata.json")

    (finding,) = verify_trail(layout, KEY)
    assert (finding.channel, "is a link" in finding.found) == ("metadata", True)


def test_a_document_in_another_layout_is_no_finding(layout: Layout) -> None:
    """Spaces are not content."""
    path = layout.document(KEY, "metadata")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n  "))

    assert verify_trail(layout, KEY) == []


def test_a_planted_link_is_a_finding(layout: Layout) -> None:
    """A trail that cannot be read safely is reported, not followed."""
    layout.channel(KEY, "user_inputs").symlink_to(layout.root_json)

    (finding, *_) = verify_trail(layout, KEY)
    assert "is a link" in finding.found
