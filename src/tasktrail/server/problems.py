"""Errors as clients see them: problem+json with a stable `code`, from one table.

What Tasktrail knows by name carries its own words. Anything else is a fault of ours: it is logged
whole, and the client learns nothing of our insides.
"""

import logging
from typing import Final, NamedTuple

from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from tasktrail import errors
from tasktrail.model.codec import encode

log = logging.getLogger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
INTERNAL_ERROR: Final = 500
AnyRequest = Request[object, object, State]


class Problem(NamedTuple):
    """The status and the title of a code."""

    status: int
    title: str


PROBLEMS: Final = {
    "invalid_event": Problem(400, "Invalid event"),
    "invalid_body": Problem(400, "Invalid body"),
    "invalid_filter": Problem(400, "Invalid filter"),
    "invalid_query": Problem(400, "Invalid query text"),
    "invalid_sql": Problem(400, "Invalid SQL"),
    "invalid_cursor": Problem(400, "Invalid cursor"),
    "bad_request": Problem(400, "Bad request"),
    "unauthorized": Problem(401, "Key required"),
    "forbidden_origin": Problem(403, "Foreign origin"),
    "not_found": Problem(404, "Not found"),
    "task_not_found": Problem(404, "Task not found"),
    "entry_not_found": Problem(404, "Entry not found"),
    "execution_not_found": Problem(404, "Execution not found"),
    "file_not_found": Problem(404, "File not found"),
    "method_not_allowed": Problem(405, "Method not allowed"),
    "body_timeout": Problem(408, "Body came too slowly"),
    "event_too_large": Problem(413, "Too large"),
    "unsupported_encoding": Problem(415, "Unsupported encoding"),
    "range_not_satisfiable": Problem(416, "Range not satisfiable"),
    "misdirected": Problem(421, "Unknown host"),
    "internal_error": Problem(INTERNAL_ERROR, "Internal error"),
    "overloaded": Problem(503, "Overloaded"),
    "storage_failed": Problem(503, "Storage failed"),
    "root_unusable": Problem(503, "Data root unusable"),
    "lock_held": Problem(503, "Busy"),
    "query_timeout": Problem(503, "Took too long"),
}
BY_STATUS: Final = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}
RETRY_AFTER_SECONDS: Final = {"storage_failed": 5, "root_unusable": 5, "lock_held": 1}


class InvalidBody(errors.TasktrailError):
    """The body is not what its headers say, or no JSON."""

    code = "invalid_body"


class UnsupportedEncoding(errors.TasktrailError):
    """The body is compressed in a way we do not read."""

    code = "unsupported_encoding"


class BodyTimeout(errors.TasktrailError):
    """The body came too slowly."""

    code = "body_timeout"


class RangeNotSatisfiable(errors.TasktrailError):
    """The part that is asked for lies behind the end."""

    code = "range_not_satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__(f"expected a range within {size} bytes")
        self.size = size


def problem_bytes(code: str, detail: str, **more: object) -> bytes:
    """The body of a problem answer; `more` is what its kind says besides."""
    problem = PROBLEMS[code]
    fields = {"title": problem.title, "status": problem.status, "code": code, "detail": detail}
    return encode({"type": "about:blank"} | fields | more)


def problem_headers(error: Exception, code: str) -> dict[str, str]:
    """Retry-After where trying again helps, and what the router says of a wrong method."""
    if isinstance(error, errors.Overloaded):
        return {"Retry-After": str(error.retry_after_seconds)}
    if code in RETRY_AFTER_SECONDS:
        return {"Retry-After": str(RETRY_AFTER_SECONDS[code])}
    if isinstance(error, RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{error.size}"}
    if isinstance(error, HTTPException) and error.headers:
        return {name: str(value) for name, value in error.headers.items()}
    return {}


def render_problem(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to an exception, whatever it is."""
    code, detail = _explained(error)
    if code == "internal_error":
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_answer(code, detail, headers=problem_headers(error, code), **place_of(error))


def problem_answer(
    code: str, detail: str, *, headers: dict[str, str] | None = None, **more: object
) -> Response[bytes]:
    """The answer that says what is wrong."""
    return Response(
        problem_bytes(code, detail, **more),
        status_code=PROBLEMS[code].status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


def place_of(error: Exception) -> dict[str, object]:
    """Where in a query text the mistake is, for an error that knows."""
    names = ("position", "length")
    known = isinstance(error, errors.InvalidFilter)
    return {name: getattr(error, name) for name in names if known and hasattr(error, name)}


def _explained(error: Exception) -> tuple[str, str]:
    """The code of an exception and what the client may know of it."""
    if isinstance(error, errors.TasktrailError):
        code = error.code if error.code in PROBLEMS else _parent_code(error)
        return code, _detail_of(error, code)
    if isinstance(error, HTTPException) and error.status_code in BY_STATUS:
        return BY_STATUS[error.status_code], error.detail
    return "internal_error", "the server failed; its log says how"


def _parent_code(error: errors.TasktrailError) -> str:
    """The code of the nearest ancestor that the table knows."""
    for kind in type(error).__mro__:
        code = getattr(kind, "code", "")
        if code in PROBLEMS:
            return str(code)
    return "internal_error"


def _detail_of(error: errors.TasktrailError, code: str) -> str:
    if code == "internal_error":
        return "the server failed; its log says how"
    return PROBLEMS[code].title if isinstance(error, errors.TaskNotFound) else str(error)
