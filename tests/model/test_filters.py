"""Filters: how query parameters become one, and which rows it lets through."""

import msgspec
import pytest

from tasktrail.errors import InvalidFilter
from tasktrail.model.filters import (
    EntryFilter,
    TaskFilter,
    matches,
    parse_filter,
    parse_task_filter,
    without_place,
)

NOW = 1_771_063_200_000_000  # 2026-02-14T10:00:00Z
MINUTE = 60_000_000
ROW: dict[str, object] = {
    "seq": 7,
    "timestamp": "2026-02-14T10:00:00.000000Z",
    "level": "warning",
    "source": "git",
    "stage": None,
    "channel": "log",
    "event_type": "task:log",
    "message": "Disk 90% full, naïve_file STRASSE",
    "worker_id": "w-1",
    "job_id": None,
    "item": "a",
    "execution_id": None,
    "session_id": None,
}


def passes(**params: str) -> bool:
    """Whether a filter of those parameters lets the row through."""
    return matches(parse_filter({name: [text] for name, text in params.items()}, now=NOW), ROW)


def test_every_parameter_is_read() -> None:
    """Each key of the query string becomes its field."""
    names = ("worker_id", "job_id", "item", "execution_id", "session_id", "task_id", "search")
    found = parse_filter(
        {name: [name] for name in names} | {"after_seq": ["3"], "before_seq": ["9"]}
    )

    assert all(getattr(found, name) == (name,) for name in names)
    assert (found.after_seq, found.before_seq) == (3, 9)


def test_nothing_said_lets_everything_through() -> None:
    """No key, and keys without a value, are no filter at all."""
    assert parse_filter({}) == EntryFilter()
    assert parse_filter({"level": [""], "source": [], "search": [""]}) == EntryFilter()
    assert matches(EntryFilter(), ROW)


def test_levels_are_read_in_any_case_with_their_aliases() -> None:
    """`WARN` means warning; several levels may be one value or many."""
    assert parse_filter({"level": ["WARN"]}).levels == ("warning",)
    assert parse_filter({"level": ["error,Info", "fatal"]}).levels == ("info", "error", "critical")


def test_the_least_level_is_a_filter_of_its_own() -> None:
    """`level` is exact, `min_level` is that level and above, both together must hold."""
    assert parse_filter({"min_level": ["warn"]}).levels == ("warning", "error", "critical")
    assert not passes(level="error")
    assert passes(min_level="warning")
    assert not passes(level="debug", min_level="error")


def test_alternatives_of_one_key_are_ored_and_keys_are_anded() -> None:
    """One of the sources is enough, but every key must let the row through."""
    assert passes(source="plugin,git", channel="log")
    assert not passes(source="git", channel="events")
    assert not passes(stage="plan")


def test_a_comma_may_belong_to_a_name() -> None:
    """A stage whose name holds a comma can be asked for."""
    wanted = parse_filter({"stage": ["fetch, parse"]})

    assert matches(wanted, ROW | {"stage": "fetch, parse"})
    assert matches(wanted, ROW | {"stage": "parse"})


@pytest.mark.parametrize("name", ["worker_id", "job_id", "item", "execution_id", "session_id"])
def test_ids_match_whole(name: str) -> None:
    """An id lets only rows with exactly that id through."""
    wanted = parse_filter({name: ["x-1"]})

    assert matches(wanted, ROW | {name: "x-1"})
    assert not matches(wanted, ROW | {name: "x-12"})
    assert not matches(wanted, ROW | {name: None})


def test_search_is_literal_and_ignores_case() -> None:
    """Wildcards of other systems are ordinary characters; case never matters, in any script."""
    assert passes(search="90% FULL")
    assert not passes(search="disk%full")
    assert not passes(search="naïve?file")
    assert passes(search="NAÏVE_file")
    assert passes(search="straße")


def test_times_are_iso_or_counted_from_now() -> None:
    """`10m` is ten minutes before now; since is included, until is not."""
    assert parse_filter({"since": ["10m"]}, now=NOW).since == NOW - 10 * MINUTE
    assert parse_filter({"until": ["2026-02-14T10:00:00Z"]}).until == NOW
    assert passes(since="2026-02-14T10:00:00Z")
    assert not passes(until="2026-02-14T10:00:00Z")
    assert passes(since="24h")


