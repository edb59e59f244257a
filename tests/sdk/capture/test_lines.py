"""Lines of a stream: whole, in order, with their ends; progress displays coalesced and counted."""

import random
from collections.abc import Iterable

import pytest

from tasktrail.sdk.capture.lines import (
    LINE_END,
    NO_END,
    OVERWRITTEN,
    PROMPT_SECONDS,
    STATE_SECONDS,
    WINDOWS_END,
    Line,
    StreamLines,
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def told(blocks: Iterable[bytes], *, clock: Clock | None = None, most: int = 1 << 20) -> list[Line]:
    """The lines of a stream that comes in these blocks, and then ends."""
    lines = StreamLines(clock=clock or Clock(), most_bytes=most)
    found = [line for block in blocks for line in lines.feed(block)]
    return [*found, *lines.finish()]


def test_lines_come_whole_and_in_order() -> None:
    """Wherever the blocks end, also in the middle of a character."""
    blob = "one\ntwö\n\n\x1b[31mred\x1b[0m\n".encode()
    whole = [Line(b"one"), Line("twö".encode()), Line(b""), Line(b"\x1b[31mred\x1b[0m")]

    assert told([blob]) == whole
    assert told([blob[at : at + 1] for at in range(len(blob))]) == whole


def test_many_plain_lines_are_taken_at_once() -> None:
    """Only where there is nothing but lines; else nothing is taken, and the usual way sees all."""
    lines = StreamLines(clock=Clock())

    assert lines.feed_plain(b"a\nb") == [b"a"]
    assert lines.feed_plain(b"no end") is None
    assert lines.feed_plain(b"10%\r\n") is None
    assert lines.feed_plain(b"c\n\n") == [b"bc", b""]
    assert [*lines.feed(b"1%\r2%\r")] == [Line(b"1%", OVERWRITTEN, is_state=True)]
    assert lines.feed_plain(b"\n") is None
    assert [*lines.feed(b"\n")] == [Line(b"2%", WINDOWS_END, is_state=True)]
    assert lines.feed_plain(b"d\n") == [b"d"]


def test_a_last_line_without_an_end_is_kept() -> None:
    """It is told as what it is: partial."""
    assert told([b"one\ntw", b"o"]) == [Line(b"one"), Line(b"two", NO_END)]


def test_windows_ends_are_no_progress() -> None:
    """A return before a line feed belongs to the end, also where a block ends between the two."""
    ends = [Line(b"one", WINDOWS_END), Line(b"two", WINDOWS_END)]

    assert told([b"one\r\ntwo\r\n"]) == ends
    assert told([b"one\r", b"\ntwo\r", b"\n"]) == ends


def test_a_progress_bar_is_told_about_once_a_second() -> None:
    """The first state at once, then the latest of each second, and always the last one."""
    clock = Clock()
    lines = StreamLines(clock=clock)
    found: list[Line] = []
    for percent in range(100):
        found += lines.feed(b"\r%d%%" % percent)
        clock.now += STATE_SECONDS / 8
    found += lines.feed(b"\r100%\n")

    assert [line.content for line in found[:3]] == [b"0%", b"8%", b"16%"]
    assert (found[-1].content, found[-1].end) == (b"100%", LINE_END)
    assert len(found) == 14
    assert sum(1 + line.left_out for line in found) == 101
    assert all(line.is_state for line in found)


@pytest.mark.parametrize(("first", "second"), [(b"10%\r", b"20%\r"), (b"\r10%", b"\r20%")])
def test_a_bar_that_stands_still_is_told_in_time(first: bytes, second: bytes) -> None:
    """What is on the screen now is told though nothing more comes."""
    clock = Clock()
    lines = StreamLines(clock=clock)
    shown = [*lines.feed(first + second)]
    was_waiting = lines.is_waiting
    clock.now += STATE_SECONDS

    assert shown == [Line(b"10%", OVERWRITTEN, is_state=True)]
    assert was_waiting
    assert [*lines.wait()] == [Line(b"20%", OVERWRITTEN, is_state=True)]
    assert not lines.is_waiting
    assert [*lines.feed(b"\n")] == []


def test_the_last_state_is_told_where_the_display_is_wiped_out() -> None:
    """A bar that clears itself at the end leaves its last state in the trail."""
    assert told([b"1%\r50%\r99%\r    \n"])[-1] == Line(b"99%", LINE_END, 1, is_state=True)
    assert told([b"1%\r50%\r99%"])[-1] == Line(b"99%", NO_END, 1, is_state=True)
    assert told([b"1%\r50%\r99%\r"])[-1] == Line(b"99%", OVERWRITTEN, 1, is_state=True)


def test_a_question_is_told_before_it_is_answered() -> None:
    """A line of which nothing more comes for a while is told as far as it is."""
    clock = Clock()
    lines = StreamLines(clock=clock)
    before = [*lines.feed(b"Continue? [y/N] "), *lines.wait()]
    clock.now += PROMPT_SECONDS

    assert before == []
    assert [*lines.wait()] == [Line(b"Continue? [y/N] ", NO_END)]
    assert [*lines.feed(b"ok\n")] == [Line(b"ok")]


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"\0", b"\xff\xfe"])
def test_nothing_is_left_out_of_bytes_that_are_no_text(head: bytes) -> None:
    """Returns in them are no progress: put together again, the stream is what it was."""
    noise = random.Random(7).randbytes(200_000)
    blob = head + noise
    lines = told([blob[at : at + 4096] for at in range(0, len(blob), 4096)])

    assert b"".join(line.content + line.end for line in lines) == blob
    assert not any(line.left_out for line in lines)


def test_text_that_stops_being_text_loses_nothing_from_there_on() -> None:
    """A display before it is still one; the line in which the first odd byte stands is whole."""
    lines = told([b"1%\r2%\r3%\n", b"a\rb\xff\rc\n", b"d\re\n"])

    assert [line.content for line in lines] == [b"1%", b"3%", b"a\rb\xff\rc", b"d\re"]


def test_a_line_larger_than_an_event_comes_in_pieces() -> None:
    """Memory is bounded also where no line feed ever comes."""
    lines = told([b"x" * 60, b"x" * 60, b"y" * 10 + b"\nz\n"], most=100)

    assert lines == [Line(b"x" * 120, NO_END), Line(b"y" * 10), Line(b"z")]
