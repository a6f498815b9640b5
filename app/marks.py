"""Drawn marks: the lamp, the status shapes and the sparkline.

Streamlit removes inline SVG from HTML, so marks reach the page as data addresses: shapes and the
lamp as CSS backgrounds made by ``app.theme``, the sparkline as an image with its own text.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite
from urllib.parse import quote

from app.palette import Palette
from core.domain.status import Status

# A lamp room on its tower, its beam falling to the right over the water.
_LAMP = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none">'
    '<path d="M13.4 12.2h-5L6.6 28h8.6z" fill="{ink}"/>'
    '<path d="M7.9 5.6h6v5.1h-6z" fill="{accent}"/>'
    '<path d="M6.9 4.9 10.9 2l4 2.9z" fill="{ink}"/>'
    '<path d="M15.6 7.1 30 2.6v4.2L15.6 8.4z" fill="{accent}"/>'
    '<path d="m15.6 9.5 14.4 2.9v4.4L15.6 10.8z" fill="{accent}" opacity=".55"/>'
    '<path d="M18 24.6c2-1.6 4-1.6 6 0s4 1.6 6 0M18 28.6c2-1.6 4-1.6 6 0s4 1.6 6 0"'
    ' stroke="{ink}" stroke-width="1.7" stroke-linecap="round"/></svg>'
)

# Shape tells as much as colour: disc, triangle, square, dotted ring.
_SHAPES: Mapping[Status, str] = {
    Status.in_range: '<circle cx="7" cy="7" r="5.4" {style}/>',
    Status.watch: '<path d="M7 1.4 13.2 12.6H.8z" {style} stroke-linejoin="round"/>',
    Status.act: '<path d="M1.9 1.9h10.2v10.2H1.9z" {style} stroke-linejoin="round"/>',
    Status.not_enough_data: '<circle cx="7" cy="7" r="5.4" stroke="{colour}" stroke-width="1.8"'
    ' stroke-dasharray="2.1 2.14"/>',
}

GLYPHS: Mapping[Status, str] = {
    Status.in_range: "●",
    Status.watch: "▲",
    Status.act: "■",
    Status.not_enough_data: "◌",
}


@lru_cache(maxsize=256)
def data_address(svg: str) -> str:
    """Return an SVG text as an address for ``url()`` or ``src``."""
    return f"data:image/svg+xml,{quote(svg, safe='')}"


def lamp(colours: Palette) -> str:
    """Return the lamp mark as an SVG text."""
    return _LAMP.format(ink=colours.ink, accent=colours.accent)


def status_shape(status: Status, colours: Palette, *, margin: int = 0) -> str:
    """Return the status's shape in its colour with an ink outline, as an SVG text."""
    colour = colours.statuses[status]
    style = f'fill="{colour}" stroke="{colours.ink}" stroke-width="1"'
    shape = _SHAPES[status].format(style=style, colour=colour)
    box = f"{-margin} {-margin} {14 + 2 * margin} {14 + 2 * margin}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" fill="none">{shape}</svg>'


def wordmark() -> str:
    """Return the lamp with the product's name, as HTML."""
    return '<span class="hl-wordmark"><i class="hl-lamp"></i><span>Harbourlight</span></span>'


def sparkline(
    values: Sequence[float],
    colours: Palette,
    *,
    threshold: float | None = None,
    width: int = 156,
    height: int = 40,
) -> str:
    """Return a small line of the values from zero up, its last point marked, as an SVG text.

    Parameters
    ----------
    values : sequence of float
        In time order; NaN leaves a gap.
    colours : Palette
        The theme's colours.
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
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" fill="none">'
    ]
    if threshold is not None:
        y = place(0, threshold)[1]
        parts.append(
            f'<path d="M3 {y:.1f}H{width - 5}" stroke="{colours.muted}" stroke-width="1"'
            ' stroke-dasharray="2 3"/>'
        )
    parts.append(
        f'<path d="{"".join(path)}" stroke="{colours.current}" stroke-width="1.6"'
        ' stroke-linejoin="round" stroke-linecap="round"/>'
    )
    if values and isfinite(values[-1]):
        x, y = place(len(values) - 1, values[-1])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{colours.current}"/>')
    return "".join(parts) + "</svg>"
