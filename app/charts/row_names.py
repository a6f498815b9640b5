"""What stands above a point or bar that has a row of its own, and how wide a text is."""

from collections.abc import Sequence
from unicodedata import east_asian_width

from app.charts.base import Look, safe
from app.charts.sketch import Sketch

_NAME_COLUMNS, _LINE_COLUMNS = 38, 48  # letters; those of Chinese are twice as wide


def name_rows(
    figure: Sketch,
    look: Look,
    texts: Sequence[str],
    places: Sequence[int],
    *,
    shift: int,
    rows: tuple[float, float],
) -> None:
    """Write a text above each row, where lines end at it, instead of names beside the axis.

    Parameters
    ----------
    figure, look : Sketch, Look
        Where, and in which colours.
    texts : sequence of str
        As :func:`line_above` returns them.
    places : sequence of int
        Of the rows on the axis.
    shift : int
        Pixels between a row and its text.
    rows : (float, float)
        From where to where the axis of the rows goes.
    """
    for text, place in zip(texts, places, strict=True):
        figure.add_annotation(
            text=text,
            x=0,
            xref="paper",
            xanchor="left",
            y=place,
            yanchor="bottom",
            yshift=shift,
            showarrow=False,
            bgcolor=look.colours.paper,
            borderpad=0,
            font={"size": 12.5, "color": look.colours.ink},
        )
    figure.update_yaxes(range=list(rows), showticklabels=False, showgrid=False, fixedrange=True)


def line_above(name: str, figure: str, n: str) -> str:
    """Return what stands above a point or bar, short enough for a telephone."""
    while columns_wide(name) > _NAME_COLUMNS:
        name = f"{name.rstrip('…')[:-1]}…"
    room = n and columns_wide(f"{name} · {figure} · {n}") <= _LINE_COLUMNS
    rest = f" · {n}" if room else ""
    return f"{safe(name)} · <b>{safe(figure)}</b>{safe(rest)}"


def columns_wide(text: str) -> int:
    """Return how many letters wide a text is; those of Chinese are twice as wide."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
