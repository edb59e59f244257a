"""What vanished from a stream before it was read, and the event that says so.

Pure. Every entry ever added to a stream has a place in the count that Redis keeps; the pump counts
along. Where nothing is left to read, both counts must agree: what lacks has vanished. Of a stream
that was emptied or replaced only the number of XADD commands that its Redis ran can tell whether
something was lost unseen; where even that is not known, something may be missing, and that is said.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from tasktrail.ingest.pump_state import START, OpenGap, PumpState, parse_id
from tasktrail.ingest.redis_pump_group import GroupPlace, Look
from tasktrail.model.codec import encode
from tasktrail.model.ids import OWN_SESSION
from tasktrail.model.times import utc_text


class Gap(Struct, frozen=True):
    """Entries that vanished: after which one, before which, how many where that is known."""

    reason: str
    after: str | None
    before: str | None
    missing: int | None
    is_exact: bool = True  # else: at most so many

    def message(self, stream: str) -> str:
        """The gap in one sentence."""
        many = "an unknown number of" if self.missing is None else str(self.missing)
        limit = "" if self.is_exact else "at most "
        return f"{limit}{many} entries of the Redis stream {stream} are missing: {self.reason}"


def begin_state(epoch: str, place: GroupPlace | None) -> PumpState:
    """The state of a stream that was never pumped: it goes on where its group stands."""
    if place is None or place.delivered_id == START:
        return PumpState(epoch, counted=0, sound_id=START)
    at = place.delivered_id
    return PumpState(epoch, last_id=at, since_id=at, sound_id=at, counted=place.entries_read)


def is_continued(state: PumpState, look: Look) -> bool:
    """Whether the stream can be the one that was pumped: not emptied, replaced or rolled back."""
    if state.last_id == START:
        return True
    if parse_id(look.generated_id) < parse_id(state.last_id):
        return False
    if look.added is None or state.counted is None:
        return True
    if look.added < state.counted:
        return False
    # The first entry stands behind all that was pumped, so its place must be behind theirs too.
    is_behind = look.first_id is not None and parse_id(look.first_id) > parse_id(state.last_id)
    return not (is_behind and _place_of_first(look, look.added) <= state.counted)


def _place_of_first(look: Look, added: int) -> int:
    return added - look.length + 1


def lost_unseen(state: PumpState, look: Look, *, was_all_read: bool) -> Gap | None:
    """What may have been lost with a stream that is no longer the one that was pumped.

    `was_all_read`: the pump was connected all the time and the last read left nothing.
    """
    unread = _unread_at_the_end(state, look)
    if unread is not None and unread <= 0:
        return None
    if unread is None and was_all_read:
        return None
    reason = "the stream was emptied or replaced while entries may have waited in it"
    return Gap(reason, _sound_place(state), look.first_id, unread, is_exact=unread is None)


def _sound_place(state: PumpState) -> str | None:
    """Behind which entry the hole is: reading may have passed over it without seeing it."""
    sound = state.sound_id or state.last_id
    return None if sound == START else sound


def _unread_at_the_end(state: PumpState, look: Look) -> int | None:
    """How many entries at most the stream held that were never read; `None` when none can tell.

    The Redis process that saw its end still counts its XADD commands, of all its streams together.
    """
    if state.added is None or state.counted is None:
        return None
    known = state.added - state.counted
    if look.run_id != state.run_id or look.xadds is None or state.xadds is None:
        return known if known > 0 else None
    if look.xadds < state.xadds:  # somebody reset the counter
        return known if known > 0 else None
    return known + (look.xadds - state.xadds) - (look.added or 0)


def compare_counts(state: PumpState, look: Look) -> tuple[PumpState, Gap | None]:
    """The state after a look at a stream of which nothing is pending, and what has vanished."""
    added = look.added
    seen = msgspec.structs.replace(state, added=added, run_id=look.run_id, xadds=look.xadds)
    if added is None:
        return seen, None
    is_all_read = look.last_id is None or parse_id(look.last_id) <= parse_id(state.last_id)
    if state.counted is None:
        return (msgspec.structs.replace(seen, counted=added) if is_all_read else seen), None
    before = None
    if is_all_read:
        place = added
    elif look.first_id is not None and parse_id(look.first_id) > parse_id(state.last_id):
        place, before = _place_of_first(look, added) - 1, look.first_id
    else:
        return seen, None  # entries before and behind the last one are left: nothing can be told
    missing = place - state.counted
    seen = msgspec.structs.replace(seen, counted=place, sound_id=state.last_id)
    if missing <= 0:
        return seen, None
    reason = "entries were removed before they were read"
    return seen, Gap(reason, _sound_place(state), before, missing)


def trimmed_gap(state: PumpState, ids: Sequence[str]) -> Gap | None:
    """The gap of delivered entries that were removed before they were pumped, if there are any."""
    since, last = parse_id(state.since_id), parse_id(state.last_id)
    lost = [one for one in ids if not since < parse_id(one) <= last]
    if not lost:
        return None
    return Gap("entries were removed while they were pending", lost[0], lost[-1], len(lost))


def open_gap(state: PumpState, gap: Gap, *, stream: str, at: int, acks: Sequence[str]) -> PumpState:
    """The state that remembers the gap until it is in the spool."""
    number = state.gaps + 1
    identity = f"gap:{stream}:{state.epoch}:{number}:{gap.after}:{gap.before}"
    event = encode(
        {
            "type": "gap",
            "event_id": identity,
            "session_id": OWN_SESSION,
            "timestamp": utc_text(at),
            "data": {
                "message": gap.message(stream),
                "stream": stream,
                "epoch": state.epoch,
                "after": gap.after,
                "before": gap.before,
                "missing": gap.missing,
                "reason": gap.reason,
                "noticed_at": utc_text(at),
            },
        }
    )
    opened = OpenGap(identity, at, event.decode(), tuple(acks))
    return msgspec.structs.replace(state, gaps=number, open_gap=opened)
