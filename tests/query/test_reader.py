"""The reader: answers hold all that was recorded, whatever the state of the index."""

import threading
from pathlib import Path

import pytest

from tasktrail.errors import EntryNotFound, TaskNotFound
from tasktrail.index.state import Index
from tasktrail.model.filters import EntryFilter, parse_task_filter
from tasktrail.model.ids import directory_name
from tasktrail.query import present_trails as reader_module
from tasktrail.query.reader import Reader
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines


def reader_of(trails: Trails, *, wait_seconds: float = 0.0) -> Reader:
    """A reader that does not wait unless it is told to."""
    return Reader(trails.layout, trails.root, trails.index, wait_seconds=wait_seconds)


def test_a_task_is_its_summary_and_its_latest_message(tmp_path: Path) -> None:
    """As the recorder folds it; also before the index has it."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:created", data={"title": "T"}), trails.log("first"))
        reader = reader_of(trails)
        ahead = reader.task("gh-1")
        trails.index_all()

        assert reader.task("gh-1") == ahead
        assert (ahead["title"], ahead["status"], ahead["last_message"]) == ("T", "active", "first")
        assert ahead["as_of"] == 2


def test_a_long_latest_message_is_shortened_in_the_summary_only(tmp_path: Path) -> None:
    """A list of tasks stays a list; the entry itself is whole."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("x" * 5_000))
        reader = reader_of(trails)

        assert reader.task("gh-1")["last_message"] == "x" * 500
        assert reader.entry("gh-1", 1)["message"] == "x" * 5_000


def test_counts_and_sources_need_no_entries(tmp_path: Path) -> None:
    """They are the sum of what is indexed and what is not."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a", source="plugin"), trails.log("b", level="error", stage="s"))
        trails.index_all()
        trails.record(trails.log("c", source="git", stage="s"))
        reader = reader_of(trails)

        assert reader.sources("gh-1") == ["git", "plugin", "system"]
        assert reader.stats("gh-1") == {
            "total": 3,
            "by_level": {"info": 2, "error": 1},
            "by_source": {"git": 1, "plugin": 1, "system": 1},
            "by_stage": {"s": 2},
            "by_channel": {"log": 3},
            "by_event_type": {"task:log": 3},
        }


def test_an_entry_is_found_by_its_seq(tmp_path: Path) -> None:
    """One that is not there is not found, and says so by its own name."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3))
        reader = reader_of(trails)

        assert reader.entry("gh-1", 2)["message"] == "line 2"
        for seq in (0, 4, -1):
            with pytest.raises(EntryNotFound):
                reader.entry("gh-1", seq)


@pytest.mark.parametrize("name", ["nobody", "../tasks/gh-1", "~" + "0" * 32, "", "gh-1\0"])
def test_an_unknown_id_is_not_found(tmp_path: Path, name: str) -> None:
    """Whatever it looks like, it never leaves the root."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        reader = reader_of(trails)

        for ask in (reader.task, reader.logs, reader.stats, reader.sources, reader.sections):
            with pytest.raises(TaskNotFound):
                ask(name)


def test_a_task_is_found_by_its_directory_s_name(tmp_path: Path) -> None:
    """An id that cannot be a path is answered under its true name."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a", task_id="an id / with anything"))
        trails.index_all()
        answer = reader_of(trails).logs(directory_name("an id / with anything"))

        assert answer["task_id"] == "an id / with anything"
        assert answer["total_count"] == 1


