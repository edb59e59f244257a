"""An address says how events travel, and where they wait until then."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidSetting
from tasktrail.sdk.flusher import Pace
from tasktrail.sdk.ways import way_to


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_every_address_has_its_own_place() -> None:
    """So that what waits for one server is not sent to another."""
    urls = ["http://a:1", "http://a:1/", "http://a:2", "redis://a:1/0", "redis://a:1/1"]
    places = [way_to(url, api_key=None, pace=Pace())[0] for url in urls]

    assert places[0] == places[1]
    assert len(set(places)) == 4


@pytest.mark.parametrize(
    "url", ["ftp://a", "http://:1", "redis://a/x/y?form=no", "://", "http://["]
)
def test_an_address_that_means_nothing_is_refused(url: str) -> None:
    """At once, with the word."""
    with pytest.raises(InvalidSetting):
        way_to(url, api_key=None, pace=Pace())
