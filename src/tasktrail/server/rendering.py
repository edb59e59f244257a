"""Answers as bytes, and what every handler reaches for."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

from litestar import Response
from litestar.enums import MediaType

from tasktrail.model.codec import encode
from tasktrail.model.filters import EntryFilter
from tasktrail.model.page import Paging
from tasktrail.server.backend import Backend, Reader
from tasktrail.server.problems import AnyRequest
from tasktrail.server.turns import Turns


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


def turns_of(request: AnyRequest) -> Turns:
    """The turns in which this server searches."""
    turns: Turns = request.app.state["turns"]
    return turns


def turn_of(request: AnyRequest, wanted: EntryFilter) -> AbstractContextManager[None]:
    """A block for the answer: a turn, where the filter has text; raises Overloaded."""
    return turns_of(request).one() if wanted.has_text else nullcontext()


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
