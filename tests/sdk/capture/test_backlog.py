"""What waits to be told is bounded, in order, and never lost."""

import threading

from tasktrail.sdk.capture.backlog import Backlog, Chunk


def chunk(size: int, at: int = 0) -> Chunk:
    """A chunk of that many bytes."""
    return Chunk("stdout", b"x" * size, at)


def test_chunks_come_out_in_the_order_they_went_in() -> None:
    """And the end is told after the last one."""
    backlog = Backlog()
    for at in range(3):
        backlog.put(chunk(1, at))
    backlog.close()
    taken = [backlog.take(0) for _ in range(4)]

    assert [one and one.at for one in taken] == [0, 1, 2, None]
    assert backlog.is_done


def test_nothing_in_time_is_nothing() -> None:
    """An open backlog that is empty is not done."""
    backlog = Backlog()

    assert backlog.take(0) is None
    assert not backlog.is_done


def test_a_full_backlog_makes_the_reader_wait() -> None:
    """Until something is taken; so memory stays bounded however much a command writes."""
    backlog = Backlog(most_bytes=10)
    backlog.put(chunk(10, 1))
    thread = threading.Thread(target=backlog.put, args=(chunk(5, 2),))
    thread.start()
    thread.join(0.05)
    waited = thread.is_alive()
    first = backlog.take(1)
    thread.join()

    assert waited
    assert (first and first.at, (second := backlog.take(0)) and second.at) == (1, 2)


def test_a_closed_backlog_keeps_nobody_waiting() -> None:
    """Whoever still reads goes on."""
    backlog = Backlog(most_bytes=1)
    backlog.put(chunk(1))
    backlog.close()
    backlog.put(chunk(1))

    assert backlog.take(0) is not None
    assert backlog.take(0) is None