def test_a_session_s_own_trail_is_no_task(tmp_path: Path) -> None:
    """Its id leads to no task's entries."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("session:started", None, session_id="s-1"), trails.log("a"))

        assert reader_of(trails).key("s-1", family="sessions").id == "s-1"
        with pytest.raises(TaskNotFound):
            reader_of(trails).logs("s-1")


class CountingIndex(Index):
    """Counts how often it is asked how far it is."""

    asked = 0

    def positions(self) -> dict[int, int]:
        """As always."""
        self.asked += 1
        return super().positions()


def test_the_reader_waits_for_the_indexer_when_much_is_new(tmp_path: Path) -> None:
    """What would take long to read from the trail is worth a moment; what is short is not."""
    with Trails(tmp_path) as trails:
        index = CountingIndex(trails.database, trails.root)
        reader = Reader(trails.layout, trails.root, index, wait_seconds=0.02)
        trails.record(trails.log("short"))
        short = reader.logs("gh-1"), index.asked
        trails.record(trails.log("x" * reader_module.READ_AT_ONCE_BYTES))
        long = reader.logs("gh-1", preview=10), index.asked

        assert (short[0]["total_count"], short[1]) == (1, 0)
        assert long[0]["total_count"] == 2
        assert long[1] >= 1


def test_waiting_ends_when_the_index_has_come(tmp_path: Path) -> None:
    """Not when the time is over."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("x" * reader_module.READ_AT_ONCE_BYTES))
        reader = reader_of(trails, wait_seconds=3_600)
        indexing = threading.Timer(0.05, trails.index_all)
        indexing.start()
        answer = reader.logs("gh-1", preview=10)
        indexing.join()

        assert answer["total_count"] == 1


def test_a_damaged_index_costs_speed_only(tmp_path: Path) -> None:
    """A page of it that shows its damage late sends the question to the trails."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log(f"{n} " + "x" * 50) for n in range(3_000)))
        trails.index_all()
        reader = reader_of(trails)
        whole = reader.logs("gh-1", EntryFilter(search=("2999",)))
        trails.database.close()
        blob = bytearray(trails.layout.index.read_bytes())
        blob[8192 * 12 :] = b"\xff" * (len(blob) - 8192 * 12)
        trails.layout.index.write_bytes(blob)

        assert reader.logs("gh-1", EntryFilter(search=("2999",))) == whole
        assert reader.stats("gh-1")["total"] == 3_000


def test_the_reader_knows_whether_the_index_is_behind(tmp_path: Path) -> None:
    """Recorded is more than indexed, until the indexer came after."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        before = reader_of(trails).is_behind
        trails.index_all()

        assert (before, reader_of(trails).is_behind) == (True, False)


def test_a_list_of_tasks_has_what_is_not_indexed_yet(tmp_path: Path) -> None:
    """Tasks that advanced since stand in their place with what they are now."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(4)))
        trails.index_all()
        trails.record(event_bytes("task:failed", "gh-1"), trails.log("b", task_id="gh-9"))
        reader = reader_of(trails)
        ahead = reader.tasks()
        failed = reader.tasks(parse_task_filter({"status": ["failed"]}))
        trails.index_all()

        assert reader.tasks() == ahead
        assert reader.tasks(parse_task_filter({"status": ["failed"]})) == failed
        assert [row["task_id"][-1] for row in ahead["tasks"]] == ["9", "3", "2", "1", "0"]
        assert failed["total_count"] == 1


def test_a_list_that_cannot_be_complete_says_so(tmp_path: Path) -> None:
    """Where nobody can tell which trails advanced, the answer is marked."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        trails.index_all()
        trails.record(trails.log("b", task_id="gh-2"))
        trails.layout.touched(0).unlink()
        answer = reader_of(trails).tasks()

        assert answer["behind"] is True
        assert answer["total_count"] == 1


def test_a_removed_trail_is_not_found(tmp_path: Path) -> None:
    """Also while the index still knows it."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        trails.index_all()
        trails.layout.trail(key_of()).rename(tmp_path / "away")

        with pytest.raises(TaskNotFound):
            reader_of(trails).logs("gh-1")


def test_threads_may_ask_at_once(tmp_path: Path) -> None:
    """While the indexer writes, readers get whole answers."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 50))
        answers: list[int] = []
        reader = reader_of(trails)

        def ask() -> None:
            answers.extend(reader.logs("gh-1", limit=100)["total_count"] for _ in range(10))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            trails.indexer.rebuild()
        for thread in threads:
            thread.join()

        assert answers == [50] * 40
