"""The web UI is served from what was built, and says so when nothing was."""

import os
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from tasktrail.server.ui import BUILD_HASH, FOLDER, WebUi
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend, serving, settings_of

SCRIPT = "\n  start({base: ''});\n"
STYLE = "position: absolute; left: 0"
PAGE = f"<!doctype html><script>{SCRIPT}</script><script src='/_app/immutable/a.js'></script>"
CHUNK = f'const t=`<div id="svelte-announcer" aria-live="assertive" style="{STYLE}"></div>`;'


def build(folder: Path, page: str = PAGE) -> WebUi:
    """A UI of one page and one chunk, precompressed like the real one."""
    chunks = folder / "_app" / "immutable"
    chunks.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "index.html.br").write_bytes(b"brotli page")
    (folder / "_app" / "version.json").write_text("{}", encoding="utf-8")
    (chunks / "a.js").write_text(CHUNK, encoding="utf-8")
    (chunks / "a.js.gz").write_bytes(b"gzip chunk")
    (folder / BUILD_HASH).write_text("of these sources", encoding="utf-8")
    return WebUi(folder)


def source_of(text: str) -> str:
    """The hash as a policy spells it."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_every_page_address_is_the_page(backend: FakeBackend, tmp_path: Path) -> None:
    """The router in the browser knows the addresses; the page is asked for again each time."""
    with serving(backend, settings_of(tmp_path), ui=build(tmp_path / "ui")) as url:
        answers = [Client(url).get(path) for path in ("/", "/t/gh-1/log", "/sessions", "/a.b/c")]

    assert [(a.status, a.body) for a in answers] == [(200, PAGE.encode())] * 4
    assert answers[0].headers["content-type"] == "text/html; charset=utf-8"
    assert answers[0].headers["cache-control"] == "no-cache"


def test_built_files_are_kept_for_ever(backend: FakeBackend, tmp_path: Path) -> None:
    """A chunk's name changes with its content; the version file's does not."""
    with serving(backend, settings_of(tmp_path), ui=build(tmp_path / "ui")) as url:
        chunk = Client(url).get("/_app/immutable/a.js")
        version = Client(url).get("/_app/version.json")

    assert chunk.body == CHUNK.encode()
    assert "javascript" in chunk.headers["content-type"]
    assert "immutable" in chunk.headers["cache-control"]
    assert version.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/_app/immutable/gone.js", "/_app/", "/_app/../index.html"])
def test_a_file_that_is_gone_is_not_the_page(
    backend: FakeBackend, tmp_path: Path, path: str
) -> None:
    """An old tab that asks for a removed chunk gets a 404, never HTML."""
    with serving(backend, settings_of(tmp_path), ui=build(tmp_path / "ui")) as url:
        answer = Client(url).get(path)

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/none", "/api", "/ws/none", "/schema/none", "/tasks/gh-1"])
def test_an_unknown_address_of_the_api_is_not_the_page(
    backend: FakeBackend, tmp_path: Path, path: str
) -> None:
    """Programs get a problem, not HTML."""
    with serving(backend, settings_of(tmp_path), ui=build(tmp_path / "ui")) as url:
        answer = Client(url).get(path)

    assert (answer.status, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip, br", "br"), ("br;q=1", "br"), ("gzip", None), ("br;q=0", None), ("", None)],
)
def test_the_built_encodings_are_used(
    backend: FakeBackend, tmp_path: Path, accept: str, encoding: str | None
) -> None:
    """What the client reads and the build made; else the plain file."""
    with serving(backend, settings_of(tmp_path), ui=build(tmp_path / "ui")) as url:
        answer = Client(url).get("/", Accept_Encoding=accept)

    assert answer.headers["content-encoding"] == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (answer.body == b"brotli page") is (encoding == "br")


def test_the_policy_names_the_inline_scripts(tmp_path: Path) -> None:
    """Only the scripts and the style that the build wrote may run."""
    policy = build(tmp_path).policy()

    assert f"script-src 'self' {source_of(SCRIPT)};" in policy
    assert f"style-src-attr 'unsafe-hashes' {source_of(STYLE)};" in policy


def test_a_new_build_is_taken_up(tmp_path: Path) -> None:
    """Whoever builds while the server runs sees the new page, under its own policy."""
    ui = build(tmp_path)
    before = ui.policy()
    build(tmp_path, PAGE.replace("start", "begin"))
    os.utime(tmp_path / "index.html", ns=(1, 1))

    assert ui.policy() != before
    assert source_of(SCRIPT.replace("start", "begin")) in ui.policy()


def test_a_build_under_way_changes_nothing(tmp_path: Path) -> None:
    """While the page is gone, or is there without its mark, the old one is served."""
    ui = build(tmp_path)
    before = ui.policy()
    (tmp_path / "index.html").unlink()
    assert ui.policy() == before
    build(tmp_path, PAGE.replace("start", "begin"))
    (tmp_path / BUILD_HASH).unlink()

    assert ui.policy() == before


def test_half_a_build_is_no_page(tmp_path: Path) -> None:
    """A server that starts while files are still being copied serves none of them."""
    nothing = WebUi(tmp_path / "nowhere").policy()
    ui = build(tmp_path)
    (tmp_path / BUILD_HASH).unlink()

    assert ui.policy() == nothing
    (tmp_path / BUILD_HASH).write_text("of these sources", encoding="utf-8")
    assert source_of(SCRIPT) in ui.policy()


def test_without_a_build_a_plain_page_says_so(client: Client) -> None:
    """The API is up, and the page says how to get the rest."""
    answer = client.get("/t/gh-1")

    assert answer.status == 200
    assert b"make web" in answer.body
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_pages_are_only_read(client: Client) -> None:
    """No other method means anything there."""
    assert client.send("DELETE", "/t/gh-1").status == 405


def test_the_real_pages_run_under_their_policy() -> None:
    """Every inline script and the announcer's style of the built UI are in the policy."""
    if not (FOLDER / "index.html").is_file():
        pytest.skip("needs the built web UI: make web")
    pages = [(FOLDER / name).read_text(encoding="utf-8") for name in ("index.html", "log.html")]
    inline = re.compile(r'<script(?: type="importmap")?>(.*?)</script>', re.DOTALL)
    scripts = {script for page in pages for script in inline.findall(page)}
    policy = WebUi().policy()

    assert len(scripts) > 6, "those of two pages"
    assert [script for script in scripts if source_of(script) not in policy] == []
    assert policy.count("sha256-") == len(scripts) + 1