def test_a_place_is_not_part_of_what_matches() -> None:
    """Rows lie after `after_seq` and before `before_seq`, both excluded; without them anywhere."""
    wanted = parse_filter({"after_seq": ["6"], "before_seq": ["8"]})

    assert matches(wanted, ROW)
    assert not matches(wanted, ROW | {"seq": 6})
    assert not matches(wanted, ROW | {"seq": 8})
    assert without_place(wanted) == EntryFilter()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("colour", "red"),
        ("ago", "since=1h"),
        ("level", "loud"),
        ("min_level", "loud"),
        ("channel", "tv"),
        ("after_seq", "-1"),
        ("after_seq", "²"),
        ("before_seq", "9" * 30),
        ("since", "yesterday"),
        ("until", "10 m"),
        ("exclude", "git"),
        ("exclude", "colour:red"),
        ("from_seq", "x"),
    ],
)
def test_what_means_nothing_is_refused_by_name(name: str, text: str) -> None:
    """The error names the key and what was found or expected."""
    with pytest.raises(InvalidFilter, match=f"{name}: expected"):
        parse_filter({name: [text]}, now=NOW)


def test_a_relative_time_needs_a_now() -> None:
    """Without a now from the caller `10m` is refused, not counted from some other moment."""
    with pytest.raises(InvalidFilter, match="since"):
        parse_filter({"since": ["10m"]})


def test_ids_have_alternatives_and_prefixes() -> None:
    """Several ids may be asked for, and all that begin alike."""
    assert passes(worker_id="w-0,w-1")
    assert passes(worker_id="w-*")
    assert not passes(worker_id="v*")
    assert not passes(session_id="*")  # the row belongs to none


def test_pieces_of_text_must_all_hold() -> None:
    """`search` said twice is twice asked; `without` keeps out what holds any of its pieces."""
    assert matches(parse_filter({"search": ["disk", "STRASSE"]}), ROW)
    assert not matches(parse_filter({"search": ["disk", "tape"]}), ROW)
    assert not passes(search="disk", without="naïve")
    assert passes(without="tape")


def test_values_can_be_excluded() -> None:
    """An excluded value keeps its rows out; a row without such a value stays."""
    assert not passes(exclude="source:git")
    assert not passes(exclude="source:g*")
    assert not passes(exclude="level:warn")
    assert passes(exclude="stage:git")
    assert not passes(exclude="worker:w-1")


def test_a_stretch_of_seqs_is_part_of_what_matches() -> None:
    """Both ends are included, and unlike a page's place it stays in the filter."""
    wanted = parse_filter({"from_seq": ["7"], "to_seq": ["7"]})

    assert matches(wanted, ROW)
    assert not matches(wanted, ROW | {"seq": 8})
    assert without_place(wanted) == wanted


def test_typed_text_is_anded_with_the_rest() -> None:
    """What both let through is let through; contradictions let nothing through."""
    both = parse_filter({"source": ["git,agent"], "q": ["source:git disk"]})

    assert (both.source, both.search) == (("git",), ("disk",))
    assert not passes(source="git", q="source:agent")
    assert parse_filter({"q": ["worker:w-1"]}) == parse_filter({"worker": ["w-1"]})


def test_the_fingerprint_tells_filters_apart() -> None:
    """Equal filters have equal fingerprints, other filters have others."""
    one, other = parse_filter({"level": ["info,error"]}), parse_filter({"level": ["error", "INFO"]})
    different = msgspec.structs.replace(one, search=("x",))

    assert one.fingerprint() == other.fingerprint()
    assert len({one.fingerprint(), different.fingerprint(), EntryFilter().fingerprint()}) == 3


def test_the_fingerprint_of_a_relative_time_outlives_the_moment() -> None:
    """Paging with `10m` goes on a minute later; another distance is another filter."""
    asked = [parse_filter({"since": [text]}, now=now) for text, now in AGO_CASES]

    assert asked[0].fingerprint() == asked[1].fingerprint() != asked[2].fingerprint()


AGO_CASES = (("10m", NOW), ("10m", NOW + MINUTE), ("11m", NOW + MINUTE))


def test_tasks_are_filtered_by_status_origin_and_text() -> None:
    """`running` is active; statuses and origins have alternatives."""
    found = parse_task_filter(
        {"status": ["running,Failed"], "source": ["github"], "search": ["fix"], "since": ["7d"]},
        now=NOW,
    )

    assert found.status == ("active", "failed")
    assert (found.source, found.search) == (("github",), "fix")
    assert found.since == NOW - 7 * 24 * 60 * MINUTE


@pytest.mark.parametrize(("name", "text"), [("status", "asleep"), ("level", "info")])
def test_a_task_filter_that_means_nothing_is_refused(name: str, text: str) -> None:
    """Unknown statuses and keys of entries are named."""
    with pytest.raises(InvalidFilter, match=name):
        parse_task_filter({name: [text]})


def test_task_filters_have_fingerprints() -> None:
    """Another job is another filter."""
    assert TaskFilter(job_id="a").fingerprint() != TaskFilter(job_id="b").fingerprint()
