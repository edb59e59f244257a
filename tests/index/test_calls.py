"""The table of model calls: each call once, over the whole root."""

from pathlib import Path

from tasktrail.index.call_rows import CallRow, call_row_of
from tasktrail.index.calls import book_in, names_of, price_anew
from tasktrail.index.writer import IndexWriter
from tests.support.make_trails import Trails, key_of
from tests.support.money import call, told


def calls_in(trails: Trails) -> dict[str, CallRow]:
    """Every call by its name."""
    with trails.index.snapshot() as queries:
        rows = [call_row_of(row) for row in queries.query("calls_after", call=0, limit=-1)]
    return {row.telling.name: row for row in rows}


def read_on(trails: Trails, name: str) -> None:
    """The indexer looks at that task again."""
    with trails.database.writing() as writing:
        writer = IndexWriter(writing, trails.layout)
        writer.advance(key_of(name), below=1 << 60, max_entries=1_000)
        writer.flush()


def test_a_call_told_again_is_the_same_call(tmp_path: Path) -> None:
    """In one trail or in two, in one pass of the indexer or in several."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1", call_id="m", output_tokens=1))
        trails.index_all()
        trails.record(call("gh-1", call_id="m", output_tokens=70))
        trails.record(call("gh-2", call_id="m", output_tokens=50))
        trails.index_all()
        found = calls_in(trails)["id:m"]

    assert (found.tellings, found.telling.output, found.computed) == (3, 70, 4_050)
    assert found.telling.seq == 1


def test_calls_without_an_id_are_as_many_as_their_tellings(tmp_path: Path) -> None:
    """Nobody can tell them apart or together."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1"), call("gh-1"), call("gh-2"))
        trails.index_all()

        assert sorted(calls_in(trails)) == ["at:tasks/gh-1:1", "at:tasks/gh-1:2", "at:tasks/gh-2:1"]


def test_a_trail_that_is_gone_takes_only_its_tellings(tmp_path: Path) -> None:
    """What another trail told of the same call stays, and is the whole call again."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1", call_id="m", output_tokens=70), call("gh-1", call_id="own"))
        trails.record(call("gh-2", call_id="m", output_tokens=50))
        trails.index_all()
        trails.close()
        for path in trails.layout.trail(key_of("gh-1")).iterdir():
            path.unlink()
        trails.layout.trail(key_of("gh-1")).rmdir()
        read_on(trails, "gh-1")
        found = calls_in(trails)

    assert sorted(found) == ["id:m"]
    assert (found["id:m"].tellings, found["id:m"].telling.output) == (1, 50)


def test_a_telling_after_one_that_went_is_counted_once(tmp_path: Path) -> None:
    """A call that came down to one telling grows again from that one."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1", call_id="m"))
        trails.record(call("gh-2", call_id="m"))
        trails.index_all()
        with trails.database.writing() as writing:
            ((number,),) = [row[:1] for row in writing.query("trail", family="tasks", id="gh-1")]
            writer = IndexWriter(writing, trails.layout)
            writer._derived[0].forget(number)  # noqa: SLF001 - what the writer does to a lost trail
            writer.flush()
        trails.record(call("gh-3", call_id="m"), call("gh-3", call_id="n"))
        trails.record(call("gh-2", call_id="n"))
        trails.index_all()

        assert calls_in(trails)["id:m"].tellings == 2


def test_many_calls_of_one_transaction_all_arrive(tmp_path: Path) -> None:
    """More than are worked out at once."""
    with Trails(tmp_path) as trails:
        trails.record(*(call("gh-1", call_id=f"m{n % 4_500}") for n in range(4_600)))
        trails.index_all()

        assert len(calls_in(trails)) == 4_500


def test_an_end_that_tells_nothing_is_no_call(tmp_path: Path) -> None:
    """Unknown is not zero."""
    with Trails(tmp_path) as trails:
        trails.record(told("task:completed", task_id="gh-1"))
        trails.index_all()

        assert calls_in(trails) == {}


def test_pricing_anew_goes_through_every_call(tmp_path: Path) -> None:
    """And says how many cost something else now."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1"), call("gh-1", model="mine"))
        trails.index_all()
        with trails.database.writing() as writing:
            unchanged = price_anew(writing)
            writing.execute("clear_price_book")
            text = '[[price]]\nmodel = "mine"\ninput = 1\noutput = 1\n'
            writing.execute("set_price_book", version="v", user_text=text, trouble=None)
            changed = price_anew(writing)
        found = calls_in(trails)["at:tasks/gh-1:2"]

    assert (unchanged, changed) == (0, 1)
    assert (found.computed, found.price_source) == (1_100, "prices.toml")


def test_an_index_without_a_book_has_the_librarys_prices(tmp_path: Path) -> None:
    """And trails are called by names that no index chooses."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1"))
        trails.index_all()
        with trails.database.writing() as writing:
            writing.execute("clear_price_book")
            book, names = book_in(writing), names_of(writing, [1, 99])

    assert book.file.prices == ()
    assert names == {1: "tasks/gh-1"}
