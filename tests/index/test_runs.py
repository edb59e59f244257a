"""Lines in columns: parts, pieces put together, and single lines cut out."""

from tasktrail.index.peek import Labels, Words
from tasktrail.index.runs import Run, Says, Text, joined

WORDS = Words("info", "system", None, "task:log", Labels(), names_attempt=False)
TEXT = Text(100, b"one\ntwo\nthree\n")


def run_of(*seqs: int, channel: int = 0) -> Run:
    """Lines with these seqs, as long as the seq says, behind each other."""
    run = Run()
    for seq in seqs:
        run.offsets.append(sum(run.lengths) + len(run.lengths))
        run.seqs.append(seq)
        run.poss.append(seq * 10)
        run.ats.append(seq * 100)
        run.recorded.append(seq)
        run.says.append(Says(channel, WORDS))
        run.lengths.append(seq)
        run.damaged.append(0)
        run.texts.append(TEXT)
    return run


def test_a_line_is_cut_out_of_its_text() -> None:
    """By its place in the channel, without its line end."""
    run = Run(offsets=[100, 104, 108], lengths=[3, 3, 5], texts=[TEXT] * 3)

    assert [run.line(at) for at in (0, 2, 1)] == [b"one", b"three", b"two"]


def test_pieces_are_put_together_and_taken_apart() -> None:
    """All columns alike; what is whole is not copied."""
    first, second = run_of(1, 2), run_of(3, 4, 5)
    whole = joined([first, second])

    assert whole.seqs == [1, 2, 3, 4, 5]
    assert (whole.part(0, 2), whole.part(2, 5)) == (first, second)
    assert joined([first]) is first
    assert whole.part(0, 5) is whole


def test_lines_are_put_in_order() -> None:
    """Of those with the same seq the first stays the first."""
    both = joined([run_of(2, 3), run_of(1, 2, channel=1)]).in_order()

    assert both.seqs == [1, 2, 2, 3]
    assert [one.channel for one in both.says] == [1, 0, 1, 0]


def test_the_place_behind_the_last_line_is_told_by_channel() -> None:
    """Whatever stands in between of other channels."""
    both = joined([run_of(1), run_of(2, channel=1), run_of(3, 4)])

    assert both.ends() == {0: 9, 1: 3}


def test_a_time_is_read_when_it_is_asked_for() -> None:
    """Until then it may be a text."""
    run = Run(recorded=["2026-02-14T10:00:00.000001Z", 5])

    assert [run.recorded_at(0), run.recorded_at(1)] == [1_771_063_200_000_001, 5]
