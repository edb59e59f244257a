"""What is documented of answers about what was found; test_answers holds it against real ones."""

import msgspec

from tasktrail.server.found_answers import JobEntry, SearchLine
from tests.server.fakes import row


def test_an_entry_of_a_job_names_its_trail_besides() -> None:
    """All else is as in any other entry."""
    sent = msgspec.json.encode(row("c-1", 1) | {"trail_id": "JB_1"})
    shown = msgspec.json.decode(sent, type=JobEntry)

    assert (shown.task_id, shown.trail_id, shown.seq) == ("c-1", "JB_1", 1)


def test_a_line_of_a_search_has_only_what_its_type_has() -> None:
    """Nothing that is not said stands in it."""
    assert msgspec.json.encode(SearchLine("start", limit=5)) == b'{"type":"start","limit":5}'
