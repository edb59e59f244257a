"""What a service asks of its process."""

import resource
from collections.abc import Iterator

import pytest

from tasktrail.service.process import prepare_process, raise_open_files, return_large_memory


@pytest.fixture(autouse=True)
def _limits_as_before() -> Iterator[None]:
    """The limits of the tests' own process stay what they were."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_as_many_files_as_may_be_open() -> None:
    """A low soft limit is raised, as far as the hard one allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))

    assert raise_open_files() > 256


def test_a_limit_that_is_higher_stays() -> None:
    """Nothing is ever lowered."""
    before = raise_open_files()

    assert raise_open_files() == before


def test_asking_twice_is_asking_once() -> None:
    """Whatever the C library is, preparing never fails."""
    assert return_large_memory() == return_large_memory()
    prepare_process()
