"""What keeps a run from giving a verdict at all; a bad verdict is none of these."""

from tasktrail.errors import TasktrailError


class ChaosFailed(TasktrailError):
    """A process of the run did not do what it must before anything can be judged."""

    code = "chaos_failed"


class Unavailable(TasktrailError):
    """The machine lacks what the run needs; the message says what."""

    code = "unavailable"
