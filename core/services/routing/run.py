"""Routing: the published predictions of a model become cases, each once, whoever is killed.

A chunk's cases, the note that it is routed and its audit entry are one transaction. Chunks without
a case are counted with the next one that has some, or with the last.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection

from core.contract import ModelContract
from core.contract.review import Review
from core.domain.identity import Actor, Permission
from core.errors import Conflict, NothingYet
from core.i18n import N_
from core.lake.routing.plan import RoutingPlan
from core.lake.routing.rows import CHUNK_ROWS, ChosenRow, below, chosen_rows
from core.lake.routing.rows import chunk_sizes as sizes_of_chunks
from core.services import access
from core.services.questions import parsed_contract
from core.services.review import sla
from core.services.review.changing import By
from core.services.review.joining import join_requests
from core.services.review.making import NewCase, make_all
from core.services.routing.plan import leading_rule, routing_plan, tier_of
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models, routing
from core.store.audit import trail as audit
from core.store.retention import tombstones
from core.store.review.cases import count_anew
from core.store.review.steps import SYSTEM
from core.store.routing import RoutedChunk, WaitingBatch

OCCASION = "routing"
SYSTEM_NAME, SYSTEM_ROLE = "worker", "admin"
_ATTEMPTS = 20
_MANY = 1000  # cases from which on the database should look at their table again
_HIDDEN, _CHECKED = "review.score_hidden", "review.check_sample"

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Routed:
    """What came of routing a model.

    Parameters
    ----------
    model_id : str
        Which.
    batches, predictions, cases : int
        Batches that were finished now, predictions looked at, and cases that they became: made
        anew, or waiting already for a customer's request.
    """

    model_id: str
    batches: int
    predictions: int
    cases: int


@dataclass(frozen=True, slots=True)
class _By:
    """In whose name cases are made."""

    audit_name: str
    role: str


@dataclass(frozen=True, slots=True)
class _Look:
    """A batch as it was when it was looked at."""

    plan: RoutingPlan
    spec_sha256: str
    paths: tuple[str, ...]
    done: frozenset[int]
    routed: bool
    buried: int

    @property
    def contract(self) -> ModelContract:
        return self.plan.contract


def route_now(workspace: Workspace, model_id: str, *, actor: Actor) -> Routed:
    """Make the cases of every published prediction of a model that is not routed yet.

    The worker does it by itself after each batch; this is for whoever cannot wait for it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose predictions.
    actor : Actor
        Needs ``review.manage`` for rows of all jurisdictions.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    NothingYet
        If the contract has no rules of review.
    """
    access.require(actor, Permission.review_manage, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
    if not has_rules(contract):
        raise NothingYet(
            N_("The contract of {model} says nothing of which predictions people review."),
            remedy=N_("Add rules under 'review', and register it."),
            model=model_id,
        )
    return _route(workspace, model_id, _By(actor.audit_name, actor.role_text))


def route_model(workspace: Workspace, model_id: str, *, step: Step = lambda _: None) -> Routed:
    """Do the same for the worker; a model without rules has no cases.

    Parameters
    ----------
    workspace, model_id : Workspace, str
        Where, and whose predictions.
    step : callable
        Told the name of each step; tests stop the process there.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    return _route(workspace, model_id, _By(SYSTEM_NAME, SYSTEM_ROLE), step)


def has_rules(contract: ModelContract) -> bool:
    """Whether a contract makes cases by itself."""
    return contract.review is not None and bool(contract.review.rules)


def _route(workspace: Workspace, model_id: str, by: _By, step: Step = lambda _: None) -> Routed:
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        waiting = routing.waiting_batches(conn, model_id) if has_rules(contract) else ()
    batches = predictions = cases = 0
    for each in waiting:
        for _ in range(_ATTEMPTS):
            found = _route_batch(workspace, model_id, each, by, step)
            predictions, cases = predictions + found.predictions, cases + found.cases
            if found.finished:
                batches += 1
                break
        else:
            raise Conflict(
                "People of {model} were erased too often meanwhile.",
                remedy="Run 'harbourlight review route {model}' later.",
                model=model_id,
            )
    if cases >= _MANY:
        with workspace.store.begin() as conn:
            count_anew(conn)
    return Routed(model_id, batches, predictions, cases)


@dataclass(frozen=True, slots=True)
class _Done:
    """What one pass over a batch did; not finished if somebody was erased meanwhile."""

    finished: bool
    predictions: int
    cases: int


@retry_when_stale
def _route_batch(
    workspace: Workspace, model_id: str, batch: WaitingBatch, by: _By, step: Step
) -> _Done:
    look = _look(workspace, model_id, batch)
    if look.routed:  # another worker was faster
        return _Done(True, 0, 0)
    sizes = sizes_of_chunks(workspace.duck, look.paths, batch.id)
    last = max(sizes, default=0)
    if look.done and max(look.done) >= last:  # what followed was erased since
        last = max(look.done) + 1
    predictions = cases = 0
    before = -1
    for chunk, rows in _chunks(workspace, look, batch.id, last):
        counted = sum(rows_ for at, rows_ in sizes.items() if before < at <= chunk)
        before = chunk
        if chunk in look.done:
            continue
        made = _commit(workspace, look, batch.id, chunk, chunk == last, rows, counted, by, step)
        if made is None:
            return _Done(False, predictions, cases)
        predictions, cases = predictions + counted, cases + made
    return _Done(True, predictions, cases)


