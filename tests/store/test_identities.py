"""Identities of a trail."""

from hypothesis import given
from hypothesis import strategies as st

from tasktrail.store.identities import Identities, order_of

NAMES = st.sampled_from(["a", "b", "redis:e", "spool:0", ""])
NUMBERS = st.integers(0, 30)
IDENTITIES = st.one_of(
    st.builds("{}:{}".format, NAMES, NUMBERS),
    st.builds("redis:e:{}-{}".format, NUMBERS, NUMBERS),
    st.builds("redis:e:{}-{}:{}".format, NUMBERS, NUMBERS, NUMBERS),
    st.text(max_size=5),
)


def test_the_number_behind_the_last_colon_orders() -> None:
    """Numbers are compared as numbers; what has none has no order."""
    assert order_of("spool:0:9") == ("spool:0", (9,))
    assert order_of("abc:10") > order_of("abc:9")  # type: ignore[operator]
    unordered = ["evt-1", "12", "a:", "a:-1", "a:1.5", "a:²", "a:" + "9" * 21, ""]
    assert [order_of(one) for one in unordered] == [None] * len(unordered)


def test_redis_ids_order_by_time_number_and_index() -> None:
    """Each part counts, and the epoch is a `src` of its own."""
    ids = ["redis:e:9-1", "redis:e:10-0", "redis:e:10-1", "redis:e:10-1:1", "redis:e:10-1:2"]
    orders = [order_of(one) for one in ids]

    assert [src for src, _ in orders if orders] == ["redis:e"] * 5  # type: ignore[misc]
    assert orders == sorted(orders)  # type: ignore[type-var]
    assert order_of("redis:f:9-1") == ("redis:f", (9, 1, 0))


def test_above_the_highest_is_new() -> None:
    """Only a higher number of a known `src`, or a `src` never heard of, is new unseen."""
    identities = Identities()
    for identity in ("a:5", "a:3", "x"):
        identities.note(identity)

    asked = ["a:6", "b:1", "a:5", "a:4", "x", "y"]
    assert [identities.is_above(one) for one in asked] == [True, True, False, False, False, False]


@given(st.lists(IDENTITIES, max_size=10), st.lists(IDENTITIES, max_size=10))
def test_what_is_admitted_was_above_all_before_it(known: list[str], asked: list[str]) -> None:
    """Many at once are admitted up to the first of which the shortcut cannot tell."""
    together, singly = Identities(), Identities()
    for identity in known:
        together.note(identity)
        singly.note(identity)
    admitted = together.admit(asked)
    for identity in asked[:admitted]:
        assert singly.is_above(identity)
        singly.note(identity)

    assert admitted == len(asked) or not singly.is_above(asked[admitted])


@given(st.lists(IDENTITIES, max_size=30), IDENTITIES)
def test_the_shortcut_never_calls_a_known_identity_new(known: list[str], asked: str) -> None:
    """Whatever was noted, in whatever order, an identity among it is never above it."""
    identities = Identities()
    for identity in known:
        identities.note(identity)

    assert not any(identities.is_above(one) for one in known)
    assert not (asked in known and identities.is_above(asked))


def test_every_place_of_an_identity_is_kept() -> None:
    """The same identity with other content stands twice."""
    identities = Identities()
    identities.place("a:1", 5)
    identities.load()
    for place in (8, 8, 16):
        identities.place("a:1", place)

    assert sorted(identities.places("a:1")) == [8, 16]
    assert identities.places("a:2") == []


def test_unloaded_places_are_forgotten() -> None:
    """Until they are loaded again; what is the highest stays known."""
    identities = Identities()
    identities.load()
    identities.note("a:1")
    identities.place("a:1", 8)
    held = identities.loaded
    identities.unload()

    assert (held, identities.loaded, identities.is_loaded) == (1, 0, False)
    assert (identities.places("a:1"), identities.is_above("a:1")) == ([], False)
