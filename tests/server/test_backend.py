"""The shapes that the server asks for are those that are there."""

import pytest

from tasktrail.query.follow import Follow as RealFollow
from tasktrail.query.follow_all import FollowAll as RealFollowAll
from tasktrail.query.reader import Reader as RealReader
from tasktrail.server.backend import Backend, Follow, FollowAll, Reader, Watch
from tasktrail.store.watch import Watch as RealWatch
from tests.server.fakes import FakeBackend


def methods_of(protocol: type) -> list[str]:
    """The names that a protocol asks for."""
    return sorted(name for name in vars(protocol) if not name.startswith("_"))


@pytest.mark.parametrize("protocol", [Backend, Reader])
def test_the_fake_has_the_shape(protocol: type) -> None:
    """What the server's tests run on offers all that the server may use."""
    assert [name for name in methods_of(protocol) if name not in dir(FakeBackend())] == []


@pytest.mark.parametrize(
    ("protocol", "real"),
    [
        (Reader, RealReader),
        (Follow, RealFollow),
        (FollowAll, RealFollowAll),
        (Watch, RealWatch),
    ],
)
def test_what_is_there_has_the_shape(protocol: type, real: type) -> None:
    """The real parts have every method that the server may call."""
    assert [name for name in methods_of(protocol) if not hasattr(real, name)] == []
