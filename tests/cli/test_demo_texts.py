"""What the demo's agents work on."""

from tasktrail.cli.demo_texts import PLOTS, Ask, Search, Tool


def test_every_plot_ends_somehow() -> None:
    """A plot has a result or an error, never neither."""
    assert [plot.title for plot in PLOTS if not (plot.result or plot.error)] == []


def test_plots_show_everything_an_agent_does() -> None:
    """Over all plots tools fail and work, knowledge is searched and people are asked."""
    beats = [beat for plot in PLOTS for beat in plot.beats]
    tools = [beat for beat in beats if isinstance(beat, Tool)]

    assert {tool.is_error for tool in tools} == {True, False}
    assert len([beat for beat in beats if isinstance(beat, Search)]) >= 2
    assert len([beat for beat in beats if isinstance(beat, Ask)]) >= 2


def test_plots_come_from_everywhere() -> None:
    """Each origin is there, and titles are not repeated."""
    assert {plot.origin for plot in PLOTS} == {"github", "jira", "slack", "dashboard"}
    assert len({plot.title for plot in PLOTS}) == len(PLOTS)
