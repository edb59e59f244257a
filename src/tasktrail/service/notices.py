"""What the log says once when it begins and once when it is over: gaps, dead letters, a full disk.

The figures tell the same to whoever asks; the log tells it to whoever reads it afterwards. Counts
from before the start are not news.
"""

import logging
from collections.abc import Sequence
from typing import Final

from tasktrail.ingest.pressure import Space
from tasktrail.ingest.pump_status import PumpStatus
from tasktrail.service.health import dead_alarm, shortage
from tasktrail.store.checkpoints import Counters

GAPS: Final = "%d more place(s) where events are missing: `tasktrail gaps` says where and why"
DEAD: Final = "%d more event(s) could not be recorded: `tasktrail dead list` says why"

log = logging.getLogger(__name__)


class Notices:
    """Compares each look with the one before; used by one thread."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._told: set[str] = set()

    def look(
        self, counters: Counters | None, pumps: Sequence[PumpStatus], space: Space | None
    ) -> None:
        """Tell what is new; what is not known now is looked at the next time."""
        if counters is None:
            return
        self._more(GAPS, counters.gaps + sum(pump.gaps for pump in pumps))
        self._more(DEAD, counters.dead_letters + sum(pump.dead for pump in pumps))
        self._while("many dead letters in a row", dead_alarm(counters, pumps))
        if space is not None:
            self._while("the disk is nearly full", shortage(space))

    def _more(self, text: str, count: int) -> None:
        known = self._counts.get(text, count)
        self._counts[text] = max(known, count)
        if count > known:
            log.warning(text, count - known)

    def _while(self, name: str, trouble: str | None) -> None:
        """Said when it begins and when it is over."""
        if trouble is not None and name not in self._told:
            log.warning("%s", trouble)
            self._told.add(name)
        elif trouble is None and name in self._told:
            log.warning("it is over: %s", name)
            self._told.remove(name)
