"""The needle: what makes a line suspect, and what does not."""

from tasktrail.model.entry_filter import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.query.needle import Denied, Needle

KEY = TrailKey("tasks", "gh-1")
LINE = b'{"seq":1,"message":"so","event":{"event_type":"task:log"}}'


def needle_of(*texts: str) -> Needle:
    """A needle of these texts."""
    return Needle(EntryFilter(search=texts))


def test_the_longest_text_is_looked_for() -> None:
    """It is the rarest, as far as anybody can tell."""
    pattern = needle_of("b", "a Longer piece", "c").pattern

    assert pattern is not None
    assert [one.plain for one in pattern.spellings] == [b"a longer piece"]


def test_what_must_not_be_there_is_looked_for_instead() -> None:
    """Every text that is excluded makes a line suspect of not matching."""
    needle = Needle(EntryFilter(without=("x", "y")))

    assert needle.pattern is None
    assert needle.denied is not None
    assert [one.plain for one in needle.denied.spellings] == [b"x", b"y"]
    assert Denied(EntryFilter(without=("x", "y"))).pattern == needle.denied


def test_the_other_way_round_finds_what_is_left_out() -> None:
    """A line is in exactly one of the two."""
    for text, is_left_out in (("so", True), ("no", False)):
        wanted = EntryFilter(without=(text,))

        assert Needle(wanted).is_in(LINE, "log", KEY) is not is_left_out
        assert Denied(wanted).is_in(LINE, "log", KEY) is is_left_out


def test_a_text_of_nothing_leaves_every_line_suspect() -> None:
    """And so does a filter without any."""
    assert needle_of("").pattern is None
    assert Needle(EntryFilter()).pattern is None
    assert Needle(EntryFilter()).denied is None


def test_a_line_that_cannot_be_read_holds_nothing() -> None:
    """It is no entry."""
    assert not needle_of("x").is_in(b"x", "log", KEY)
