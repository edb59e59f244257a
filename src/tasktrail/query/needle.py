"""The text of a filter as it is searched for: which lines may hold it, and which do.

The bytes of many lines are searched at once, for the longest of the texts in every spelling, and
only lines under suspicion are decoded: the message decides. Where a filter only says what must not
be there, suspicion is turned round: lines without it match unread.
"""

from typing import Final

from tasktrail.errors import TornEntry
from tasktrail.index.peek import UNVIEWABLE, message_in
from tasktrail.model.channels import AGENT_OUTPUT, LOG
from tasktrail.model.entry_filter import EntryFilter
from tasktrail.model.ids import TrailKey
from tasktrail.model.spelling import spelled
from tasktrail.store.byte_search import Pattern

MESSAGE_BEGINS: Final = {LOG: b',"message":"', AGENT_OUTPUT: b',"content":"'}


class Needle:
    """The text of a filter."""

    def __init__(self, wanted: EntryFilter) -> None:
        self._search = tuple(one.casefold() for one in wanted.search)
        self._without = tuple(one.casefold() for one in wanted.without)
        self.pattern = _pattern(max(wanted.search, key=len, default=""))
        self.denied = None if wanted.search else _pattern(*wanted.without)

    def is_in(self, line: bytes, channel: str, key: TrailKey) -> bool:
        """Whether the line's message says what the filter wants."""
        try:
            message = _plain_message(line, channel) or message_in(line, channel, key)
        except (TornEntry, *UNVIEWABLE):
            return False
        folded = message.casefold()
        return all(one in folded for one in self._search) and not any(
            one in folded for one in self._without
        )


class Denied(Needle):
    """The other way round: what a filter that only excludes texts does not let through."""

    def __init__(self, wanted: EntryFilter) -> None:
        super().__init__(wanted)
        self.pattern, self.denied = self.denied, None

    def is_in(self, line: bytes, channel: str, key: TrailKey) -> bool:
        """Whether the line's message holds one of the texts."""
        return not super().is_in(line, channel, key)


def _plain_message(line: bytes, channel: str) -> str | None:
    """The message of an ordinary line in which nothing is escaped, at a tenth of the price.

    The name of a key stands in no string with its quotes; before the first brace it is the line's.
    """
    begins = MESSAGE_BEGINS.get(channel)
    at = line.find(begins) if begins else -1
    if begins is None or at < 0 or line.find(b"{", 1, at) > 0:
        return None
    start = at + len(begins)
    end = line.find(b'"', start)
    if end < 0 or line.find(b"\\", start, end) > 0 or line.find(b'"data":', end) > 0:
        return None
    return line[start:end].decode()


def _pattern(*texts: str) -> Pattern | None:
    """What every line with one of the texts has; `None` where only reading every line can tell."""
    found = [one for text in texts if (one := spelled(text))]
    return Pattern(tuple(found)) if found and len(found) == len(texts) else None
