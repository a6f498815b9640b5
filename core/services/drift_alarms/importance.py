"""How much each feature matters to the score, so that harmless drift sinks."""

from collections.abc import Mapping

import numpy as np

from core.lake.row_filter import RowFilter
from core.lake.sample_rows import sample_rows
from core.services.questions import View
from core.services.reproduce.models import LoadedVersion, load_version, recomputed
from core.services.reproduce.rows import input_frame
from core.services.workspace import Workspace
from core.store import models

ROWS = 2_000
_SEED = 0


def feature_importance(workspace: Workspace, view: View) -> Mapping[str, float]:
    """Return by how much the score changes on average if a feature's values are shuffled.

    Permutation importance of the registered model on a sample of logged rows, without labels: the
    mean absolute change of the score, so a feature that the model hardly reads has an importance
    near 0. Remembered by model file and sample.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        Resolved under a permission.

    Returns
    -------
    mapping of str to float
        By feature, in the unit of the score; empty if no registered model can be run.

    Notes
    -----
    Breiman (2001), with the change of the prediction in place of that of the loss, as Fisher,
    Rudin and Dominici (2019) do for a model's reliance.
    """
    with workspace.store.read() as conn:
        files = models.artefacts(conn, view.contract.id)
    newest = view.question.version or (view.contract.versions or (None,))[-1]
    name = newest if isinstance(newest, str) else newest.id if newest else ""
    shas = tuple(file.sha256 for file in files)
    key = ("importance", view.contract.id, name, shas, view.generation, view.jurisdictions)

    def found() -> Mapping[str, float]:
        return _importance(workspace, view, load_version(workspace, view.contract, name, files))

    return workspace.memo.get(key, found)


def _importance(workspace: Workspace, view: View, loaded: LoadedVersion) -> Mapping[str, float]:
    if loaded.reason is not None:
        return {}
    contract = view.contract
    inputs = [name for name in loaded.inputs if name in contract.stored_columns]
    drawn = sample_rows(
        workspace.duck,
        workspace.lake_paths(view.data_files("predictions")),
        contract,
        [contract.alias(name) for name in inputs],
        size=ROWS,
        seed=_SEED,
        row_filter=RowFilter(jurisdictions=view.jurisdictions, until=view.as_of),
    )
    if len(inputs) < len(loaded.inputs) or not drawn.rows.num_rows:
        return {}
    frame = input_frame(contract, inputs, drawn.rows.to_pylist())
    before = recomputed(loaded, contract, frame)
    draw = np.random.default_rng(_SEED)
    found: dict[str, float] = {}
    for name in inputs:
        mixed = frame.copy()
        mixed[name] = frame[name].to_numpy()[draw.permutation(len(frame))]
        found[name] = float(np.nanmean(np.abs(recomputed(loaded, contract, mixed) - before)))
    return found
