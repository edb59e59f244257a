"""The doctor: looks at a root and its Redis, and says what should be done; it changes nothing."""

from collections.abc import Iterator
from typing import Final

from tasktrail.errors import TasktrailError
from tasktrail.ingest.pressure import Pressure
from tasktrail.ingest.redis_pump import open_link
from tasktrail.ingest.redis_pump_facts import server_facts, stream_facts
from tasktrail.ingest.redis_pump_link import CommandRefused, LinkLost
from tasktrail.ingest.spool_segments import unrecorded_bytes
from tasktrail.service.parts import clock, layout_for
from tasktrail.service.redis_rules import check_server, check_stream, not_looked_at, unreachable
from tasktrail.setting_values import without_password
from tasktrail.settings import Settings
from tasktrail.store.layout import Layout
from tasktrail.store.root import read_root
from tasktrail.upkeep.files_rules import (
    check_clock,
    check_descriptors,
    check_rights,
    check_room,
    check_volume,
)
from tasktrail.upkeep.findings import AREAS, Finding
from tasktrail.upkeep.state_rules import RootFacts, check_state

ORDER: Final = {"error": 0, "warning": 1, "note": 2}


def examine(settings: Settings) -> list[Finding]:
    """Everything that is found, the worst first; raises RootUnusable where there is no root."""
    layout = layout_for(settings)
    root = read_root(layout)
    now = clock()
    waiting = unrecorded_bytes(layout, root.partitions)
    space = Pressure(layout, root.partitions, segment_bytes=settings.segment_bytes).space()
    found = [
        *check_rights(layout),
        *check_volume(layout),
        *check_room(free=space.free, needed=space.needed),
        *check_descriptors(),
        *check_clock(layout, root.partitions, now),
        *check_state(RootFacts(layout, root, waiting, now)),
        *_check_redis(settings, layout, root.volume_id),
    ]
    return sorted(found, key=lambda one: (ORDER[one.severity], AREAS.index(one.area)))


def examined_areas(settings: Settings) -> list[str]:
    """What was looked at: Redis only where one is configured."""
    return [area for area in AREAS if area != "redis" or settings.redis_url]


def _check_redis(settings: Settings, layout: Layout, volume_id: str) -> Iterator[Finding]:
    if not settings.redis_url:
        pumped = sorted({path.name.partition(".")[0] for path in layout.pumps.glob("*.json")})
        if pumped:
            yield not_looked_at(pumped)
        return
    try:
        link = open_link(settings.redis_url)
        try:
            yield from check_server(server_facts(link))
            for stream in settings.redis_stream:
                facts = stream_facts(link, stream, settings.redis_consumer_group)
                yield from check_stream(facts, volume_id)
        finally:
            link.close()
    except (LinkLost, CommandRefused, TasktrailError) as error:
        yield unreachable(f"{without_password(settings.redis_url)}: {error}")
