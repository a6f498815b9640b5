"""The slices of a model as rows: what the page, ``--json`` and files say of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.services.questions import View

COUNTED = frozenset({"calibration_gap", "precision", "recall", "specificity", "accuracy"})
"""Figures that are shares of rows, so that their damage is a number of rows."""


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One figure of one slice beside the rest of the rows.

    Parameters
    ----------
    metric : str
        Id of the figure.
    slice : tuple of (str, str)
        Segment and value as readers see it; of a pair, two.
    n : int
        Matured labelled rows of the slice.
    affected : int
        Those that the figure is of, such as the flagged ones for a precision.
    value, rest : float
        The figure of the slice, and of all other rows; NaN where it was not computed.
    difference, low, high : float
        The one minus the other, with the 95 % interval of this slice alone.
    p_value, adjusted : float
        As if this were the only comparison, and for having looked at all of them.
    damage : float
        Affected rows times the difference, positive where the slice is worse. Of a share, rows:
        positives beyond what scores expected, false alarms or misses beyond those of the rest.
    significant : bool
        Whether the adjusted p-value is at most the level of the table.
    status : str
        ``ok``, or why the slice was not judged: ``too_few`` rows for this figure,
        ``too_few_others`` beside it, or ``too_few_events`` of what is counted.
    """

    metric: str
    slice: tuple[tuple[str, str], ...]
    n: int
    affected: int
    value: float
    rest: float
    difference: float
    low: float
    high: float
    p_value: float
    adjusted: float
    damage: float
    significant: bool
    status: str

    @property
    def found(self) -> bool:
        """Whether the slice is worse than the rest, beyond chance."""
        return self.significant and self.damage > 0

    @property
    def text(self) -> str:
        """The slice as ``name=value``, two joined by `` & ``."""
        return " & ".join(f"{name}={value}" for name, value in self.slice)


@dataclass(frozen=True, slots=True, eq=False)
class SegmentTable:
    """Every slice of a view by every figure.

    Parameters
    ----------
    view : View
        The question made exact: one period.
    n : int
        Matured labelled rows of the period.
    figures : mapping of str to tuple of SliceRow
        By metric id; first what is worse beyond chance, each by its damage.
    slices : int
        How many slices have a row.
    small : int
        How many of them have fewer than ``minimum_n`` rows: they are counted, and nothing is said
        of them.
    minimum_n : int
        Rows below which no slice is judged.
    comparisons : int
        How many were judged, of all figures: what the p-values are adjusted for.
    level : float
        Probability of one false finding or more in the whole table.
    pairs : bool
        Whether slices of two segments together are among them.
    """

    view: View
    n: int
    figures: Mapping[str, tuple[SliceRow, ...]]
    slices: int
    small: int
    minimum_n: int
    comparisons: int
    level: float
    pairs: bool

    def judged(self, name: str) -> tuple[SliceRow, ...]:
        """Return the slices that were judged by a figure, in the order of the table."""
        return tuple(row for row in self.figures.get(name, ()) if row.status == "ok")

    def found(self, name: str) -> tuple[SliceRow, ...]:
        """Return the slices that are worse than the rest beyond chance."""
        return tuple(row for row in self.figures.get(name, ()) if row.found)


_FIGURES = (
    "metric", "text", "n", "affected", "value", "rest", "difference", "low", "high",
    "p_value", "adjusted", "damage", "significant", "status",
)  # fmt: skip


def csv_table(table: SegmentTable) -> tuple[list[str], list[list[object]]]:
    """Return header and lines, one a figure of a slice, each with what was asked."""
    view = table.view
    asked: dict[str, object] = {
        "model": view.contract.id,
        "from": view.window.start.isoformat(),
        "to": view.window.end.isoformat(),
        "as_of": view.as_of.isoformat(),
        "version": view.question.version or "",
        "within": view.slice_text or "",
        "comparisons": table.comparisons,
    }
    rows: Sequence[SliceRow] = [row for each in table.figures.values() for row in each]
    lines = []
    for row in rows:
        every = [*asked.values(), *(getattr(row, name) for name in _FIGURES)]
        lines.append([None if each != each else each for each in every])  # NaN differs
    header = ["slice" if name == "text" else name for name in _FIGURES]
    return [*asked, *header], lines
