"""However a file is cut into readings, what is recorded is the same."""

import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.importing import (
    Desk,
    answer,
    answered,
    called,
    claude,
    lines_of,
    prompt,
    said,
)

DAMAGE = (b"{torn", b"\0\0\0", b"stderr says", b'{"type":"x","sessionId":"s","a":"\xff"}', b"")
MODE = {"type": "mode", "mode": "normal", "sessionId": "s"}


def records(seed: int) -> list[object]:
    """A session that holds something of everything, in an order of its own."""
    kinds = random.Random(seed)
    return [prompt(1, "go"), *(_record(kinds, number) for number in range(2, 25))]


def _record(kinds: random.Random, number: int) -> object:
    message_id = f"m{number // 3}"
    return kinds.choice(
        [
            prompt(number, "é" * kinds.randint(1, 40)),
            answer(number, said("x" * 30), message_id=message_id, output=number),
            answer(number, called("Bash", f"t{number}"), message_id=message_id),
            answered(number, f"t{number - 1}", "ok"),
            claude("summary", number, summary="s"),
            MODE,
            kinds.choice(DAMAGE),
            lines_of(prompt(number, "a"), prompt(number + 50, "b"), end=""),
        ]
    )


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_any_cut_of_a_file_gives_the_events_of_one_reading(seed: int, cuts: list[float]) -> None:
    """Also in the middle of a line, of a character or of a number."""
    blob = lines_of(*records(seed))
    folder = Path(tempfile.mkdtemp())
    try:
        whole, parts = Desk(_made(folder / "a")), Desk(_made(folder / "b"))
        whole.write("s.jsonl", blob, end="")
        whole.run()
        for cut in [*sorted(int(one * len(blob)) for one in cuts), len(blob)]:
            parts.write("s.jsonl", blob[:cut], end="")
            parts.run()
    finally:
        shutil.rmtree(folder)

    assert list(parts.sink.digest().items()) == list(whole.sink.digest().items())
    assert parts.sink.conflicts == 0


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
