"""What a server's answer means for the events that were sent."""

import pytest

from tasktrail.errors import InvalidSetting
from tasktrail.model.frame import Frame, decode_frame, encode_frame
from tasktrail.sdk.http_transport import HttpTransport
from tasktrail.sdk.transport import Away
from tests.support.scripted_server import Reply, ScriptedServer


def frames(*numbers: int) -> list[Frame]:
    """Numbered events of one producer."""
    return [
        decode_frame(encode_frame(1, b'{"type":"x","task_id":"t"}', identity=f"ab:{n}"))
        for n in numbers
    ]


def test_accepted_events_have_arrived() -> None:
    """One request, one line each, with their identity."""
    with ScriptedServer() as server:
        transport = HttpTransport(server.url, api_key=None)
        refused = transport.send(frames(1, 2))
        transport.close()

    assert refused == []
    assert [event["src_seq"] for event in server.events()] == [1, 2]


def test_a_receipt_names_what_was_refused() -> None:
    """A number that is none of ours is not believed."""
    receipt = b'{"rejected":[{"index":1,"reason":"no"},{"index":9,"reason":"?"}]}'
    with ScriptedServer(Reply(202, receipt)) as server:
        transport = HttpTransport(server.url, api_key=None)
        refused = transport.send(frames(1, 2))
        transport.close()

    assert [(one.frame.id, one.reason) for one in refused] == [("ab:2", "no")]


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_a_server_in_trouble_is_away(status: int) -> None:
    """That says nothing about the events; how long to wait, it may say."""
    with ScriptedServer(Reply(status, headers={"Retry-After": "7"})) as server:
        transport = HttpTransport(server.url, api_key=None)
        with pytest.raises(Away, match=str(status)) as away:
            transport.send(frames(1))
        transport.close()

    assert away.value.retry_after_seconds == 7


def test_an_address_that_is_none_is_refused() -> None:
    """When it is given, not when it is used."""
    with pytest.raises(InvalidSetting):
        HttpTransport("http://:80", api_key=None)
