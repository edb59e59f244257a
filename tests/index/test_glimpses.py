"""Looks at many lines say what one look after the other says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktrail.errors import TornEntry
from tasktrail.index import glimpses, peek
from tasktrail.index.glimpses import Glimpses, Memory
from tasktrail.index.peek import Glimpse, look
from tasktrail.index.runs import Text
from tasktrail.model.channels import LOG
from tasktrail.model.entry import Entry
from tasktrail.model.event import parse_event
from tasktrail.model.ids import TrailKey
from tests.support.event_strategies import event_blobs, task_ids
from tests.support.make import START, TRAIL, entry, line_of


def stored(blobs: list[bytes], trail: TrailKey) -> dict[str, list[bytes]]:
    """The lines of the events by channel."""
    found: dict[str, list[bytes]] = {}
    for seq, blob in enumerate(blobs, 1):
        one = Entry(seq, f"t:{seq}", START + seq, seq * 100, parse_event(blob))
        channel, line = line_of(one, trail)
        found.setdefault(channel, []).append(line)
    return found


def looked(line: bytes, channel: str, trail: TrailKey) -> Glimpse | None:
    """What one look says."""
    try:
        return look(line, channel, trail)
    except TornEntry:
        return None


Seen = list[tuple[bytes, Glimpse, int]]  # lines, what is seen of them, unreadable ones before each


def looks(lines: list[bytes], channel: str, trail: TrailKey) -> Seen:
    """What one look after the other says."""
    found, damaged = Seen(), 0
    for line in lines:
        glimpse = looked(line, channel, trail)
        if glimpse is not None:
            found.append((line, glimpse, damaged))
        damaged = damaged + 1 if glimpse is None else 0
    return found


def seen_at_once(quick: Glimpses, lines: list[bytes]) -> Seen:
    """The same by a look at all of them."""
    run = quick.of(Text(70, b"".join(line + b"\n" for line in lines)))
    return [(run.line(at), run.glimpse(at), run.damaged[at]) for at in range(len(run))]


def expect_equal(lines: list[bytes], channel: str, trail: TrailKey = TRAIL) -> None:
    """The first time and when all is known."""
    expected, quick = looks(lines * 2, channel, trail), Glimpses(channel, trail)

    assert seen_at_once(quick, lines) + seen_at_once(quick, lines) == expected


@settings(max_examples=60)
@given(
    st.lists(event_blobs(task_ids), max_size=12),
    st.sampled_from([TRAIL, TrailKey("sessions", "s-1")]),
)
def test_whatever_is_told_it_equals_one_look_after_the_other(
    blobs: list[bytes], trail: TrailKey
) -> None:
    """In tasks and in sessions, in every channel."""
    for channel, lines in stored(blobs, trail).items():
        expect_equal(lines, channel, trail)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"seq":1', b'"seq":0'),
        (b'"seq":1', b'"seq":-1'),
        (b'"seq":1', b'"seq":1e400'),
        (b'"seq":1', b'"seq":99999999999999999999'),
        (b'"pos":100', b'"pos":99999999999999999999'),
        (b'"level":"info"', b'"level":["info"]'),
        (b'"level":"info"', b'"level":1'),
        (b'"level":"info"', b'"level":"ERROR"'),
        (b'"level":"info"', b'"level":"loud"'),
        (b'"level":"info"', b'"level":null'),
        (b'"source":"system"', b'"source":true'),
        (b'"stage":null', b'"is_error":1'),
        (b'"stage":null', b'"is_error":true'),
        (b'"stage":null', b'"method":"failed"'),
        (b'"stage":null', b'"method":{}'),
        (b"Z", b"z"),
        (b".0", b".+"),
        (b".0", b"._"),
        (b".0", b". "),
        (b"T01:", b"T25:"),
        (b"Z", b"+02:00"),
        (b"hello", b"\xff"),
        (b"hello", b"\xc3\xbc"),
        (b"}", b""),
    ],
)
def test_what_is_unusual_is_left_to_one_look(old: bytes, new: bytes) -> None:
    """Beside usual lines, before and behind them."""
    blob = b'{"type":"task:log","task_id":"gh-1","data":{"message":"hello"}}'
    one = Entry(1, "t:1", START, 100, parse_event(blob))
    channel, line = line_of(one, TRAIL)
    assert old in line
    odd = line.replace(old, new)

    expect_equal([line, odd, line, odd], channel)
    expect_equal([odd, line], channel)


def test_what_only_equals_a_flag_is_none() -> None:
    """1 equals true, and yet says nothing of an error."""
    said = ("true", "1", "false", "0", "1.0", '"true"')
    blobs = [
        b'{"type":"task:tool_result","task_id":"gh-1","data":{"is_error":%b}}' % one.encode()
        for one in said
    ]
    (channel, lines), *_ = stored(blobs * 2, TRAIL).items()

    expect_equal(lines, channel)


def test_values_that_only_equal_each_other_are_told_apart() -> None:
    """1 equals true, and yet only one of them names a source."""
    line = line_of(entry(2, "task:log", data={"message": "a"}))[1]
    odd = [
        line.replace(b'"source":"system"', b'"source":%b' % value)
        for value in (b"1", b"true", b"1.0", b"1", b"false", b"0")
    ]

    expect_equal(odd, LOG)
    expect_equal(odd[::-1], LOG)


def test_how_an_answer_went_is_read_anew() -> None:
    """Answers whose events are alike may have failed or not."""
    blobs = [
        b'{"type":"task:response_posted","task_id":"gh-1","data":{"method":"%b"}}' % method
        for method in (b"api", b"failed", b"api", b"failed")
    ]
    (channel, lines), *_ = stored(blobs, TRAIL).items()

    expect_equal(lines, channel)


def test_times_of_any_form_are_read() -> None:
    """Whatever the producer's clock said."""
    for at in (
        "2026-02-14T10:00:00Z",
        "2026-02-14T12:00:00.5+02:00",
        "odd",
        "1969-12-31T23:59:59Z",
    ):
        channel, line = line_of(entry(1, "task:log", timestamp=at, data={"message": "a"}))
        expect_equal([line, line], channel)


