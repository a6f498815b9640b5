"""What the version before would have decided: its registered model asked about the same inputs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.domain.windows import local_day
from core.errors import NotComputable
from core.i18n import N_
from core.lake.decisions.unexpected_sql import CLOSE
from core.services.explanation.automated import Automated, LookedAtLog
from core.services.explanation.held_against import Judgement, Otherwise
from core.services.explanation.version_before import version_before
from core.services.reproduce.models import (
    REASONS,
    LoadedVersion,
    load_version,
    recomputed,
    registered_file,
    score_columns,
    unreadable_rows,
)
from core.services.reproduce.policy import applies, policy_of
from core.services.reproduce.rows import input_frame

NO_VERSION_BEFORE = N_("The contract names no version before the one that decided.")
NO_RULE = N_("No policy of the contract says which score leads to which decision.")
NONE_AUTOMATED = N_("No decision of this model stands in the log without a person.")


def previous_says(log: LookedAtLog, drawn: Automated) -> Judgement:
    """Return which decisions the version before would have made otherwise.

    Each decision's logged inputs are scored by the registered model of the version before its own,
    and the policy that stood for the decision is applied to that score. A score within
    :data:`~core.lake.decisions.unexpected_sql.CLOSE` of the cut-off says nothing.

    Parameters
    ----------
    log : LookedAtLog
        Whose.
    drawn : Automated
        The decisions.
    """
    if not any(each.parts()[0] == "score" for each in log.contract.policy):
        return Judgement(why=NO_RULE)
    if score_columns(log.contract) != ("score",):
        return Judgement(why=NO_RULE)
    if not drawn.rows:
        return Judgement(why=NONE_AUTOMATED)
    key = ("previous", *log.key, tuple(each.sha256 for each in log.artefacts))
    return log.workspace.memo.get(key, lambda: _judged(log, drawn))


def _judged(log: LookedAtLog, drawn: Automated) -> Judgement:
    by_version: dict[str, list[int]] = {}
    for place, row in enumerate(drawn.rows):
        by_version.setdefault(str(row["version"] or ""), []).append(place)
    otherwise: dict[str, Otherwise] = {}
    whys: list[str] = []
    looked_at = 0
    for version, places in sorted(by_version.items()):
        before = version_before(log.contract, version)
        if before is None:
            whys.append(NO_VERSION_BEFORE)
            continue
        loaded = _loaded(log, before)
        if isinstance(loaded, str):
            whys.append(loaded)
            continue
        scores = _scores(log, drawn, loaded, places)
        rows = [drawn.rows[place] for place in places]
        found = [
            _otherwise(log, loaded, row, score) for row, score in zip(rows, scores, strict=True)
        ]
        looked_at += sum(each is not None for each in found)
        otherwise |= {
            str(row["prediction_id"]): each
            for row, each in zip(rows, found, strict=True)
            if each is not None and each.decision
        }
    return Judgement(otherwise, looked_at, next(iter(whys), ""))


def _loaded(log: LookedAtLog, version: str) -> LoadedVersion | str:
    """Return a version's model, loaded once a process, or the message that says why not."""
    file = registered_file(log.artefacts, log.contract, version, "artefact")
    key = ("version", log.contract.id, log.spec_sha256, version, file.sha256 if file else None)

    def load() -> LoadedVersion | str:
        try:
            found = load_version(log.workspace, log.contract, version, log.artefacts)
        except NotComputable as error:
            return error.template
        return found if found.reason is None else REASONS[found.reason]

    return log.workspace.memo.get(key, load)


def _scores(
    log: LookedAtLog, drawn: Automated, loaded: LoadedVersion, places: Sequence[int]
) -> Sequence[float]:
    """Return the scores that a version gives for rows; NaN where it needs what the log has not."""
    absent = {name: missing[places] for name, missing in drawn.absent.items()}
    lacking = unreadable_rows(loaded, log.contract, absent, len(places))
    scores = np.full(len(places), np.nan)
    todo = np.flatnonzero(~lacking)
    if todo.size:
        rows = [drawn.rows[places[each]] for each in todo.tolist()]
        frame = input_frame(log.contract, loaded.inputs, rows)
        scores[todo] = recomputed(loaded, log.contract, frame)[:, 0]
    return list(map(float, scores))


def _otherwise(
    log: LookedAtLog, loaded: LoadedVersion, row: Mapping[str, Any], score: float
) -> Otherwise | None:
    """Return what a version would have decided, without words if the same; ``None``: unknown."""
    policy = policy_of(
        log.contract, str(row["version"] or ""), local_day(row["time"], log.contract.timezone)
    )
    if policy is None or policy.parts()[0] != "score":
        return None
    _, _, limit, name = policy.parts()
    if not abs(score - limit) > CLOSE:
        return None
    holds = applies(policy, score)
    if holds == (row["decision"] == name):
        return Otherwise("", loaded.version, score)
    return Otherwise(name if holds else f"not {name}", loaded.version, score)
