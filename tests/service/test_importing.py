"""An import straight into a root."""

from pathlib import Path

from tasktrail.formats.translator import Translated
from tasktrail.ingest.spool_segments import unrecorded_bytes
from tasktrail.service import open_reader
from tasktrail.service.importing import RecordingSink, open_import
from tasktrail.service.parts import open_parts
from tasktrail.settings import Settings, load_settings
from tasktrail.store.layout import Layout


def settings_of(folder: Path) -> Settings:
    """The settings of a root in that folder."""
    return load_settings({"TASKTRAIL_DATA": str(folder / "root")})


def event(number: int, size: int = 1) -> Translated:
    """An event of one task."""
    blob = b'{"type":"task:output","task_id":"t","event_id":"i-%d","data":{"content":"%b"}}'
    return Translated("t", f"i-{number}", blob % (number, b"x" * size))


def test_what_was_imported_is_recorded_at_the_end(tmp_path: Path) -> None:
    """A reader that only reads finds all of it."""
    settings = settings_of(tmp_path)
    with open_import(settings, lambda _: None) as sink:
        sink.put([event(1), event(2)])

    with open_reader(settings) as reader:
        assert reader.task("t")["counts"]["entries"] == 2


def test_a_long_import_records_in_between(tmp_path: Path) -> None:
    """The spool stays small, however much is imported."""
    settings = settings_of(tmp_path)
    with open_parts(settings) as parts:
        sink = RecordingSink(parts, lambda _: None, record_bytes=10_000)
        waiting = [_put(sink, number, parts.layout) for number in range(20)]

    assert max(waiting) > 5_000
    assert waiting[9::10] == [0, 0]


def _put(sink: RecordingSink, number: int, layout: Layout) -> int:
    """How much waits after the event was put."""
    sink.put([event(number, 1_000)])
    return unrecorded_bytes(layout, 1)
