"""One bar a row with its interval, the longest first: what weighs how much."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.charts.base import Chart, Labels, Look, check_points, new_figure, safe
from app.charts.remembered import remembered
from app.charts.row_names import line_above, name_rows
from app.charts.sketch import Sketch
from app.charts.ticks import scale_of_rows

_ROW = 44  # pixels: a line of text above each bar
_THICK = 0.3
_Z = 1.96


@remembered
def ranked_bars(
    look: Look,
    labels: Labels,
    *,
    rows: Sequence[str],
    values: NDArray[np.float64],
    errors: NDArray[np.float64] | None = None,
    beside: Sequence[str],
    beside_word: str,
    write: Callable[[float], str],
) -> Chart:
    """Draw a bar from zero a row, the first row on top.

    Parameters
    ----------
    rows : sequence of str
        What each bar is of; written above it.
    values : array, shape (rows,)
        Lengths, none below zero.
    errors : array, shape (rows,), optional
        Standard errors: whiskers reach 1.96 of them to either side.
    beside : sequence of str
        What else is said of each row, after its figure where there is room for all of them.
    beside_word : str
        Heading of it in the table.
    write : callable
        Writes a figure.
    """
    check_points(len(rows))
    figure = new_figure(look, labels, height=86 + _ROW * max(len(rows), 1), unit_on="x")
    places = list(range(len(rows)))[::-1]
    _bars(figure, look, rows, values, errors, beside, places, write)
    above = _texts(rows, values, beside, write)
    name_rows(figure, look, above, places, shift=7, rows=(-0.4, len(rows) - 0.25))
    reach = values if errors is None else values + _Z * errors
    longest = float(reach.max()) if len(rows) else 0.0
    scale_of_rows(figure, 0.0, 1.04 * longest or 1.0, write)
    table = {labels.y: list(rows), labels.x: [write(float(value)) for value in values]}
    if errors is not None:
        table[look.t("Standard error")] = [write(float(error)) for error in errors]
    table[beside_word] = list(beside)
    return Chart(
        figure.finished(), _describe(look, labels, rows, values, write), pd.DataFrame(table), labels
    )


def _texts(
    rows: Sequence[str],
    values: NDArray[np.float64],
    beside: Sequence[str],
    write: Callable[[float], str],
) -> list[str]:
    """Return what stands above the bars: what is said beside all of them or beside none."""
    written = [write(float(value)) for value in values]
    full = [line_above(*each) for each in zip(rows, written, beside, strict=True)]
    if all(text.endswith(safe(also)) for text, also in zip(full, beside, strict=True)):
        return full
    return [line_above(row, value, "") for row, value in zip(rows, written, strict=True)]


def _bars(
    figure: Sketch,
    look: Look,
    rows: Sequence[str],
    values: NDArray[np.float64],
    errors: NDArray[np.float64] | None,
    beside: Sequence[str],
    places: Sequence[int],
    write: Callable[[float], str],
) -> None:
    whiskers = {} if errors is None else {"error_x": _whiskers(look, errors)}
    figure.add(
        "bar",
        orientation="h",
        x=np.round(values, 8).tolist(),
        y=places,
        width=_THICK,
        marker={"color": look.colours.current, "line": {"width": 0}},
        text=[safe(row) for row in rows],
        textposition="none",
        customdata=[
            [write(float(value)), safe(also)] for value, also in zip(values, beside, strict=True)
        ],
        hovertemplate="%{text}<br><b>%{customdata[0]}</b> · %{customdata[1]}<extra></extra>",
        **whiskers,
    )


def _whiskers(look: Look, errors: NDArray[np.float64]) -> dict[str, object]:
    return {
        "type": "data",
        "array": np.round(_Z * errors, 8).tolist(),
        "color": look.colours.ink,
        "thickness": 1.2,
        "width": 4,
    }


def _describe(
    look: Look,
    labels: Labels,
    rows: Sequence[str],
    values: NDArray[np.float64],
    write: Callable[[float], str],
) -> str:
    if not len(rows):
        return look.t("{title}: no value could be computed.", title=labels.title)
    said = (f"{row} {write(float(value))}" for row, value in zip(rows, values, strict=True))
    return look.t("{title}: {values}.", title=labels.title, values=look.t.items(*said))
