"""The built web UI: its files from memory, one of its pages for every address that is no file.

Unknown `/_app/*` is a 404: a removed chunk answered with a page would break old tabs. The hashes of
the pages' inline scripts go into the content security policy. Without a built UI a plain page says
so.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.server.guards import Receive, Scope, Send
from tasktrail.server.problems import PROBLEM_JSON, problem_bytes

FOLDER: Final = Path(__file__).with_name("_web")
PAGE: Final = "/index.html"
LOG_PAGE: Final = "/log.html"  # the same, drawing a log's rows first
LOG: Final = re.compile(r"/t/[^/]+/log/?")
BUILD_HASH: Final = "BUILD_HASH"  # the build writes it last
CHUNKS: Final = "_app"
IMMUTABLE: Final = "/_app/immutable/"
ENCODINGS: Final = {".br": "br", ".gz": "gzip"}
FOREVER: Final = b"public, max-age=31536000, immutable"
ASK_FIRST: Final = b"no-cache"
INLINE_SCRIPT: Final = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
ANNOUNCER_STYLE: Final = re.compile(r'id="svelte-announcer"[^>]*\sstyle="([^"]*)"')
POLICY: Final = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'; "
    "style-src-attr {styles}; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html dompurify"
)
MISSING_PAGE: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Tasktrail</title>
<h1>Tasktrail is running</h1>
<p>The web UI is not built in this installation. What is recorded is at
<a href="/plain">/plain</a>, and the API is up:
<a href="/api/tasks">/api/tasks</a>, <a href="/health">/health</a>,
<a href="/schema/openapi.json">/schema/openapi.json</a>.</p>
<p>In a checkout, <code>make web</code> builds it; packages from a release contain it.</p>
</html>
"""


Stamp = tuple[int, ...]


class Asset(Struct, frozen=True):
    """A file of the UI in every encoding it was built in; the plain one has no name."""

    bodies: dict[str, bytes]
    media_type: str
    cache_control: bytes


class WebUi:
    """The UI as an application: files by their address, else the page.

    A UI that is built anew while the server runs is taken up as soon as its mark says it is whole.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._stamp: Stamp = ()
        self._assets: dict[str, Asset] = {}
        self._policy = _policy_of(self._assets)

    def policy(self) -> str:
        """The content security policy under which the page runs, hashes included."""
        stamp = _stamp_of(self._folder)
        if stamp and stamp != self._stamp:
            self._take_up(stamp)
        return self._policy

    def _take_up(self, stamp: Stamp) -> None:
        try:
            assets = dict(_read_assets(self._folder))
        except OSError:
            return  # another build has begun: what is served stays
        if _stamp_of(self._folder) == stamp:
            self._stamp, self._assets, self._policy = stamp, assets, _policy_of(assets)

    def page_of(self, scope: Scope) -> Asset | None:
        """The page of an address that is no file's, if one is built.

        A log of which nothing else is said has a page of its own.
        """
        self.policy()
        path = scope["path"]
        if path in self._assets or path.split("/")[1] == CHUNKS:
            return None
        is_log = not scope["query_string"] and LOG.fullmatch(path)
        return self._assets.get(LOG_PAGE if is_log else PAGE) or self._assets.get(PAGE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The file or the page of an address."""
        del receive
        asset = self.page_of(scope) or self._assets.get(scope["path"])
        if scope["type"] != "http" or scope["method"] != "GET":
            await _send_problem(send, "method_not_allowed", "expected GET")
        elif asset is not None:
            encoding = _encoding(asset, dict(scope["headers"]).get(b"accept-encoding", b""))
            await _send(send, 200, _headers(asset, encoding), asset.bodies[encoding])
        elif scope["path"].split("/")[1] == CHUNKS:
            await _send_problem(send, "not_found", "no such file")
        else:
            await _send(send, 200, [(b"content-type", b"text/html; charset=utf-8")], MISSING_PAGE)


def _stamp_of(folder: Path) -> Stamp:
    """What changes with every build; empty while one is under way or there is none."""
    try:
        return tuple((folder / name).stat().st_mtime_ns for name in (PAGE[1:], BUILD_HASH))
    except OSError:
        return ()


def _policy_of(assets: dict[str, Asset]) -> str:
    texts = {name: asset.bodies[""].decode() for name, asset in assets.items() if _is_text(name)}
    pages = "".join(texts.get(page, "") for page in (PAGE, LOG_PAGE))
    scripts = dict.fromkeys(_hash(script) for script in INLINE_SCRIPT.findall(pages))
    chunks = (text for name, text in texts.items() if name.endswith(".js"))
    styles = {_hash(style) for chunk in chunks for style in ANNOUNCER_STYLE.findall(chunk)}
    return POLICY.format(
        scripts="".join(f" {one}" for one in scripts),
        styles=" ".join(["'unsafe-hashes'", *sorted(styles)]) if styles else "'none'",
    )


def _is_text(name: str) -> bool:
    return name.endswith((".js", ".html"))


def _read_assets(folder: Path) -> Iterator[tuple[str, Asset]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in ENCODINGS or not path.is_file():
            continue
        name = f"/{path.relative_to(folder).as_posix()}"
        bodies = {"": path.read_bytes()}
        for suffix, encoding in ENCODINGS.items():
            packed = path.with_name(path.name + suffix)
            if packed.is_file():
                bodies[encoding] = packed.read_bytes()
        cache_control = FOREVER if name.startswith(IMMUTABLE) else ASK_FIRST
        yield name, Asset(bodies, _media_type(name), cache_control)


def _media_type(name: str) -> str:
    kind = guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _encoding(asset: Asset, accept: bytes) -> str:
    """The best encoding that was built and that the client reads."""
    accepted = {
        name.strip() for name, _, weight in _weights(accept) if weight.replace(" ", "") != "q=0"
    }
    return next((name for name in ("br", "gzip") if name in asset.bodies and name in accepted), "")


def _weights(accept: bytes) -> list[tuple[str, str, str]]:
    return [part.partition(";") for part in accept.decode("latin-1").lower().split(",")]


def _headers(asset: Asset, encoding: str) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", asset.media_type.encode()),
        (b"cache-control", asset.cache_control),
        (b"vary", b"Accept-Encoding"),
    ]
    return [*headers, (b"content-encoding", encoding.encode())] if encoding else headers


def _hash(text: str) -> str:
    """The hash source of an inline script or style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _send_problem(send: Send, code: str, detail: str) -> None:
    status = {"method_not_allowed": 405, "not_found": 404}[code]
    headers = [(b"content-type", PROBLEM_JSON.encode())]
    await _send(send, status, headers, problem_bytes(code, detail))
