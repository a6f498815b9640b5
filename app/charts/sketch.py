"""A figure in the making: plain mappings, which Plotly checks once when it is finished.

Each change of a finished Plotly figure looks every name up again; one with ten changes takes five
times as long as one that is made in one piece.
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go


class Sketch:
    """Traces and layout of a figure; named as Plotly's own ``Figure`` names them.

    Parameters
    ----------
    **layout
        Properties of the layout.
    """

    def __init__(self, **layout: Any) -> None:
        self.data: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {"shapes": [], "annotations": [], **layout}

    def add(self, kind: str, **properties: Any) -> None:
        """Add a trace, such as ``add("scatter", x=…, y=…)``."""
        self.data.append({"type": kind, **properties})

    def update_layout(self, **properties: Any) -> None:
        """Change properties of the layout; mappings are merged, anything else is replaced."""
        _merge(self.layout, properties)

    def update_xaxes(self, **properties: Any) -> None:
        """Change the axis along the bottom."""
        self.update_layout(xaxis=properties)

    def update_yaxes(self, **properties: Any) -> None:
        """Change the axis along the side, and the one of a second panel if there is one."""
        self.update_layout(yaxis=properties)
        if "yaxis2" in self.layout:
            self.update_layout(yaxis2=properties)

    def add_hline(self, y: float, line: Mapping[str, Any]) -> None:
        """Draw a line across the plot."""
        self._shape("line", line=line, xref="x domain", x0=0, x1=1, yref="y", y0=y, y1=y)

    def add_vline(self, x: str | float, line: Mapping[str, Any]) -> None:
        """Draw a line from the bottom of the plot to its top."""
        self._shape("line", line=line, xref="x", x0=x, x1=x, yref="y domain", y0=0, y1=1)

    def add_vrect(self, x0: str, x1: str, **properties: Any) -> None:
        """Shade the plot between two places."""
        self._shape("rect", xref="x", x0=x0, x1=x1, yref="y domain", y0=0, y1=1, **properties)

    def add_annotation(self, **properties: Any) -> None:
        """Write a text into the plot."""
        self.layout["annotations"].append(properties)

    def finished(self) -> go.Figure:
        """Return the figure.

        Raises
        ------
        ValueError
            If a property is none of Plotly's, or has a value that it does not take.
        """
        return go.Figure(data=self.data, layout=self.layout)

    def _shape(self, kind: str, **properties: Any) -> None:
        self.layout["shapes"].append({"type": kind, **properties})


def _merge(into: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        known = into.get(name)
        if isinstance(known, dict) and isinstance(value, Mapping):
            into[name] = dict(known)
            _merge(into[name], value)
        else:
            into[name] = value
