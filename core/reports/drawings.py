"""Small drawings of reports as SVG: numbers in, shapes out, no text and nothing from outside."""

import math
from collections.abc import Sequence

from core.domain.status import Status

MUTED, INK = "#5B6875", "#16202A"
CURRENT, WORSE, BETTER = "#0072B2", "#D55E00", "#009E73"
STATUS_COLOURS = {
    Status.in_range: "#009E73",
    Status.watch: "#E69F00",
    Status.act: "#D55E00",
    Status.not_enough_data: "#7A869A",
}
_WIDTH, _HEIGHT, _PAD = 120.0, 28.0, 3.0
_SHAPES = {
    Status.in_range: '<circle cx="6" cy="6" r="4.6" {paint}/>',
    Status.watch: '<path d="M6 1 L11 10.4 L1 10.4 Z" {paint}/>',
    Status.act: '<rect x="1.6" y="1.6" width="8.8" height="8.8" {paint}/>',
    Status.not_enough_data: '<circle cx="6" cy="6" r="4.4" {paint} stroke-dasharray="2 1.6"/>',
}


def status_mark(status: Status) -> str:
    """Return the shape of a status: circle, triangle, square, or an open ring."""
    colour = STATUS_COLOURS[status]
    if status is Status.not_enough_data:
        paint = f'fill="none" stroke="{colour}" stroke-width="1.4"'
    else:
        paint = f'fill="{colour}" stroke="{INK}" stroke-width="0.7"'
    return _svg(12, 12, _SHAPES[status].format(paint=paint))


def course_line(values: Sequence[float], target: float | None = None) -> str:
    """Return a line through values at even distances; gaps stay open, the last one is marked.

    Parameters
    ----------
    values : sequence of float
        The oldest first; NaN where there is none.
    target : float, optional
        Drawn as a thin dashed line.
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return _svg(_WIDTH, _HEIGHT, "")
    bounds = [*known, target] if target is not None and math.isfinite(target) else known
    low, high = min(bounds), max(bounds)
    step = (_WIDTH - 2 * _PAD) / max(len(values) - 1, 1)

    def place(value: float) -> float:
        share = 0.5 if high == low else (value - low) / (high - low)
        return _HEIGHT - _PAD - share * (_HEIGHT - 2 * _PAD)

    parts = []
    if target is not None and math.isfinite(target):
        y = f"{place(target):.2f}"
        parts.append(
            f'<path d="M{_PAD} {y} H{_WIDTH - _PAD}" stroke="{MUTED}" stroke-width="0.8"'
            ' stroke-dasharray="3 2" fill="none"/>'
        )
    path, pen = [], False
    for number, value in enumerate(values):
        if math.isfinite(value):
            path.append(f"{'L' if pen else 'M'}{_PAD + number * step:.2f} {place(value):.2f}")
        pen = math.isfinite(value)
    parts.append(
        f'<path d="{" ".join(path)}" stroke="{CURRENT}" stroke-width="1.6" fill="none"'
        ' stroke-linejoin="round" stroke-linecap="round"/>'
    )
    if math.isfinite(values[-1]):
        x = _PAD + (len(values) - 1) * step
        parts.append(
            f'<circle cx="{x:.2f}" cy="{place(values[-1]):.2f}" r="2.2" fill="{CURRENT}"/>'
        )
    return _svg(_WIDTH, _HEIGHT, "".join(parts))


def cause_bar(value: float, largest: float) -> str:
    """Return a bar that goes left or right from the middle, as long as its share of the largest."""
    middle, half = _WIDTH / 2, _WIDTH / 2 - _PAD
    axis = f'<path d="M{middle} 0 V12" stroke="{MUTED}" stroke-width="0.8"/>'
    if not math.isfinite(value) or not largest > 0:
        return _svg(_WIDTH, 12, axis)
    length = min(abs(value) / largest, 1.0) * half
    x = middle if value >= 0 else middle - length
    bar = f'<rect x="{x:.2f}" y="2" width="{length:.2f}" height="8" fill="{CURRENT}"/>'
    return _svg(_WIDTH, 12, bar + axis)


def _svg(width: float, height: float, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}">{body}</svg>'
    )
