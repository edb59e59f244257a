"""The logger of a task: levels, progress and sources, one entry per call, never an exception."""

from collections.abc import Mapping
from typing import Protocol, Self

from tasktrail.sdk.encoding import text_of_any

Fields = Mapping[str, object]


class SendForTask(Protocol):
    """How a logger hands an event to its task, which adds ids and stage."""

    def __call__(self, event_type: str, said: Fields, /, **envelope: object) -> None:
        """Never raises."""


class TaskLogger:
    """Log entries of one task, from one source.

    In every call `source` and `stage` hold for that entry only; `fields` join the metadata.
    """

    def __init__(self, send: SendForTask, *, source: str | None = None) -> None:
        self._send = send
        self.source = source

    def with_source(self, source: str) -> Self:
        """A new logger that writes as that component; this one stays as it is."""
        return type(self)(self._send, source=source)

    def debug(
        self,
        message: object,
        *,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        **fields: object,
    ) -> None:
        """An entry of level debug."""
        self._log("debug", _said(message, metadata, fields), source, stage)

    def info(
        self,
        message: object,
        *,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        **fields: object,
    ) -> None:
        """An entry of level info."""
        self._log("info", _said(message, metadata, fields), source, stage)

    def warning(
        self,
        message: object,
        *,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        **fields: object,
    ) -> None:
        """An entry of level warning."""
        self._log("warning", _said(message, metadata, fields), source, stage)

    def error(
        self,
        message: object,
        *,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        **fields: object,
    ) -> None:
        """An entry of level error."""
        self._log("error", _said(message, metadata, fields), source, stage)

    def critical(
        self,
        message: object,
        *,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        **fields: object,
    ) -> None:
        """An entry of level critical."""
        self._log("critical", _said(message, metadata, fields), source, stage)

    def log(
        self,
        level: str,
        message: object,
        *,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        **fields: object,
    ) -> None:
        """An entry of that level."""
        self._log(level, _said(message, metadata, fields), source, stage)

    def _log(
        self, level: str, said: dict[str, object], source: str | None, stage: str | None
    ) -> None:
        self._send("task:log", said, level=level, source=source or self.source, stage=stage)

    def progress(
        self,
        message: object,
        percent: float | None = None,
        *,
        source: str | None = None,
        stage: str | None = None,
        metadata: Fields | None = None,
        **fields: object,
    ) -> None:
        """An entry of level info that tells how far the task is, 0 to 100."""
        said = _said(message, metadata, fields)
        if percent is not None:
            said["percent"] = percent
        self._send("task:progress", said, level="info", source=source or self.source, stage=stage)


def _said(message: object, metadata: object, fields: Fields) -> dict[str, object]:
    """The message, and the metadata with the fields in it; what is no mapping stands beside."""
    said: dict[str, object] = {"message": text_of_any(message)}
    if metadata is not None:
        try:
            fields = {**metadata, **fields}  # type: ignore[dict-item]
        except Exception:  # noqa: BLE001 - no mapping, or one of a job that raises
            fields = {"metadata": metadata, **fields}
    if fields:
        said["metadata"] = fields
    return said
