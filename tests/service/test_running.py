"""A running service: what comes in is recorded, indexed and followed; parts fail alone."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasktrail.errors import Overloaded, StorageFailed, TasktrailError
from tasktrail.model.filters import EntryFilter
from tasktrail.service import open_local
from tasktrail.service.parts import open_parts
from tasktrail.service.running import Service, open_service
from tests.service.rooms import event, settings_in
from tests.support.waiting import PATIENCE_SECONDS, wait_until


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service on a root of its own."""
    with open_service(settings_in(tmp_path)) as running:
        yield running


def seqs_of(service: Service, task_id: str) -> list[object]:
    """The seqs of a task's entries; empty while there is no trail."""
    try:
        logs: Any = service.reader.logs(task_id, limit=10_000)["logs"]
    except TasktrailError:
        return []
    return [entry["seq"] for entry in logs]


def test_what_comes_in_can_be_read(service: Service) -> None:
    """Through spool, recorder and index to the reader, each event once and in order."""
    for _ in range(10):
        service.accept([event("gh-1")] * 20)
    wait_until(lambda: len(seqs_of(service, "gh-1")) == 200)

    assert seqs_of(service, "gh-1") == list(range(1, 201))
    assert service.reader.tasks()["total_count"] == 1


def test_whoever_waits_hears_of_it(service: Service) -> None:
    """The watch tells followers, and a look behind the place finds what came."""
    heard = threading.Event()
    service.watch.subscribe(lambda _: heard.set())
    service.accept([event("gh-1")])

    assert heard.wait(PATIENCE_SECONDS)
    batch = service.follow.next_batch("gh-1", EntryFilter(), after_seq=0, max_entries=10)
    assert [row["seq"] for row in batch.logs] == [1]


def test_a_service_that_is_well_says_so(service: Service) -> None:
    """All parts are there, and nothing is in the way."""
    wait_until(lambda: service.ready().ready)

    assert service.health().status == "healthy", service.health()
    assert service.metrics().trouble == ()


def test_stopping_records_what_came_in(tmp_path: Path) -> None:
    """What was accepted last is in its trail when the service has ended."""
    settings = settings_in(tmp_path)
    with open_service(settings) as service:
        service.accept([event("gh-1")] * 500)
    with open_parts(settings) as parts:
        assert parts.reader.logs("gh-1", limit=1)["total_count"] == 500


def test_several_partitions_record_side_by_side(tmp_path: Path) -> None:
    """Each task's order stays, wherever it is recorded."""
    with open_service(settings_in(tmp_path, partitions=4)) as service:
        for _ in range(5):
            service.accept([event(f"gh-{number}") for number in range(20)])
        for number in range(20):
            task_id = f"gh-{number}"
            wait_until(lambda: len(seqs_of(service, task_id)) == 5)  # noqa: B023 - used at once
            assert seqs_of(service, task_id) == [1, 2, 3, 4, 5]


def test_a_command_beside_the_service_waits_for_it(service: Service) -> None:
    """A reader of the same root gets everything accepted before it asked, without any lock."""
    service.accept([event("gh-1")] * 50)
    with open_local(service.parts.settings) as local:
        assert local.reader.logs("gh-1")["total_count"] == 50


def test_two_services_share_a_root(tmp_path: Path) -> None:
    """The second stands by where the first works; both accept, both read, nothing is doubled."""
    settings = settings_in(tmp_path)
    with open_service(settings) as first, open_service(settings) as second:
        first.accept([event("gh-1")] * 3)
        second.accept([event("gh-1")] * 4)
        wait_until(lambda: len(seqs_of(first, "gh-1")) == 7)
        wait_until(lambda: len(seqs_of(second, "gh-1")) == 7)
        heard = threading.Event()
        second.watch.subscribe(lambda _: heard.set())
        first.accept([event("gh-1")])

        assert heard.wait(PATIENCE_SECONDS)
        assert second.health().status == "healthy", second.health()


def test_an_absent_redis_degrades_and_stops_nobody(tmp_path: Path) -> None:
    """Events by other doors are recorded; health names what is away."""
    settings = settings_in(tmp_path, redis_url="redis://127.0.0.1:1/0")
    with open_service(settings) as service:
        service.accept([event("gh-1")])
        wait_until(lambda: seqs_of(service, "gh-1") == [1])
        wait_until(lambda: service.health().status == "degraded")

        assert "task_events" in service.health().reasons[0]
        assert service.ready().parts["redis task_events"] is False
        assert service.metrics().queue_depth is None


def test_a_root_that_goes_away_is_unhealthy(service: Service) -> None:
    """Its mark is gone: nothing may be claimed to be recorded."""
    wait_until(lambda: service.ready().ready)
    service.parts.layout.root_json.rename(service.parts.layout.root / "moved")
    health, ready = service.health(), service.ready()
    (service.parts.layout.root / "moved").rename(service.parts.layout.root_json)

    assert not health.can_record
    assert ready.parts["root"] is False


def test_a_root_that_was_replaced_is_unhealthy(service: Service) -> None:
    """Another root under the same path is not ours to write to."""
    mark = service.parts.layout.root_json
    mine = mark.read_bytes()
    mark.write_bytes(mine.replace(service.parts.root.volume_id.encode(), b"another"))
    health = service.health()
    with pytest.raises((StorageFailed, Overloaded)):
        service.accept([event()])
    mark.write_bytes(mine)

    assert "replaced" in health.reasons[0]


def test_an_index_that_cannot_go_on_degrades(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are recorded all the same; it is over with the first pass that ends well."""
    wait_until(lambda: service.ready().ready)
    with monkeypatch.context() as broken:
        broken.setattr(service.parts.indexer, "_pass", lambda: int("much"))
        service.accept([event("gh-1")])
        wait_until(lambda: service.health().status == "degraded")
        health, ready = service.health(), service.ready()

    assert health.can_record
    assert health.reasons == (
        "the index is behind: ValueError: invalid literal for int() with base 10: 'much'",
    )
    assert ready.parts["indexer"] is False
    wait_until(lambda: service.health().status == "healthy")


def test_a_part_that_ends_is_named(service: Service) -> None:
    """A recorder that does not run makes the service unhealthy, any other one degrades it."""
    wait_until(lambda: service.ready().ready)
    for loop in (service._followers[1], service._recorder):  # noqa: SLF001 - play the failure
        loop.tell_to_stop()
        loop.join()
    ready, health = service.ready(), service.health()

    assert [name for name, well in ready.parts.items() if not well] == ["recorder", "poller"]
    assert not health.can_record
    assert any("poller" in reason for reason in health.reasons)
