"""Every exception of Tasktrail, drawn as a tree; `code` is stable and shown to clients.

TasktrailError
├── InvalidEvent            cannot be recorded, whatever is tried; becomes a dead letter or a 400
├── EventTooLarge           above the limit, refused before acceptance
├── InvalidFilter           a filter that means nothing
│   └── InvalidQuery        a typed filter with a mistake, and where it stands
├── InvalidCursor           a cursor that is not ours, or belongs to other filters
├── InvalidSetting          a setting whose value cannot be used
├── NotFound
│   ├── TaskNotFound
│   ├── EntryNotFound
│   ├── ExecutionNotFound
│   └── FileNotFound
├── InvalidSql              a statement that SQL does not understand, or that would write
├── QueryTimeout            a question whose answer took longer than it may
├── DamagedFrame            a spool or outbox line whose CRC does not fit
├── TornEntry               a line of a trail that cannot be read
├── Overloaded              try again after `retry_after_seconds`
├── StorageFailed           the disk or volume said no: the partition stops, nothing is dropped
│   ├── TrailUnusable       something else stands where one trail should be
│   └── RootUnusable        the data root is missing, foreign, unwritable or of another format
├── LockHeld                another process holds the lock and did not let go in time
├── ForeignConsumer         somebody else reads our consumer group: two readers would split it
├── PortInUse
└── ServerUnreachable
    └── ServerTimeout       a server is there, and did not answer in time
"""

from typing import ClassVar


class TasktrailError(Exception):
    """Something Tasktrail knows by name."""

    code: ClassVar[str] = "tasktrail_error"


class InvalidEvent(TasktrailError):
    """The event cannot be recorded, whatever is tried."""

    code = "invalid_event"


class EventTooLarge(TasktrailError):
    """The event or body is above its limit."""

    code = "event_too_large"


class InvalidFilter(TasktrailError):
    """The filter means nothing."""

    code = "invalid_filter"


class InvalidQuery(InvalidFilter):
    """The typed filter has a mistake; `position` and `length` say where, in characters."""

    code = "invalid_query"

    def __init__(self, message: str, text: str, span: tuple[int, int]) -> None:
        super().__init__(f"{message} (at character {span[0] + 1})")
        self.text = text
        self.position = span[0]
        self.length = max(1, span[1] - span[0])


class InvalidCursor(TasktrailError):
    """The cursor is not ours, or belongs to other filters."""

    code = "invalid_cursor"


class InvalidSetting(TasktrailError):
    """The setting's value cannot be used."""

    code = "invalid_setting"


class NotFound(TasktrailError):
    """Nothing has that name."""

    code = "not_found"


class TaskNotFound(NotFound):
    """No trail has that id."""

    code = "task_not_found"


class EntryNotFound(NotFound):
    """The trail has no such entry."""

    code = "entry_not_found"


class ExecutionNotFound(NotFound):
    """No execution has that id."""

    code = "execution_not_found"


class FileNotFound(NotFound):
    """The trail has no such file."""

    code = "file_not_found"


class InvalidSql(TasktrailError):
    """The statement is not SQL that may be asked here."""

    code = "invalid_sql"


class QueryTimeout(TasktrailError):
    """The answer took longer than it may."""

    code = "query_timeout"


class DamagedFrame(TasktrailError):
    """The line's CRC does not fit its bytes."""

    code = "damaged_frame"


class TornEntry(TasktrailError):
    """The line of a trail cannot be read."""

    code = "torn_entry"


class Overloaded(TasktrailError):
    """Too much is waiting; come back later."""

    code = "overloaded"

    def __init__(self, message: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class StorageFailed(TasktrailError):
    """The disk or volume said no."""

    code = "storage_failed"


class TrailUnusable(StorageFailed):
    """Something else stands where the trail should be: a link, or a file for a directory."""

    code = "trail_unusable"


class RootUnusable(StorageFailed):
    """The data root is missing, foreign, unwritable or of another format."""

    code = "root_unusable"


class LockHeld(TasktrailError):
    """Another process holds the lock and did not let go in time."""

    code = "lock_held"


class ForeignConsumer(TasktrailError):
    """Somebody else reads our consumer group."""

    code = "foreign_consumer"


class PortInUse(TasktrailError):
    """Another program listens at that address."""

    code = "port_in_use"


class ServerUnreachable(TasktrailError):
    """No server answers at that address."""

    code = "server_unreachable"


class ServerTimeout(ServerUnreachable):
    """The server is there, and its answer takes longer than anybody waits for it."""

    code = "server_timeout"
