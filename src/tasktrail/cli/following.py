"""Following: entries as they come, until Ctrl-C; a server that goes away is waited for.

On a root of this machine it looks again and again; a server tells by its socket.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final

from tasktrail.cli.connect import Answer, Connection
from tasktrail.cli.invocation import Invocation
from tasktrail.errors import LockHeld, ServerUnreachable, TaskNotFound
from tasktrail.model.filters import EntryFilter

if TYPE_CHECKING:
    from tasktrail.cli.socket_tail import SocketTail

POLL_SECONDS: Final = 0.2  # how soon a follower of a root sees a new entry
AWAY_SECONDS: Final = 1.0  # between tries to reach a server that went away
BATCH_ENTRIES: Final = 1_000

Show = Callable[[Iterator[Answer]], int]  # prints entries, says how many


def follow_by_looking(
    invocation: Invocation, news: Callable[[], Iterator[Answer]], show: Show
) -> None:
    """Shows what `news` gives, again and again."""
    is_away = False
    while True:
        invocation.output.check_reader()
        try:
            shown = show(news())
        except (ServerUnreachable, LockHeld) as error:
            if not is_away:
                invocation.output.say(f"{error}; trying again")
            is_away = True
            time.sleep(AWAY_SECONDS)
            continue
        if is_away:
            invocation.output.say(f"back, {shown:,} caught up")
        is_away = False
        time.sleep(POLL_SECONDS)


def follow_by_socket(invocation: Invocation, tail: "SocketTail", show: Show) -> None:
    """Shows what the server tells; raises where trying again is no use."""
    output, is_away, has_been_there, caught_up = invocation.output, False, False, 0
    while True:
        try:
            with closing(tail.batches()) as batches:
                for told in batches:
                    output.check_reader()
                    has_been_there = True
                    caught_up += show(iter(told.rows))
                    if told.unreadable:
                        output.say(f"{told.unreadable:,} entries cannot be read: tasktrail verify")
                    if is_away and told.is_all:
                        output.say(f"back, {caught_up:,} caught up")
                        is_away = False
        except (ServerUnreachable, TaskNotFound) as error:
            if not has_been_there:
                raise
            if not is_away:
                output.say(f"{error}; trying again")
            is_away, caught_up = True, 0
            output.check_reader()
            time.sleep(AWAY_SECONDS)


def all_news(connection: Connection, wanted: EntryFilter) -> Callable[[], Iterator[Answer]]:
    """What is recorded in any task of a root from now on, at each call what is new."""
    follow_all = connection.follow_all
    if follow_all is None:
        raise TypeError("a server has a socket for that")
    cursor = follow_all.end()

    def news() -> Iterator[Answer]:
        nonlocal cursor
        connection.refresh()
        while batch := follow_all.next_batch(wanted, cursor=cursor, max_entries=BATCH_ENTRIES):
            cursor = batch.cursor
            yield from batch.logs

    return news
