"""The small line of a KPI over its periods: its target, and what is not final yet."""

from collections.abc import Callable, Sequence
from math import isfinite, nan

from app.palette import Palette

_MARGIN = 4
# A line that hardly moves must not look like one that jumps.
_LEAST_SPAN = 0.1
Place = Callable[[int, float], tuple[float, float]]


def kpi_line(
    values: Sequence[float],
    colours: Palette,
    *,
    targets: Sequence[float] = (),
    partial: Sequence[bool] = (),
    chosen: int | None = None,
    width: int = 132,
    height: int = 44,
) -> str:
    """Return the line as an SVG text; what it shows is told in words beside it.

    Parameters
    ----------
    values : sequence of float
        By period, in time order; NaN leaves a gap.
    colours : Palette
        The theme's colours.
    targets : sequence of float
        The target of each period, drawn dashed; NaN where there is none.
    partial : sequence of bool
        Periods whose figure is not final: hollow points.
    chosen : int, optional
        The period that the card tells of: a larger point.
    width, height : int
        In CSS pixels.
    """
    place = _scale(values, targets, width, height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" fill="none">'
    ]
    if path := _path(targets, place):
        parts.append(
            f'<path d="{path}" stroke="{colours.muted}" stroke-width="1" stroke-dasharray="2 3"/>'
        )
    faint = [*partial, *(False for _ in values[len(partial) :])]
    final = [nan if each else value for value, each in zip(values, faint, strict=True)]
    if path := _path(final, place):
        parts.append(
            f'<path d="{path}" stroke="{colours.current}" stroke-width="1.6"'
            ' stroke-linejoin="round" stroke-linecap="round"/>'
        )
    parts += [
        _dot(place(index, value), colours, 1.9, hollow=True)
        for index, value in enumerate(values)
        if faint[index] and isfinite(value)
    ]
    if chosen is not None and chosen < len(values) and isfinite(values[chosen]):
        hollow = faint[chosen]
        parts.append(_dot(place(chosen, values[chosen]), colours, 3.0, hollow=hollow))
    return "".join(parts) + "</svg>"


def _scale(values: Sequence[float], targets: Sequence[float], width: int, height: int) -> Place:
    """Return where a value of a period is drawn."""
    known = [value for value in (*values, *targets) if isfinite(value)] or [0.0]
    bottom, top = min(known), max(known)
    least = _LEAST_SPAN * max(abs(bottom), abs(top)) or 1.0
    if top - bottom < least:
        middle = (bottom + top) / 2
        bottom, top = middle - least / 2, middle + least / 2
    step = (width - 2 * _MARGIN) / max(1, len(values) - 1)

    def place(index: int, value: float) -> tuple[float, float]:
        share = (value - bottom) / (top - bottom)
        return _MARGIN + index * step, height - _MARGIN - (height - 2 * _MARGIN) * share

    return place


def _path(values: Sequence[float], place: Place) -> str:
    """Return the moves of a pen that is lifted where nothing is known."""
    moves, pen_down = [], False
    for index, value in enumerate(values):
        if isfinite(value):
            x, y = place(index, value)
            moves.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
            alone = not pen_down and (index + 1 == len(values) or not isfinite(values[index + 1]))
            if alone:
                moves.append("h0.1")  # one period alone is a point
        pen_down = isfinite(value)
    return "".join(moves)


def _dot(at: tuple[float, float], colours: Palette, radius: float, *, hollow: bool) -> str:
    fill = colours.card if hollow else colours.current
    return (
        f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius}" fill="{fill}"'
        f' stroke="{colours.current}" stroke-width="1.2"/>'
    )
