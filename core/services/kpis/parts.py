"""What the rows of a period are parted by, and what its parts are called for readers."""

from dataclasses import dataclass
from typing import Literal

from core.errors import InvalidInput
from core.lake.kpis.sums import PartBy
from core.lake.profiles.segments import slice_values
from core.services.personal.names import shown_labels
from core.services.questions import View
from core.services.reference.counts import live_bins
from core.services.workspace import Workspace

PartKind = Literal["", "segment", "version", "source"]


@dataclass(frozen=True, slots=True)
class Parts:
    """How rows are parted.

    Parameters
    ----------
    kind : {"", "segment", "version", "source"}
        By what.
    by : PartBy
        The same for the lake.
    labels : tuple of str
        Values of a segment as readers see them, in the order of their codes.
    """

    kind: PartKind
    by: PartBy
    labels: tuple[str, ...] = ()

    def name(self, key: str) -> str:
        """Return what a part is called; values of personal columns have a number."""
        return self.labels[int(key)] if self.kind == "segment" else key

    def order(self, key: str) -> tuple[int, str]:
        """Return the place of a part: that of its label, else by name."""
        return (int(key), "") if self.kind == "segment" else (0, key)


def parts_of(
    workspace: Workspace, view: View, segment: str | None, *, by_version: bool, by_source: bool
) -> Parts:
    """Return how rows are parted.

    Raises
    ------
    InvalidInput
        If more than one thing is asked for, or there is no such segment.
    NothingYet
        If values of a segment are asked for before the reference is complete.
    """
    if (segment is not None) + by_version + by_source > 1:
        raise InvalidInput(
            "KPIs are parted by one thing at a time.",
            remedy="Ask for a segment, for versions or for deciders.",
        )
    if by_version:
        return Parts("version", PartBy(column="version"))
    if by_source:
        return Parts("source", PartBy(column="decided_by"))
    if segment is None:
        return Parts("", PartBy())
    names = [each.name for each in view.contract.segments]
    if segment not in names:
        raise InvalidInput(
            "{model} has no segment {segment}.",
            remedy="Choose from: {names}.",
            model=view.contract.id,
            segment=segment,
            names=", ".join(names) or "–",
        )
    cuts = slice_values(view.contract, live_bins(workspace, view))
    cut = next((each for each in cuts if each.name == segment), None)
    if cut is None:
        raise InvalidInput(
            "The segment {segment} has no values yet.",
            remedy="Run 'harbourlight model reference rebuild {model}'.",
            segment=segment,
            model=view.contract.id,
        )
    return Parts("segment", PartBy(segment=cut), shown_labels(view.contract, cut))
