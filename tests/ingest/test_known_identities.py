"""The identities that a recorder holds: bounded over all trails, the last one used stays."""

from tasktrail.ingest.known_identities import KnownIdentities
from tasktrail.model.ids import TrailKey


class Trail:
    """A trail that holds so many identities until it is told to let go."""

    def __init__(self, loaded: int) -> None:
        self.loaded_identities = loaded

    def unload_identities(self) -> None:
        """None is held any more."""
        self.loaded_identities = 0


def keyed(**trails: Trail) -> dict[TrailKey, Trail]:
    """The trails by their keys."""
    return {TrailKey("tasks", name): trail for name, trail in trails.items()}


def test_the_longest_unused_trail_lets_go_first() -> None:
    """Only as many as needed to get below the bound."""
    known = KnownIdentities(100)
    a, b, c = Trail(40), Trail(40), Trail(40)
    known.settle(keyed(a=a, b=b))
    known.settle(keyed(a=a))
    known.settle(keyed(c=c))

    assert [one.loaded_identities for one in (a, b, c)] == [40, 0, 40]


def test_the_trail_used_last_stays_whatever_its_size() -> None:
    """Else every batch would read it again."""
    known = KnownIdentities(100)
    small, large = Trail(10), Trail(1_000)
    known.settle(keyed(small=small))
    known.settle(keyed(large=large))

    assert (small.loaded_identities, large.loaded_identities) == (0, 1_000)


def test_a_trail_that_grew_or_left_counts_as_it_is() -> None:
    """Sizes are taken anew with every use; a trail that was closed counts for nothing."""
    known = KnownIdentities(100)
    a, b, c = Trail(60), Trail(30), Trail(60)
    known.settle(keyed(a=a))
    known.forget(TrailKey("tasks", "a"))
    known.settle(keyed(b=b, c=c))
    b.loaded_identities = 50
    known.settle(keyed(b=b))

    assert [one.loaded_identities for one in (a, b, c)] == [60, 50, 0]
