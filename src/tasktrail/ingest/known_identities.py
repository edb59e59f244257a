"""How many identities a recorder holds in memory, over all its trails.

A trail reads its identities when one of them has to be looked up, and keeps them: the next resend
would read the whole trail again. What many large trails would hold together is bounded here; those
of the trail that was used last always stay.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Protocol

from tasktrail.model.ids import TrailKey

MOST_IDENTITIES: Final = 2_000_000  # in one process, at 24 to 48 bytes


class Loaded(Protocol):
    """An open trail, as far as its identities go."""

    @property
    def loaded_identities(self) -> int:
        """How many identities are held in memory."""
        ...

    def unload_identities(self) -> None:
        """They are read again when one is asked for."""


class KnownIdentities:
    """Which trails hold their identities, the longest unused first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[TrailKey, tuple[Loaded, int]] = OrderedDict()
        self._total = 0

    def settle(self, used: Mapping[TrailKey, Loaded]) -> None:
        """These trails were used just now; what is too much by then is let go of."""
        for key, trail in used.items():
            self.forget(key)
            loaded = trail.loaded_identities
            if loaded:
                self._held[key] = trail, loaded
                self._total += loaded
        while self._total > self._most and len(self._held) > 1:
            oldest, (trail, _) = next(iter(self._held.items()))
            trail.unload_identities()
            self.forget(oldest)

    def forget(self, key: TrailKey) -> None:
        """The trail does not count any more."""
        _, loaded = self._held.pop(key, (None, 0))
        self._total -= loaded