def _chunks(
    workspace: Workspace, look: _Look, batch_id: str, last: int
) -> Iterator[tuple[int, Sequence[ChosenRow]]]:
    """Yield the chunks that have cases, with the chosen rows, and the last one in any case."""
    chosen = chosen_rows(workspace.duck, look.paths, look.plan, batch_id)
    at = -1
    for at, rows in groupby(chosen, key=lambda row: row.row // CHUNK_ROWS):
        yield at, tuple(rows)
    if at < last:
        yield last, ()


def _look(workspace: Workspace, model_id: str, batch: WaitingBatch) -> _Look:
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(
            conn,
            model_id,
            record.lake_generation,
            kinds=["data"],
            streams=["predictions"],
        )
        overlapping = [
            file
            for file in files
            if file.first_time is None
            or file.last_time is None
            or (file.first_time <= batch.last_time and file.last_time >= batch.first_time)
        ]
        contract = parsed_contract(record.spec_text)
        return _Look(
            routing_plan(workspace, conn, contract),
            record.spec_sha256,
            workspace.lake_paths(overlapping),
            routing.routed_chunks(conn, model_id, batch.id),
            routing.is_routed(conn, model_id, batch.id),
            tombstones.marker(conn, model_id),
        )


def _commit(
    workspace: Workspace,
    look: _Look,
    batch_id: str,
    chunk: int,
    is_last: bool,
    rows: Sequence[ChosenRow],
    predictions: int,
    by: _By,
    step: Step,
) -> int | None:
    """Make the cases of a chunk; ``None`` if somebody was erased since the rows were read."""
    model_id, now = look.contract.id, workspace.clock()
    noted = RoutedChunk(model_id, batch_id, chunk, predictions, 0, look.spec_sha256, is_last, now)
    step("before-chunk")
    with workspace.store.begin() as conn:
        if tombstones.marker(conn, model_id) != look.buried:
            return None
        if not routing.claim_chunk(conn, noted):
            return 0  # another worker was faster
        cases = _cases(workspace, conn, look, rows)
        joined = join_requests(conn, cases, By(SYSTEM, by.audit_name, by.role), at=now)
        ids = make_all(conn, [each for each in cases if each.prediction_id not in joined], at=now)
        made = len(ids)
        routing.note_cases(conn, noted, made + len(joined))
        step("in-transaction")
        audit.append(
            conn,
            at=now,
            actor=by.audit_name,
            role=by.role,
            kind="review.made",
            objects={"model": model_id, "batch": batch_id},
            body={
                "chunk": chunk,
                "predictions": predictions,
                "cases": made,
                # No other case of the model lies between: whoever makes one waits for the model.
                **({"first": min(ids), "last": max(ids)} if ids else {}),
                **({"joined": len(joined)} if joined else {}),
                "rules": dict(Counter(each.rule for each in cases)),
                "rules_sha256": look.spec_sha256,
            },
        )
    step("committed")
    return made + len(joined)


def _cases(
    workspace: Workspace, conn: Connection, look: _Look, rows: Sequence[ChosenRow]
) -> list[NewCase]:
    review = look.contract.review or Review()
    now = workspace.clock()
    due = {tier: sla.due_at(conn, review.sla_days, tier, now) for tier in ("normal", "high")}
    return [_case(workspace, look, review, row, due) for row in sorted(rows, key=_by_time)]


def _case(
    workspace: Workspace,
    look: _Look,
    review: Review,
    row: ChosenRow,
    due: Mapping[str, object],
) -> NewCase:
    rule, keys = leading_rule(look.contract, row.rules), workspace.keys
    tier = tier_of(look.contract, row.rules)
    drawn = f"{look.contract.id}:{row.prediction_id}"
    hidden = keys.mac(_HIDDEN, drawn) < below(review.score.hidden_share)
    shown = "after_own_view" if review.score.judge_first else "at_once"
    return NewCase(
        model_id=look.contract.id,
        prediction_id=row.prediction_id,
        occasion=OCCASION,
        kind="routed",
        subject_id=keys.subject_id(row.subject),
        jurisdiction=row.jurisdiction,
        version=row.version,
        predicted_at=row.time,
        decision=row.decision,
        rules_sha256=look.spec_sha256,
        rule=rule.id,
        due_at=due[tier],  # type: ignore[arg-type]  # one of the two tiers
        rules=row.rules,
        score=row.score,
        amount=row.amount,
        policy_version=row.policy_version,
        tier=tier,
        priority=rule.priority,
        language=rule.language,
        skill=rule.skill,
        score_shown="never" if hidden else shown,
        in_check_sample=keys.mac(_CHECKED, drawn) < below(review.check.share),
    )


def _by_time(row: ChosenRow) -> tuple[object, int]:
    return row.time, row.row
