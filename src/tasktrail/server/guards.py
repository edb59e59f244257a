"""What every request passes before any route sees it, and what every answer carries.

    host known? → own origin? → key right? → path cut safely → routes or pages

A page in the operator's browser must reach nothing here (DNS rebinding, foreign forms, foreign
WebSockets), and recorded content must never become active in ours.
"""

import asyncio
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from tasktrail.server.params import escaped_path
from tasktrail.server.plain import is_plain
from tasktrail.server.problems import PROBLEM_JSON, PROBLEMS, problem_bytes

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
HOST_HEADER: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(:[0-9]{1,5})?")
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
KEPT_CLOSED: Final = ("/api/", "/tasks/", "/ws/")  # where recorded content goes in and out
GONE_SECONDS: Final = 5.0  # how long a refused WebSocket may take to be closed
STARTS: Final = frozenset({"http.response.start", "websocket.http.response.start"})
SUBPROTOCOL: Final = "tasktrail"
BEARER_PROTOCOL: Final = "tasktrail.bearer."
STATIC_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

Headers = Mapping[bytes, bytes]

# The ASGI calling convention, as our own layers use it.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Refusal(NamedTuple):
    """Why a request goes no further."""

    code: str
    detail: str


class Gate:
    """The outermost layer of the application."""

    def __init__(
        self,
        app: Application,
        *,
        hosts: Iterable[str],
        api_key: str | None,
        policy: Callable[[], str],
    ) -> None:
        self._app = app
        self._hosts = LOCAL_HOSTS | {host_name(host) for host in hosts}
        self._keys = _accepted_keys(api_key)
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: refused, or passed on with its path cut safely."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        guarded = _with_headers(send, self._headers(headers))
        refusal = self._refusal(scope, headers)
        if refusal:
            await _refuse(scope, receive, guarded, refusal)
        else:
            await self._app(_cut_safely(scope), receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        found = HOST_HEADER.fullmatch(_text(headers, b"host").lower())
        if not found or found[1] not in self._hosts | _own_address(scope):
            return Refusal("misdirected", "this server is not known under that host name")
        if not _is_own_origin(scope, headers):
            return Refusal("forbidden_origin", "expected a request of this server's own pages")
        if self._keys and _is_kept_closed(_raw_path(scope)) and not self._has_key(headers):
            return Refusal("unauthorized", "expected `Authorization: Bearer` with the key")
        return None

    def _has_key(self, headers: Headers) -> bool:
        """Whether the key was shown; every one of ours is compared, in constant time."""
        scheme, _, key = headers.get(b"authorization", b"").strip().partition(b" ")
        offered = headers.get(b"sec-websocket-protocol", b"").split(b",")
        shown = [scheme.lower() + b" " + key.strip(), *(one.strip() for one in offered)]
        matches = [hmac.compare_digest(one, key) for one in shown for key in self._keys]
        return any(matches)

    def _headers(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """What every answer carries; older browsers do not count WebSockets as one's own."""
        host = _text(headers, b"host").lower()
        known = HOST_HEADER.fullmatch(host)
        sockets = f" ws://{host} wss://{host}" if known else ""
        policy = self._policy().replace("connect-src 'self'", f"connect-src 'self'{sockets}")
        return [*STATIC_HEADERS, (b"content-security-policy", policy.encode())]


def _is_kept_closed(path: str) -> bool:
    """Whether recorded content goes in or out there."""
    return path.startswith(KEPT_CLOSED) or is_plain(path)


def host_name(host: str) -> str:
    """The host as a Host header spells it: IPv6 addresses stand in brackets."""
    return f"[{host.lower()}]" if ":" in host and not host.startswith("[") else host.lower()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def _accepted_keys(api_key: str | None) -> tuple[bytes, ...]:
    """The key as the header says it, and as a browser's WebSocket can."""
    if not api_key:
        return ()
    encoded = urlsafe_b64encode(api_key.encode()).rstrip(b"=")
    written = (b"bearer " + one for one in _spellings(api_key))
    return (*written, BEARER_PROTOCOL.encode() + encoded)


def _spellings(key: str) -> Iterator[bytes]:
    """The key in UTF-8, and in the Latin-1 that many HTTP clients write headers in."""
    yield key.encode()
    with suppress(UnicodeEncodeError):  # whoever writes Latin-1 cannot write this key at all
        yield key.encode("latin-1")


def _own_address(scope: Scope) -> frozenset[str]:
    """The address the client connected to: a name cannot be rebound to a bare address."""
    server = scope.get("server")
    return frozenset({host_name(server[0])}) if server else frozenset()


def _is_own_origin(scope: Scope, headers: Headers) -> bool:
    """Whether a request that may change or follow something comes from our own pages.

    Programs send no Origin; browsers always do where it matters.
    """
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return True
    origin = _text(headers, b"origin").lower()
    if not origin:
        return True
    return origin.partition("://")[2] == _text(headers, b"host").lower()


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").strip()


def _raw_path(scope: Scope) -> str:
    return escaped_path(scope["raw_path"].partition(b"?")[0])


def _cut_safely(scope: Scope) -> Scope:
    """The scope for the routes: a slash inside an id stays inside, HEAD is GET without its body."""
    changed = {**scope, "path": _raw_path(scope)}
    if scope["type"] == "http" and scope["method"] == "HEAD":
        changed["method"] = "GET"
    return changed


def _with_headers(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    """`send` that adds the headers to the start of every answer."""

    async def sending(message: Message) -> None:
        if message["type"] in STARTS:
            message = {**message, "headers": [*message.get("headers", ()), *headers]}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    """The answer to a request that goes no further, also to one for a WebSocket."""
    kind = "http"
    if scope["type"] == "websocket":
        await receive()
        kind = "websocket.http"
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"cache-control", b"no-store")]
    if refusal.code == "unauthorized":
        headers.append((b"www-authenticate", b"Bearer"))
    status = PROBLEMS[refusal.code].status
    start = {"type": f"{kind}.response.start", "status": status, "headers": headers}
    body = {"type": f"{kind}.response.body", "body": problem_bytes(refusal.code, refusal.detail)}
    await send(start)
    await send(body)
    if scope["type"] == "websocket":
        await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    """Nothing, once a refused connection is closed: returning earlier looks like a bug to uvicorn.

    It says "disconnect" when the answer is complete, and again when the connection is lost.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(GONE_SECONDS):
            await receive()
            await receive()
