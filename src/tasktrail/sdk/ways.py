"""Which way an address means, and where its events wait until they are sent."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from platformdirs import user_data_path

from tasktrail.errors import InvalidSetting
from tasktrail.sdk.flusher import Pace
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.room import Room
from tasktrail.sdk.sender import Sender
from tasktrail.sdk.transport import Transport
from tasktrail.sdk.trouble import Trouble

SENDING: Final = "sending"  # below the user's data directory: what waits to be sent
HTTP_SCHEMES: Final = frozenset({"http", "https"})
REDIS_SCHEMES: Final = frozenset({"redis", "rediss", "unix"})


def way_to(
    url: str, *, api_key: str | None, pace: Pace
) -> tuple[Path, Callable[[Outbox, Trouble], Sender]]:
    """Where events for that address wait on this machine, and what makes their sender.

    Raises InvalidSetting for an address that means nothing.
    """
    open_transport = _opener(url, api_key)
    open_transport().close()  # raises InvalidSetting now, not in the thread
    name = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]

    def make_sender(outbox: Outbox, trouble: Trouble) -> Sender:
        room = Room(outbox, pace.outbox_bytes, trouble=trouble)
        return Sender(outbox, open_transport, trouble=trouble, room=room)

    return user_data_path("tasktrail") / SENDING / name, make_sender


def _opener(url: str, api_key: str | None) -> Callable[[], Transport]:
    try:
        scheme = urlsplit(url).scheme
    except ValueError as error:  # brackets that are no address
        raise InvalidSetting(f"expected http://HOST:PORT, found {url!r}: {error}") from error
    if scheme not in HTTP_SCHEMES | REDIS_SCHEMES:
        raise InvalidSetting(f"expected http://HOST:PORT, redis://… or a path, found {url!r}")
    # Only who sends that way pays for its library.
    if scheme in REDIS_SCHEMES:
        from tasktrail.sdk.redis_transport import RedisTransport  # noqa: PLC0415

        return lambda: RedisTransport(url)
    from tasktrail.sdk.http_transport import HttpTransport  # noqa: PLC0415

    return lambda: HttpTransport(url, api_key=api_key)
