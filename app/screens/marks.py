"""Ticks on time axes: new model versions, incidents, changes of thresholds, notes."""

from typing import Literal

from app.charts import Mark
from app.context import PageContext
from core.services.annotations import Happening, happenings
from core.services.questions import View
from core.services.registry.versions import versions_seen

_DASHES: dict[str, Literal["version", "incident", "threshold"]] = {
    "incident": "incident",
    "threshold": "threshold",
    "thresholds_changed": "threshold",
}


def version_marks(ctx: PageContext, view: View) -> list[Mark]:
    """Return a tick for each version that began after the view's first chunk, and what was noted.

    What people noted and changes of thresholds come from the model's annotations and contract.
    """
    t = ctx.t
    marks = []
    begin = view.chunks[0].end if view.chunks else view.window.start
    for seen in versions_seen(ctx.workspace, view)[1:]:
        if begin <= seen.first < view.window.end:
            label = t("version {version}", version=seen.version)
            if not seen.registered:
                label = t("version {version}, not registered", version=seen.version)
            marks.append(Mark(seen.first.astimezone(view.contract.zone), label, "version"))
    return marks + noted_marks(ctx, view)


def noted_marks(ctx: PageContext, view: View) -> list[Mark]:
    """Return a tick for what people noted, and for each change of thresholds."""
    return [_mark(ctx, view, each) for each in happenings(ctx.workspace, view)]


def _mark(ctx: PageContext, view: View, found: Happening) -> Mark:
    label = found.label
    if found.kind == "thresholds_changed":
        label = ctx.t("thresholds changed")
    kind = _DASHES.get(found.kind, "version")
    return Mark(found.at.astimezone(view.contract.zone), label, kind)
