"""Why an alarm was raised: faults of the data first, what moved, where most, what else changed."""

from dataclasses import dataclass
from datetime import timedelta

from core.domain.windows import Chunk
from core.lake.profiles.segments import slice_values
from core.lake.profiles.view import ProfileView
from core.metrics.alarms import Verdict, Why, explain
from core.metrics.arrays import Floats
from core.services.drift_alarms.judged import JudgedMonth
from core.services.personal.names import masked_bins, shown_labels
from core.services.registry.versions import VersionSeen, versions_seen
from core.services.workspace import Workspace

_METHOD_OF_RATES = "jensen_shannon"
_NEAR = timedelta(days=31)


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """What was found for one alarm.

    Parameters
    ----------
    look : Chunk
        When.
    why : Why
        Faults, moved mass and slices; names of personal categories are numbered.
    versions : tuple of VersionSeen
        Model versions that began within a month before the look ended.
    """

    look: Chunk
    why: Why
    versions: tuple[VersionSeen, ...]


def reasons_of(workspace: Workspace, month: JudgedMonth, verdict: Verdict) -> Reasons:
    """Say why a figure of a judged month is out; remembered.

    Parameters
    ----------
    workspace : Workspace
        Where.
    month : JudgedMonth
        Measured under a permission.
    verdict : Verdict
        One of its figures.
    """
    key = ("reasons", month.view.key, verdict.member, verdict.check)
    return workspace.memo.get(key, lambda: _reasons(workspace, month, verdict))


def _reasons(workspace: Workspace, month: JudgedMonth, verdict: Verdict) -> Reasons:
    view, name = month.view, verdict.member.series
    look = next(chunk for chunk in month.looks if chunk.key == verdict.check)
    bins = masked_bins(view.contract, name, month.bins.features[name])
    profiles = workspace.profiles.view(view.contract, view.generation, view.files, month.bins)
    reference = profiles.reference_counts([name], jurisdictions=view.jurisdictions)[name]
    current = profiles.feature_counts(
        [name],
        [look],
        versions=view.versions,
        jurisdictions=view.jurisdictions,
        until=view.as_of,
    )[name].merged()
    method = verdict.member.measure
    why = explain(
        _METHOD_OF_RATES if method.endswith("_share") else method,
        bins,
        reference,
        current,
        slices=_slices(month, profiles, name, look),
    )
    began = tuple(
        seen
        for seen in versions_seen(workspace, view)[1:]
        if look.start - _NEAR <= seen.first < look.end
    )
    return Reasons(look, why, began)


def _slices(
    month: JudgedMonth, profiles: ProfileView, name: str, look: Chunk
) -> dict[str, dict[str, tuple[Floats, Floats]]]:
    """Return the counts of both sides by segment and value, unless the view is a slice itself."""
    view = month.view
    found: dict[str, dict[str, tuple[Floats, Floats]]] = {}
    if view.slice is not None:
        return found
    for cut in slice_values(view.contract, month.bins):
        sides = {}
        for label, shown in zip(cut.labels, shown_labels(view.contract, cut), strict=True):
            before = profiles.reference_counts(
                [name], slice=(cut.name, label), jurisdictions=view.jurisdictions
            )
            after = profiles.feature_counts(
                [name],
                [look],
                slice=(cut.name, label),
                versions=view.versions,
                jurisdictions=view.jurisdictions,
                until=view.as_of,
            )
            rows = before[name].n, after[name].merged().n
            if rows[0].sum() or rows[1].sum():
                sides[shown] = rows
        if sides:
            found[cut.name] = sides
    return found
