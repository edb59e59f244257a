"""The end of a task's log, and what comes after it: every matching entry once, in order.

Following is reading after the last `seq` again and again: nothing is queued anywhere, so nothing is
lost or doubled, whatever goes away in between.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Unpack

import msgspec

from tasktrail.cli.connect import Answer, Connection, PageWords
from tasktrail.model.filters import EntryFilter

PAGE_ENTRIES: Final = 1_000  # held at a time, however many are asked for


class Tail:
    """A place in a task's log that moves on with what was read."""

    def __init__(self, connection: Connection, task_id: str, wanted: EntryFilter) -> None:
        self.unreadable = 0  # entries that were met and could not be read
        self._connection = connection
        self.task_id = task_id
        self._wanted = wanted
        self._after_seq = 0

    @property
    def place(self) -> int:
        """The `seq` up to which everything was shown or does not match."""
        return self._after_seq

    def last(self, count: int) -> Iterator[Answer]:
        """The last `count` entries that match, oldest first; raises TaskNotFound."""
        head = self._head()
        if count:
            for row in self._last(count):
                self._after_seq = row["seq"]
                yield row
        self._after_seq = max(self._after_seq, head)

    def _last(self, count: int) -> Iterator[Answer]:
        newest = self._page(limit=min(count, PAGE_ENTRIES), order="desc")
        if len(newest["logs"]) == count or newest["next_cursor"] is None:
            self._note(newest)
            yield from reversed(newest["logs"])
            return
        yield from self._pages(self._wanted, skip=max(0, newest["total_count"] - count))

    def following(self) -> Iterator[Answer]:
        """The entries that match and were recorded since, up to now."""
        self._connection.refresh()
        head = self._head()
        if head > self._after_seq:
            wanted = msgspec.structs.replace(self._wanted, after_seq=self._after_seq)
            for row in self._pages(wanted, skip=0):
                self._after_seq = row["seq"]
                yield row
            self._after_seq = max(self._after_seq, head)

    def _pages(self, wanted: EntryFilter, *, skip: int) -> Iterator[Answer]:
        """All but the first `skip` entries; those that arrive meanwhile come at the end."""
        reader = self._connection.reader
        page = reader.logs(self.task_id, wanted, limit=PAGE_ENTRIES, offset=skip)
        yield from self._note(page)
        while page["next_cursor"] is not None:
            cursor = page["next_cursor"]
            page = reader.logs(self.task_id, wanted, limit=PAGE_ENTRIES, cursor=cursor)
            yield from self._note(page)

    def _note(self, page: Answer) -> Sequence[Answer]:
        self.unreadable += page.get("unreadable", 0)
        logs: Sequence[Answer] = page["logs"]
        return logs

    def _head(self) -> int:
        """The last `seq` of the trail; everything up to it is in any answer asked for later."""
        head: int = self._connection.reader.task(self.task_id)["as_of"]
        return head

    def _page(self, **paging: Unpack[PageWords]) -> Answer:
        return self._connection.reader.logs(self.task_id, self._wanted, **paging)
