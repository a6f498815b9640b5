"""Ticks on time axes: where a new model version begins in the log."""

from app.charts import Mark
from app.context import PageContext
from core.services.questions import View
from core.services.versions import versions_seen


def version_marks(ctx: PageContext, view: View) -> list[Mark]:
    """Return a tick for each version that began after the view's first chunk."""
    t = ctx.t
    marks = []
    begin = view.chunks[0].end if view.chunks else view.window.start
    for seen in versions_seen(ctx.workspace, view)[1:]:
        if begin <= seen.first < view.window.end:
            label = t("version {version}", version=seen.version)
            if not seen.registered:
                label = t("version {version}, not registered", version=seen.version)
            marks.append(Mark(seen.first.astimezone(view.contract.zone), label, "version"))
    return marks
