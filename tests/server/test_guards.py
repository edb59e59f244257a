"""The gate: foreign hosts, foreign origins and missing keys go no further; answers are armoured."""

from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tasktrail.server.guards import host_name, is_loopback
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend, serving, settings_of

GOOD = b'{"type":"task:log","task_id":"gh-1"}'
KEY = "open sesame"


def port_of(client: Client) -> str:
    """The port the server listens at."""
    return client.host.rpartition(":")[2]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8090",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "",
        "local host",
        "[::2]",
        "localhost:port",
        "localhost@evil.example",
    ],
)
def test_a_foreign_host_is_misdirected(client: Client, backend: FakeBackend, host: str) -> None:
    """A name that was rebound to this machine reads nothing, also not through a page."""
    backend.record("gh-1")
    answers = [client.get(path, Host=host) for path in ("/api/tasks", "/health", "/", "/nope")]

    assert [answer.status for answer in answers] == [421] * 4
    assert answers[0].json()["code"] == "misdirected"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LocalHost:1234"])
def test_our_own_names_are_known(client: Client, host: str) -> None:
    """The names of this machine work with any port: a proxy may stand in front."""
    assert client.get("/health", Host=host).status == 200


def test_configured_names_are_known(backend: FakeBackend, tmp_path: Path) -> None:
    """A host that was named in the settings is one of ours."""
    with serving(backend, settings_of(tmp_path, allowed_hosts=("Trail.example",))) as url:
        client = Client(url)
        statuses = [
            client.get("/health", Host=host).status for host in ("trail.example", "x.example")
        ]

    assert statuses == [200, 421]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "http://127.0.0.1:1", "file://"]
)
def test_a_foreign_page_cannot_send(client: Client, backend: FakeBackend, origin: str) -> None:
    """A form or script of another page is refused before its body is looked at."""
    answer = client.post(GOOD, Origin=origin)

    assert (answer.status, answer.json()["code"]) == (403, "forbidden_origin")
    assert backend.accepted == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_every_method_but_reading_asks_for_the_origin(client: Client, method: str) -> None:
    """Whatever may change something, on any path."""
    answer = client.send(method, "/api/events", b"", Origin="https://evil.example")

    assert answer.status == 403


def test_our_own_page_may_send(client: Client) -> None:
    """The origin that the request goes to is its own."""
    assert client.post(GOOD, Origin=client.url).status == 202


def test_reading_needs_no_origin(client: Client) -> None:
    """A link from elsewhere opens the page; its content stays unreadable to the other page."""
    answer = client.get("/health", Origin="https://evil.example")

    assert answer.status == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/health", "/", "/api/tasks", "/api/none", "/_app/none.js"])
def test_every_answer_is_armoured(client: Client, path: str) -> None:
    """No sniffing, no framing, no referrer, no foreign script: on answers and errors alike."""
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert f"ws://{client.host}" in headers["content-security-policy"]


def test_refusals_are_armoured(client: Client) -> None:
    """Also what the gate itself answers; a foreign host name is not repeated in it."""
    headers = client.get("/health", Host="evil.example;").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert "evil" not in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/api/tasks", "//api/tasks", "/%61pi/tasks", "/tasks/gh-1/logs", "/api/none"]
)
def test_content_needs_the_key(backend: FakeBackend, tmp_path: Path, path: str) -> None:
    """With a key set, everything recorded is behind it, however the path is spelled."""
    backend.record("gh-1")
    with serving(backend, settings_of(tmp_path, api_key=KEY)) as url:
        client = Client(url)
        without = client.get(path)
        wrong = client.get(path, Authorization="Bearer open sesam")
        other_scheme = client.get(path, Authorization=f"Basic {KEY}")
        right = client.get(path, Authorization=f"Bearer {KEY}")

    assert [a.status for a in (without, wrong, other_scheme)] == [401] * 3
    assert without.headers["www-authenticate"] == "Bearer"
    assert right.status == (404 if path.endswith("none") else 200)


def test_events_need_the_key(backend: FakeBackend, tmp_path: Path) -> None:
    """Nobody writes without it."""
    with serving(backend, settings_of(tmp_path, api_key=KEY)) as url:
        client = Client(url)
        statuses = [
            client.post(GOOD).status,
            client.post(GOOD, Authorization=f"Bearer {KEY}").status,
        ]

    assert statuses == [401, 202]
    assert len(backend.accepted) == 1


def test_a_key_may_hold_any_character(backend: FakeBackend, tmp_path: Path) -> None:
    """It is compared as the bytes that were sent; the scheme's name in any case."""
    with serving(backend, settings_of(tmp_path, api_key="sésame ☃")) as url:
        shown = "bearer sésame ☃".encode().decode("latin-1")
        answer = Client(url).get("/api/tasks", Authorization=shown)

    assert answer.status == 200


@pytest.mark.parametrize(("key", "shown"), [("sésame", "sésame"), ("sésame", "ssame"), ("☃", "")])
def test_a_key_is_known_as_http_clients_write_it(
    backend: FakeBackend, tmp_path: Path, key: str, shown: str
) -> None:
    """Many write headers in Latin-1; a key that it cannot write is not shortened to be known."""
    with serving(backend, settings_of(tmp_path, api_key=key)) as url:
        answer = Client(url).get("/api/tasks", Authorization=f"Bearer {shown}")

    assert answer.status == (200 if key == shown else 401)


def test_health_and_pages_need_no_key(backend: FakeBackend, tmp_path: Path) -> None:
    """What monitoring asks and what holds no content stays open."""
    with serving(backend, settings_of(tmp_path, api_key=KEY)) as url:
        client = Client(url)
        statuses = [client.get(path).status for path in ("/health", "/ready", "/metrics", "/")]

    assert statuses == [200] * 4


def test_head_is_get_without_its_body(client: Client) -> None:
    """Monitors that only ask for headers get those of GET."""
    answer = client.send("HEAD", "/health")

    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("host", "expected"),
    [("::1", "[::1]"), ("[::1]", "[::1]"), ("LOCALHOST", "localhost"), ("10.0.0.1", "10.0.0.1")],
)
def test_hosts_are_spelled_as_headers_spell_them(host: str, expected: str) -> None:
    """IPv6 addresses stand in brackets, names in lower case."""
    assert host_name(host) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - asked about, not bound to
        ("::", False),
        ("192.168.1.5", False),
        ("127.0.0.1.example", False),
    ],
)
def test_only_this_machine_s_addresses_are_loopback(host: str, *, expected: bool) -> None:
    """Whatever others can reach is not."""
    assert is_loopback(host) is expected


def test_a_refused_handshake_is_no_error_of_ours(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever knocks at the wrong door writes nothing into the log of the service."""
    socket = client.url.replace("http", "ws") + "/ws/logs/gh-1"
    with pytest.raises(InvalidStatus), connect(socket, origin=Origin("https://evil.example")):
        pass
    answered = client.get("/health").status

    assert answered == 200
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
