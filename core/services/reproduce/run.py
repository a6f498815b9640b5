"""Reproducing the log: whether production still runs the approved model and policy.

A seeded random sample of logged predictions is scored again by the registered artefact of each
row's version, and the policy is replayed from score to decision. The verdict and its counts go
into the audit trail.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, NotComputable, NothingYet
from core.lake.sample_rows import LoggedDecision, Sample, decisions_of, sample_rows
from core.services import access
from core.services.questions import Question, View, resolve
from core.services.reference.counts import row_filter
from core.services.registry.versions import require_known_version
from core.services.reproduce.compare import Compared, compare
from core.services.reproduce.models import load_version, score_columns
from core.services.reproduce.policy import rule_column
from core.services.reproduce.result import Reproduction
from core.services.reproduce.rows import Drawn
from core.services.rights import attention
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit

EXAMPLES = 20
MOST_ROWS = 100_000
_MOST_SEED = 2**53 - 1
_ALWAYS = ("prediction_id", "time", "version", "decision", "status")


def reproduce(
    workspace: Workspace,
    model_id: str,
    *,
    actor: Actor,
    sample: int = 1000,
    seed: int = 1,
    as_of: str | None = None,
    version: str | None = None,
    tolerance: float | None = None,
) -> Reproduction:
    """Draw rows of a log, score them again, replay the policy, and record the verdict.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose log.
    actor : Actor
        Needs ``model.reproduce``; rows outside the actor's jurisdictions are not drawn.
    sample, seed : int
        How many rows, and which: the same seed draws the same rows of a generation of the lake.
    as_of : str, optional
        Day or instant of knowledge, included.
    version : str, optional
        Draw rows of this model version only.
    tolerance : float, optional
        Largest absolute difference of a score that passes; by default 1e-9, and half a unit of
        the last decimal where the log rounds its scores.

    Raises
    ------
    NothingYet
        If there is no row to draw.
    NotComputable
        If the log has no score, or an artefact needs the extra ``onnx``, which is not installed.
    InvalidInput
        If a number is out of its range, or the version is unknown.
    """
    access.require(actor, Permission.model_reproduce, model=model_id)
    _check(sample, seed, tolerance)
    question = Question(model_id, as_of=as_of, version=version)
    view, drawn, decided = _draw(workspace, question, actor, sample, seed)
    compared = _compare(workspace, view, drawn, decided, tolerance)
    found = Reproduction(
        model=model_id,
        at=workspace.clock(),
        as_of=view.as_of,
        generation=view.generation,
        seed=seed,
        asked=sample,
        drawn=len(drawn.rows),
        population=drawn.population,
        versions=tuple(each.checked for each in compared),
        examples=tuple(
            mismatch
            for _, mismatch in sorted(
                (item for each in compared for item in each.mismatches),
                key=lambda item: (item[0], item[1].kind),
            )[:EXAMPLES]
        ),
    )
    _record(workspace, view, found, actor)
    told = [each.prediction for each in found.examples if each.disputed]
    if told:
        attention.note_shown(workspace, model_id, told, "reproduction", by=actor)
    return found


def _check(sample: int, seed: int, tolerance: float | None) -> None:
    if not 1 <= sample <= MOST_ROWS:
        raise InvalidInput(
            "A sample has from 1 to {most} rows.",
            remedy="Draw several, each with a seed of its own.",
            most=MOST_ROWS,
        )
    if not 0 <= seed <= _MOST_SEED:
        raise InvalidInput(
            "A seed is a whole number from 0 to {most}.",
            remedy="Give such a number; the same seed draws the same rows.",
            most=_MOST_SEED,
        )
    if tolerance is not None and not 0 <= tolerance < float("inf"):
        raise InvalidInput(
            "A tolerance is a number from 0 on.",
            remedy="Write how far two scores may lie apart, such as 0.000001.",
        )


@retry_when_stale
def _draw(
    workspace: Workspace, question: Question, actor: Actor, size: int, seed: int
) -> tuple[View, Sample, Mapping[str, Sequence[LoggedDecision]]]:
    view = resolve(workspace, question, Permission.model_reproduce, actor=actor)
    require_known_version(workspace, view)
    if not score_columns(view.contract):
        raise NotComputable(
            "The log of {model} has no score to reproduce.",
            remedy="Name the score's column under 'log' in the contract.",
            model=view.contract.id,
        )
    drawn = sample_rows(
        workspace.duck,
        workspace.lake_paths(view.data_files("predictions")),
        view.contract,
        _columns(view.contract),
        size=size,
        seed=seed,
        row_filter=row_filter(workspace, view),
    )
    if not drawn.population:
        raise NothingYet(
            "{model} has no predictions to draw from.",
            remedy="Choose another version, or a later as-of time.",
            model=view.contract.id,
        )
    decided = decisions_of(
        workspace.duck,
        workspace.lake_paths(view.data_files("decisions")),
        drawn.rows.column("prediction_id").to_pylist(),
        until=view.decided_until,
    )
    return view, drawn, decided


def _columns(contract: ModelContract) -> list[str]:
    """Return the lake columns that the comparison reads."""
    rules = [rule_column(contract, policy) for policy in contract.policy]
    features = [contract.alias(feature.name) for feature in contract.features]
    named = [*_ALWAYS, *score_columns(contract), *features, *(each for each in rules if each)]
    return list(dict.fromkeys(named))


def _compare(
    workspace: Workspace,
    view: View,
    drawn: Sample,
    decided: Mapping[str, Sequence[LoggedDecision]],
    tolerance: float | None,
) -> list[Compared]:
    with workspace.store.read() as conn:
        files = models.artefacts(conn, view.contract.id)
    disputed = attention.disputed(workspace, view.contract.id)
    rows: list[dict[str, Any]] = drawn.rows.to_pylist()
    by_version: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        by_version.setdefault(str(row["version"] or ""), []).append(place)
    return [
        compare(
            view.contract,
            load_version(workspace, view.contract, version, files),
            Drawn(
                [rows[place] for place in places],
                [place + 1 for place in places],
                {name: missing[places] for name, missing in drawn.absent.items()},
                decided,
                disputed,
            ),
            tolerance,
        )
        for version, places in sorted(by_version.items())
    ]


def _record(workspace: Workspace, view: View, found: Reproduction, actor: Actor) -> None:
    scope = view.jurisdictions
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=found.at,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="model.reproduced",
            objects={"model": found.model},
            body={
                **found.record(),
                "spec_sha256": view.spec_sha256,
                "jurisdictions": None if scope is None else list(scope),
            },
        )
