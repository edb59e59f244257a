"""Places by identity: nothing that stands in the table is ever missed, and it stays small."""

from hypothesis import given
from hypothesis import strategies as st

from tasktrail.store.identity_places import FEWEST_SLOTS, IdentityPlaces

ADDED = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 2**40)), max_size=200)


@given(ADDED)
def test_every_place_of_an_identity_is_found(added: list[tuple[str, int]]) -> None:
    """As a dict of sets would find it, over every growth of the table."""
    places = IdentityPlaces()
    expected: dict[str, set[int]] = {}
    for identity, place in added:
        places.add(identity, place)
        expected.setdefault(identity, set()).add(place)

    assert {name: set(places.find(name)) for name in expected} == expected
    assert len(places) == sum(map(len, expected.values()))


def test_what_was_never_added_is_nowhere() -> None:
    """Not in an empty table, and not in a full one."""
    places = IdentityPlaces()
    nowhere = places.find("evt-0")
    for number in range(10_000):
        places.add(f"evt-{number}", number)

    assert (nowhere, places.find("evt-10000")) == ([], [])
    assert places.find("evt-9999") == [9_999]


def test_a_hundred_thousand_identities_take_little_room() -> None:
    """Between 24 and 48 bytes each, however long they are."""
    places = IdentityPlaces()
    small = places.size
    for number in range(100_000):
        places.add(f"a-rather-long-name-of-a-producer:{number:030d}", number)

    assert small == 16 * FEWEST_SLOTS
    assert 24 <= places.size / len(places) <= 48
