"""A sketch gives the figure that the same calls on Plotly's own figure give."""

import plotly.graph_objects as go
import pytest

from app.charts.sketch import Sketch

LINE = {"color": "#123456", "width": 1, "dash": "dot"}
NOTE = {"text": "act", "x": 1, "xref": "paper", "y": 0.2, "showarrow": False}


def test_the_calls_mean_what_they_mean_to_plotly() -> None:
    layout = {"template": "none", "margin": {"l": 8, "t": 36}, "xaxis": {"title": {"text": "day"}}}
    ours, theirs = Sketch(**layout), go.Figure(layout=layout)
    theirs.add_trace(go.Scatter(x=[1, 2], y=[3, None], line={"width": 2}))
    ours.add("scatter", x=[1, 2], y=[3, None], line={"width": 2})
    for figure in (ours, theirs):
        figure.update_layout(margin={"t": 84}, bargap=0.1)
        figure.update_xaxes(type="date", title={"text": "month"})
        figure.update_yaxes(range=[0, 1])
        figure.add_hline(y=0.2, line=LINE)
        figure.add_vline(x="2024-05-01", line=LINE)
        figure.add_vrect(x0="2024-01-01", x1="2024-02-01", fillcolor="#eee", line_width=0)
        figure.add_annotation(**NOTE)
    assert ours.finished().to_dict() == theirs.to_dict()


def test_changes_are_merged_and_leave_what_was_given_alone() -> None:
    margin = {"l": 8, "t": 36}
    sketch = Sketch(margin=margin)
    sketch.update_layout(margin={"t": 84})
    assert sketch.layout["margin"] == {"l": 8, "t": 84}
    assert margin == {"l": 8, "t": 36}


def test_a_second_panel_follows_the_first() -> None:
    sketch = Sketch(yaxis={}, yaxis2={"nticks": 3})
    sketch.update_yaxes(rangemode="tozero")
    assert sketch.layout["yaxis"] == {"rangemode": "tozero"}
    assert sketch.layout["yaxis2"] == {"nticks": 3, "rangemode": "tozero"}


def test_what_plotly_does_not_know_is_refused() -> None:
    sketch = Sketch()
    sketch.add("scatter", colour="red")
    with pytest.raises(ValueError, match="colour"):
        sketch.finished()
