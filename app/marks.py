"""Drawn marks as SVG text: the lamp, the status shapes and the sparkline."""

from collections.abc import Sequence
from math import isfinite

from app.palette import LIGHT
from core.domain.status import Status

# A lamp room on its tower, its beam falling to the right: two strokes of light over the water.
LAMP_MARK = (
    '<svg width="{size}" height="{size}" viewBox="0 0 32 32" fill="none" aria-hidden="true">'
    '<path d="M13.4 12.2h-5L6.6 28h8.6z" fill="{ink}"/>'
    '<path d="M7.9 5.6h6v5.1h-6z" fill="{accent}"/>'
    '<path d="M6.9 4.9 10.9 2l4 2.9z" fill="{ink}"/>'
    '<path d="M15.6 7.1 30 2.6v4.2L15.6 8.4z" fill="{accent}"/>'
    '<path d="m15.6 9.5 14.4 2.9v4.4L15.6 10.8z" fill="{accent}" opacity=".55"/>'
    '<path d="M18 24.6c2-1.6 4-1.6 6 0s4 1.6 6 0M18 28.6c2-1.6 4-1.6 6 0s4 1.6 6 0"'
    ' stroke="{ink}" stroke-width="1.7" stroke-linecap="round"/></svg>'
)

# Shape tells as much as colour: disc, triangle, square, dotted ring.
_SHAPES: dict[Status, str] = {
    Status.in_range: '<circle cx="7" cy="7" r="5.2" {style}/>',
    Status.watch: '<path d="M7 1.6 13 12.4H1z" {style} stroke-linejoin="round"/>',
    Status.act: '<path d="M2 2h10v10H2z" {style} stroke-linejoin="round"/>',
    Status.not_enough_data: '<circle cx="7" cy="7" r="5" fill="none" stroke="{colour}"'
    ' stroke-width="1.8" stroke-dasharray="2.1 2.1"/>',
}
_OUTLINE = 'fill="{colour}" stroke="var(--hl-ink)" stroke-width="1"'

GLYPHS: dict[Status, str] = {
    Status.in_range: "●",
    Status.watch: "▲",
    Status.act: "■",
    Status.not_enough_data: "◌",
}


def wordmark(size: int = 26) -> str:
    """Return the lamp with the product's name, in the theme's colours."""
    lamp = LAMP_MARK.format(size=size, ink="var(--hl-ink)", accent="var(--hl-accent)")
    return f'<span class="hl-wordmark">{lamp}<span>Harbourlight</span></span>'


def status_shape(status: Status, size: int = 13) -> str:
    """Return the status's shape in its colour with an ink outline."""
    colour = LIGHT.statuses[status]
    shape = _SHAPES[status].format(style=_OUTLINE.format(colour=colour), colour=colour)
    return (
        f'<svg width="{size}" height="{size}" viewBox="0 0 14 14" aria-hidden="true">{shape}</svg>'
    )


def sparkline(
    values: Sequence[float],
    *,
    label: str,
    threshold: float | None = None,
    width: int = 148,
    height: int = 36,
) -> str:
    """Return a small line of the values from zero up, its last point marked.

    Parameters
    ----------
    values : sequence of float
        In time order; NaN leaves a gap.
    label : str
        Accessible name, already safe for an attribute (see ``escape``).
    threshold : float, optional
        Drawn as a thin dashed line.
    width, height : int
        In CSS pixels.
    """
    finite = [value for value in values if isfinite(value)]
    top = max([*finite, threshold or 0.0, 1e-12])
    step = (width - 8) / max(1, len(values) - 1)

    def place(index: int, value: float) -> tuple[float, float]:
        return 3 + index * step, height - 3 - (height - 8) * value / top

    path, pen_down = [], False
    for index, value in enumerate(values):
        if isfinite(value):
            x, y = place(index, value)
            path.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = isfinite(value)
    parts = [f'<svg width="{width}" height="{height}" role="img" aria-label="{label}">']
    if threshold is not None:
        y = place(0, threshold)[1]
        parts.append(
            f'<path d="M3 {y:.1f}H{width - 5}" stroke="var(--hl-muted)" stroke-width="1"'
            ' stroke-dasharray="2 3"/>'
        )
    parts.append(
        f'<path d="{"".join(path)}" fill="none" stroke="var(--hl-current)" stroke-width="1.6"'
        ' stroke-linejoin="round" stroke-linecap="round"/>'
    )
    if values and isfinite(values[-1]):
        x, y = place(len(values) - 1, values[-1])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="var(--hl-current)"/>')
    return "".join(parts) + "</svg>"
