"""The one cut-off that flagged the rows of a period, or why there is none."""

from core.contract.cut_offs import CutOff, cut_offs
from core.domain.windows import Chunk, local_day, start_of_day
from core.lake.versions import version_spans
from core.services.confidence import Unsaid
from core.services.questions import View
from core.services.workspace import Workspace


def cut_off_in_force(workspace: Workspace, view: View, chunk: Chunk) -> CutOff | Unsaid:
    """Return the cut-off of the rows of a chunk: that of their versions, else of their days.

    Without a policy that sets one, it is an even chance, which flags rows of which the log does not
    say what was predicted.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        Resolved under a permission.
    chunk : Chunk
        One of its chunks.

    Returns
    -------
    CutOff or Unsaid
        ``several_cut_offs`` if the rows have more than one, ``no_cut_off`` if the log says what was
        predicted and no policy sets one.
    """
    known, zone = cut_offs(view.contract), view.timezone
    inside = [day for day, _ in known.by_day if chunk.start < start_of_day(day, zone) < chunk.end]
    days = (local_day(chunk.start, zone), *inside)
    found = {
        (cut.value, cut.included, cut.policy != ""): cut
        for version in _versions(workspace, view, chunk)
        for day in days
        for cut in (known.of(version, day),)
    }
    if len(found) > 1:
        return Unsaid.several_cut_offs
    (cut,) = found.values()
    if not cut.policy and "prediction" in view.contract.log.mapping():
        return Unsaid.no_cut_off
    return cut


def _versions(workspace: Workspace, view: View, chunk: Chunk) -> tuple[str, ...]:
    """Return the versions of a chunk's rows; any stands for all where no version has a policy."""
    if view.question.version:
        return (view.question.version,)
    if not cut_offs(view.contract).by_version:
        return ("",)
    paths = workspace.lake_paths(view.data_files("predictions"))
    spans = workspace.memo.get(
        ("versions of", view.contract.id, view.generation, view.jurisdictions, chunk),
        lambda: version_spans(
            workspace.duck, paths, view.jurisdictions, span=(chunk.start, chunk.end)
        ),
    )
    return tuple(span.version for span in spans) or ("",)