def counted_looks(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The lines that are looked at one by one from now on."""
    looked_at: list[bytes] = []

    def counted(line: bytes, channel: str, trail: TrailKey) -> Glimpse:
        looked_at.append(line)
        return peek.look(line, channel, trail)

    monkeypatch.setattr(glimpses, "look", counted)
    return looked_at


def test_lines_that_say_the_same_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise nothing would be gained."""
    lines = [
        line_of(entry(seq, "task:log", data={"message": f"a{seq}"}))[1] for seq in range(1, 50)
    ]
    looked_at = counted_looks(monkeypatch)
    found = seen_at_once(Glimpses(LOG, TRAIL), lines)

    assert [one.seq for _, one, _ in found] == list(range(1, 50))
    assert len(looked_at) == 2  # the first line names its task, the others do not


@pytest.mark.parametrize(("family", "expected"), [("tasks", 1), ("sessions", 2)])
def test_what_is_known_holds_for_all_tasks(
    monkeypatch: pytest.MonkeyPatch, family: str, expected: int
) -> None:
    """Of a session each trail learns by itself: its lines belong to it."""
    line = line_of(entry(2, "task:log", data={"message": "a"}))[1]
    looked_at, memory = counted_looks(monkeypatch), Memory()
    for name in ("one", "two"):
        seen_at_once(Glimpses(LOG, TrailKey(family, name), memory), [line, line])

    assert len(looked_at) == expected


@pytest.mark.parametrize(
    "odd",
    [
        [b"A", b"BB", b""],
        [b"", b"AB"],
        [b"AA", b"B-", b"-"],
        [b"A ", b" B", b"A\r"],
        [b"A", b"\0\0\0", b"B"],
        [b"AB", b"A", b"B"],
    ],
)
def test_each_line_stands_for_itself(odd: list[bytes]) -> None:
    """However many objects there are: two in a line are none, nor is one in two lines."""
    one, two = (line_of(entry(seq, "task:log", data={"message": "a"}))[1] for seq in (1, 2))
    half = two.index(b',"pos"')
    whole = [line.replace(b"B-", two[:half]) for line in odd]
    whole = [two[half:] if line == b"-" else line for line in whole]
    lines = [line.replace(b"A", one).replace(b"B", two) for line in whole]

    quick = Glimpses(LOG, TRAIL)
    seen_at_once(quick, [one, two])  # from now on nothing stops at what is not known

    assert seen_at_once(quick, [one, *lines, two]) == looks([one, *lines, two], LOG, TRAIL)


def test_a_long_line_comes_without_its_end() -> None:
    """As whoever reads it cuts it out."""
    line = line_of(entry(1, "task:log", data={"message": "a" * 9_000}))[1]
    run = Glimpses(LOG, TRAIL).of(Text(5, line))

    assert (run.line(0), run.offsets, run.lengths) == (line, [5], [len(line)])


def test_what_is_unreadable_at_the_end_is_told_of_the_next_line() -> None:
    """Also where that is read later, and quickly."""
    line = line_of(entry(1, "task:log", data={"message": "a"}))[1]
    quick = Glimpses(LOG, TRAIL)
    first, second = (quick.of(Text(0, block + b"\n")) for block in (line + b"\nx\ny", line))

    assert (first.damaged, second.damaged) == ([0], [2])


def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trail whose every entry says something else fills no memory."""
    monkeypatch.setattr(glimpses, "MOST_KNOWN", 5)
    blobs = [
        b'{"type":"task:log","task_id":"gh-1","worker_id":"w%d","data":{"message":"a"}}' % number
        for number in range(20)
    ]
    quick = Glimpses(LOG, TRAIL)
    seen_at_once(quick, stored(blobs, TRAIL)[LOG])

    assert len(quick._known) <= 5  # noqa: SLF001 - it is what must not grow
