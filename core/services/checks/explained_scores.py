"""Alarms of what explanations found: the registered model gives another score than the log."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.identity import Permission
from core.errors import NotComputable
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.services import access
from core.services.checks.context import CheckContext, NewAlarm
from core.services.reproduce.compare import Compared, compare
from core.services.reproduce.models import load_version, score_columns
from core.services.reproduce.result import Mismatch
from core.services.reproduce.rows import Drawn
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.explanations import score_findings
from core.store.explanations.score_findings import MOST, NOT_SCORED

_NAMED = 20
_ALWAYS = ("prediction_id", "time", "version", "decision", "status")


def explanation_mismatches(
    workspace: Workspace, model: str, context: CheckContext
) -> list[NewAlarm]:
    """Return an alarm if decisions that explanations found to differ still do.

    Those that an explanation, kept or not, gave another score than the log are scored again by the
    registered file of their version, the newest two hundred. Those whose file is gone since, or is
    another one, are one to watch: nothing is proved.

    Raises
    ------
    NotComputable
        If the log has no score.
    """
    access.require(context.actor, Permission.check_run, model=model)
    if not score_columns(context.contract):
        raise NotComputable("The log of {model} has no score to reproduce.", model=model)
    with workspace.store.read() as conn:
        asked = [*score_findings.found(conn, model), *score_findings.kept_as_differing(conn, model)]
    compared = _scored_again(workspace, context, list(dict.fromkeys(asked))[:MOST])
    differing = sum(each.checked.score_mismatches for each in compared)
    lost = sum(sum(_lost(each).values()) for each in compared)
    if not differing and not lost:
        return []
    return [
        NewAlarm(
            kind="explanation_mismatch",
            severity="act" if differing else "watch",
            chunk=context.view.chunks[-1],
            method="" if differing else NOT_SCORED,
            statistic=float(differing or lost),
            threshold=0.0,
            n_current=sum(each.checked.rows for each in compared),
            evidence=_evidence(compared),
        )
    ]


def _scored_again(
    workspace: Workspace, context: CheckContext, ids: Sequence[str]
) -> list[Compared]:
    """Return what the registered model of each version gives for some decisions today."""
    contract = context.contract
    features = [contract.alias(each.name) for each in contract.features]
    columns = list(dict.fromkeys([*_ALWAYS, *score_columns(contract), *features]))
    with workspace.store.read() as conn:
        record = models.get(conn, contract.id)
        files = manifest.files_at(
            conn, contract.id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
        artefacts = models.artefacts(conn, contract.id)
    place = PredictionFiles(contract.id, [workspace.lake_paths(files)])
    rows = [
        row
        for each in ids
        if (row := read_prediction(workspace.duck, workspace.id_filters, place, each)) is not None
    ]
    by_version: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_version.setdefault(str(row["version"] or ""), []).append(number)
    return [
        compare(
            contract,
            load_version(workspace, contract, version, artefacts),
            _drawn([rows[place] for place in places], [place + 1 for place in places], columns),
        )
        for version, places in sorted(by_version.items())
    ]


def _drawn(
    rows: Sequence[Mapping[str, object]], places: Sequence[int], columns: Sequence[str]
) -> Drawn:
    """Return rows as the comparison takes them; a column that a row's file lacks is absent."""
    return Drawn(
        [{name: row.get(name) for name in columns} for row in rows],
        places,
        {name: np.array([name not in row for row in rows], dtype=np.bool_) for name in columns},
        {},
    )


def _evidence(compared: Sequence[Compared]) -> dict[str, object]:
    """Return counts by version and the first decisions, ids masked where they are personal."""
    scores = [found for each in compared for found in each.mismatches if found[1].kind == "score"]
    return {
        "versions": {
            each.checked.version: {
                "looked_at": each.checked.rows,
                "differing": each.checked.score_mismatches,
                "not_scored": _lost(each),
                "artefact": each.checked.artefact,
                "largest_difference": each.checked.largest_difference
                if each.checked.scores
                else None,
            }
            for each in compared
        },
        "first": [_told(each) for _, each in sorted(scores, key=lambda item: item[0])[:_NAMED]],
    }


def _lost(found: Compared) -> dict[str, int]:
    """Return reason → decisions of a version that could not be scored again."""
    return {str(reason): n for reason, n in (found.checked.not_reproducible or {}).items()}


def _told(found: Mismatch) -> dict[str, object]:
    return {"prediction": found.prediction, "version": found.version}
