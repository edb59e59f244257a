"""Answers as bytes, and what every handler reaches for."""

from collections.abc import Iterator

from litestar import Response
from litestar.enums import MediaType

from tasktrail.model.codec import encode
from tasktrail.model.page import Paging
from tasktrail.server.backend import Backend, Reader
from tasktrail.server.problems import AnyRequest


def json_answer(answer: object, *, status: int = 200) -> Response[bytes]:
    """The answer as JSON; what was stored raw is sent as it was stored."""
    return Response(encode(answer), status_code=status, media_type=MediaType.JSON)


def backend_of(request: AnyRequest) -> Backend:
    """The service behind this server."""
    backend: Backend = request.app.state["backend"]
    return backend


def reader_of(request: AnyRequest) -> Reader:
    """The one way out, with all that was accepted before the question; it may block a moment."""
    return backend_of(request).settled_reader()


def query_of(request: AnyRequest) -> str:
    """The query string as it was sent."""
    return request.scope["query_string"].decode("latin-1")


def cut_page(rows: Iterator[object], paging: Paging) -> tuple[list[object], int]:
    """One page of the rows, and how many there are; the others are never held together."""
    page: list[object] = []
    total = 0
    for total, row in enumerate(rows, 1):
        if paging.offset < total <= paging.offset + paging.limit:
            page.append(row)
    return page, total
