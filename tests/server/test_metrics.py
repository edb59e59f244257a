"""The figures for monitoring: the table is complete, what is not known is left out."""

import msgspec
import pytest

from tasktrail.server.metrics import FIGURES, figures, render_text, wants_json
from tasktrail.service.figures import Metrics


def test_the_table_has_every_figure() -> None:
    """Each field has its row, each row another name, each name our prefix."""
    fields = [field.name for field in msgspec.structs.fields(Metrics) if field.name != "trouble"]
    names = [figure.name for figure in FIGURES]

    assert [figure.field for figure in FIGURES] == fields
    assert len(set(names)) == len(names)
    assert [name for name in names if not name.startswith("tasktrail_")] == []


def test_an_unknown_figure_is_no_zero() -> None:
    """Prometheus sees a gap where nobody knows."""
    text = render_text(Metrics(queue_depth=0))

    assert b"tasktrail_queue_depth 0.0" in text
    assert b"tasktrail_tasks" not in text


def test_a_counter_is_called_total() -> None:
    """As the format wants it."""
    assert b"\ntasktrail_gap_total 2.0\n" in render_text(Metrics(gaps=2))


def test_the_seven_figures_are_always_there() -> None:
    """Also when nothing is known, and with the error when something failed."""
    answer = figures(Metrics(trouble=("a", "b")))

    assert len(answer) == 8
    assert answer["queue_depth"] is None
    assert answer["error"] == "a; b"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("APPLICATION/JSON, text/plain", True),
        ("text/plain, application/json", False),
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", False),
    ],
)
def test_json_only_when_asked_for(accept: str, *, expected: bool) -> None:
    """Browsers and scrapers get text, programs that say JSON get JSON."""
    assert wants_json(accept) is expected
