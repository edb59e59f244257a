"""What the rooms below say on stderr: one line per message, which can do nothing to a terminal."""

import logging
import sys

from tasktrail.cli.terminal import safe_line

FORMAT = "%(asctime)s %(levelname)s %(message)s"


class _OneLine(logging.Formatter):
    """A message on one line that cannot act on a terminal; a traceback below it, indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line of the record."""
        return safe_line(super().formatMessage(record))


def start_talking() -> None:
    """A command that answers a question says on stderr what may be wrong with its answer."""
    _write_to_stderr("WARNING", "tasktrail: %(message)s")


def start_logging(level: str) -> None:
    """A service says on stderr what happens, from `level` up, with the time."""
    _write_to_stderr(level, FORMAT)
    for name in ("uvicorn", "litestar", "websockets"):  # their chatter is not ours
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _write_to_stderr(level: str, form: str) -> None:
    talk = logging.StreamHandler(sys.stderr)
    talk.setFormatter(_OneLine(form))
    logging.basicConfig(level=level, handlers=[talk], force=True)
