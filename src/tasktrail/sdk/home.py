"""Where and how a client keeps what it is told, as another process needs to know it."""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from tasktrail.sdk.trouble import Trouble

URL_VARIABLE: Final = "TASKTRAIL_URL"
DATA_VARIABLE: Final = "TASKTRAIL_DATA"


class Home(NamedTuple):
    """A client's address and manner; `rejoin` makes a task's context of it anew."""

    target: str
    buffered: bool
    durable: bool
    level: str | None
    rejoin: Callable[..., object]

    def environ(self) -> dict[str, str]:
        """What a child process needs in its environment to keep in the same place."""
        return {URL_VARIABLE if "://" in self.target else DATA_VARIABLE: self.target}


class Door(Protocol):
    """What a task knows of the client that it speaks through."""

    @property
    def home(self) -> Home:
        """Where and how it keeps."""

    @property
    def trouble(self) -> Trouble:
        """Where what goes wrong is counted."""

    @property
    def lost(self) -> int:
        """How many events could not be kept."""
