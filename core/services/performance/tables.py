"""Performance figures as a table for a file: each line also says what was asked."""

from collections.abc import Sequence

from core.services.performance.rows import PerformanceRow
from core.services.questions import View

_FIGURES = (
    "realised", "realised_low", "realised_high", "estimated", "lower", "upper",
    "n", "labelled", "left_out", "labelled_share", "maturity", "basis",
    "threshold", "status", "level", "unit", "bound", "covered", "concept_drift",
)  # fmt: skip


def csv_table(view: View, rows: Sequence[PerformanceRow]) -> tuple[list[str], list[list[object]]]:
    """Return header and lines, one a figure; what is not known is empty.

    ``class`` is empty but for figures of one class of several.
    """
    asked: dict[str, object] = {
        "model": view.contract.id,
        "from": view.window.start.isoformat(),
        "to": view.window.end.isoformat(),
        "as_of": view.as_of.isoformat(),
        "version": view.question.version or "",
        "slice": view.slice_text or "",
    }
    lines = []
    for row in rows:
        of_class = getattr(row, "of_class", None)
        every = [*asked.values(), row.chunk["key"], row.metric, of_class, row.chunk["n"]]
        every += [getattr(row, name) for name in _FIGURES]
        every.append(" ".join(row.warnings))
        lines.append([None if each != each else each for each in every])  # NaN differs
    return [*asked, "chunk", "metric", "class", "predictions", *_FIGURES, "warnings"], lines
