"""What a page asks for first, answered in the page itself.

A browser takes longer to make itself ready for a page than we take to answer what that page will
ask. So the page is sent up to a mark, the routes are asked as the page would ask them, and what
they said in time follows as blocks of data. `app.html` looks there before it asks by itself.
"""

import asyncio
import re
from collections.abc import Sequence
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote

from tasktrail.server.guards import Application, Message, Receive, Scope, Send
from tasktrail.server.ui import WebUi

MARK: Final = b"<!-- first answers -->"
SECONDS: Final = 1.0  # what takes longer is asked for again by the page
UNESCAPED: Final = "!'()*"  # by a browser's encodeURIComponent, besides letters and digits
ASKED: Final = (
    (re.compile(r"/"), ("/api/tasks?limit=50",)),
    (re.compile(r"/t/([^/]+)/log/?"), ("/api/tasks/{}/open?tail=200&preview=8192",)),
    (
        re.compile(r"/t/([^/]+)/timeline/?"),
        ("/api/tasks/{}", "/api/tasks/{}/stages", "/api/tasks/{}/timeline?limit=4000"),
    ),
)


class FirstAnswers:
    """The pages as an application, with what they ask the routes for first."""

    def __init__(self, pages: WebUi, routes: Application) -> None:
        self._pages = pages
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The page of an address with its answers where it has the mark; anything else as it is."""
        addresses = _addresses_of(scope) if scope["method"] == "GET" else ()
        page = self._pages.page_of(scope) if addresses else None
        if page is None or MARK not in page.bodies[""]:
            await self._pages(scope, receive, send)
            return
        head, _, rest = page.bodies[""].partition(MARK)
        headers = [(b"content-type", page.media_type.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": head, "more_body": True})
        blocks = await self._blocks(scope, addresses)
        await send({"type": "http.response.body", "body": blocks + rest, "more_body": False})

    async def _blocks(self, scope: Scope, addresses: Sequence[str]) -> bytes:
        """An HTML data block for each good answer that came in time."""
        asking = [asyncio.create_task(self._block(scope, address)) for address in addresses]
        done, late = await asyncio.wait(asking, timeout=SECONDS)
        for one in late:
            one.cancel()
        return b"".join(one.result() for one in asking if one in done)

    async def _block(self, scope: Scope, address: str) -> bytes:
        said = await self._answer(scope, address)
        if not said:
            return b""
        start = f'<script type="application/json" data-of="{escape(address)}">'
        return start.encode() + said.replace(b"<", b"\\u003c") + b"</script>"

    async def _answer(self, scope: Scope, address: str) -> bytes:
        """The body of a good answer; nothing of any other."""
        parts: list[bytes] = []
        status = 0

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        path, _, query = address.partition("?")
        asked = {**scope, "path": path, "raw_path": path.encode(), "query_string": query.encode()}
        await self._routes(asked, receive, send)
        return b"".join(parts) if status == HTTPStatus.OK else b""


def _addresses_of(scope: Scope) -> Sequence[str]:
    """What the page at this address asks for first, spelled as it does."""
    if scope["query_string"]:
        return ()
    for page, addresses in ASKED:
        if found := page.fullmatch(scope["path"]):
            names = [quote(unquote(name), safe=UNESCAPED) for name in found.groups()]
            return [address.format(*names) for address in addresses]
    return ()
