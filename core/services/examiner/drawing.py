"""Drawing samples of decisions: what is wanted goes on record before its seed can be known.

``sample.ordered`` holds the plan and the drawer's own words, and is signed at once; the root of
that signed tree and the words make the seed. So the drawer cannot try words until a sample
pleases, and nobody else could know the words. ``sample.drawn`` holds what came of it, before
anything of it is shown. Drawing again is a second sample, on record like the first.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from core.domain.identity import Actor, Permission
from core.domain.sampling import ALL, METHODS, Unit, draw, seed_of
from core.errors import InvalidInput
from core.i18n import N_
from core.proof.checkpoint import Checkpoint
from core.services import access
from core.services.audit.checkpoints import sign_within
from core.services.examiner.frames import (
    MOST_UNITS,
    STRATA,
    Frame,
    Plan,
    frame_size,
    key_of,
    read_frame,
)
from core.services.serving.state import checked_reason
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.explanations import samples
from core.store.explanations.samples import SampleItem, SampleRecord

ORDERED, DRAWN = "sample.ordered", "sample.drawn"
MOST = 100
_SHORTEST_WORDS, _LONGEST_WORDS = 8, 200
_STRATIFIED = ("proportional", "equal")


def count_population(workspace: Workspace, plan: Plan, *, actor: Actor) -> Mapping[str, int]:
    """Return how many decisions a plan would draw from, by stratum; nothing is drawn.

    Raises
    ------
    Forbidden, NotFound, NothingYet, InvalidInput
        As :func:`draw_sample`.
    """
    access.require(actor, Permission.examiner_work, model=plan.model_id)
    _check_method(plan)
    return read_frame(workspace, plan, actor=actor).sizes


def draw_sample(workspace: Workspace, plan: Plan, *, actor: Actor) -> SampleRecord:
    """Draw a sample of a model's decisions, and keep it with the frame that it is drawn from.

    Parameters
    ----------
    workspace : Workspace
        Where.
    plan : Plan
        What is wanted; its words name nobody.
    actor : Actor
        Needs ``examiner.work``; only decisions in the actor's scope are drawn from.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model in the actor's scope.
    NothingYet
        If the model has no log.
    InvalidInput, ExpressionError
        If the plan is wrong, or there are fewer decisions than are to be drawn.
    """
    access.require(actor, Permission.examiner_work, model=plan.model_id)
    plan = _checked(plan)
    _check_before(workspace, plan, actor)
    sample_id = workspace.new_id()
    signed = _order(workspace, sample_id, plan, actor)
    frame = read_frame(workspace, plan, actor=actor)
    _check_size(frame, plan)
    seed = seed_of(plan.words, signed.root.hex())
    drawn = draw(frame.units, seed, plan.n, plan.method)
    record = _record(workspace, sample_id, plan, frame, drawn, actor, (signed, seed))
    ids = frame.ids()
    items = [
        SampleItem(place, unit.key, unit.stratum, ids[unit.key])
        for place, unit in enumerate(drawn, start=1)
    ]
    with workspace.store.begin() as conn:
        samples.put(conn, record, frame.content, items)
        audit.append(
            conn,
            at=record.drawn_at,
            actor=actor.audit_name,
            role=actor.role_text,
            kind=DRAWN,
            objects={"model": plan.model_id, "sample": sample_id},
            body=_told(record),
        )
    return record


def list_samples(workspace: Workspace, model_id: str, *, actor: Actor) -> tuple[SampleRecord, ...]:
    """Return all samples of a model that were drawn in the actor's scope, the newest first."""
    access.require(actor, Permission.examiner_view, model=model_id)
    with workspace.store.read() as conn:
        found = samples.list_of(conn, model_id)
    return tuple(each for each in found if _is_within(each, actor))


def read_sample(
    workspace: Workspace, sample_id: str, *, actor: Actor
) -> tuple[SampleRecord, tuple[SampleItem, ...]]:
    """Return a sample in the actor's scope, and the decisions that were drawn.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such sample in the actor's scope.
    """
    access.require(actor, Permission.examiner_view)
    with workspace.store.read() as conn:
        found = samples.get(conn, sample_id)
        if not (actor.sees_model(found.model_id) and _is_within(found, actor)):
            raise samples.no_sample(sample_id)
        return found, samples.items(conn, sample_id)


def is_in_frame(workspace: Workspace, sample_id: str, prediction_id: str, *, actor: Actor) -> bool:
    """Whether a decision that the actor knows of stood in the frame that a sample was drawn from.

    Parameters
    ----------
    workspace : Workspace
        Where.
    sample_id, prediction_id : str
        Which sample, and a decision by the id that the log has; it need not exist.
    actor : Actor
        Needs ``examiner.work``.
    """
    access.require(actor, Permission.examiner_work)
    record, _ = read_sample(workspace, sample_id, actor=actor)
    key = key_of(workspace, record.model_id, prediction_id.strip())
    with workspace.store.read() as conn:
        return f'["{key}",'.encode() in samples.frame(conn, sample_id)


def _is_within(record: SampleRecord, actor: Actor) -> bool:
    """Whether all decisions that a sample was drawn from lie in an actor's scope."""
    if actor.jurisdictions is None:
        return True
    return record.jurisdictions is not None and set(record.jurisdictions) <= actor.jurisdictions


def _check_method(plan: Plan) -> None:
    if plan.method not in METHODS:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=plan.method,
            known=", ".join(METHODS),
        )
    wanted = STRATA if plan.method in _STRATIFIED else ("",)
    if plan.stratum not in wanted:
        raise InvalidInput(
            N_("The strata {text!r} do not go with this method."),
            remedy=N_("Strata for a stratified sample: {known}; for other methods none."),
            text=plan.stratum,
            known=", ".join(STRATA),
        )
    if plan.method == "all_then_random" and not plan.condition.strip():
        raise InvalidInput(
            N_("This method needs a condition: what it holds for is taken whole."),
            remedy=N_("Write one, such as score > 0.9."),
        )
    if (plan.first is None) != (plan.last is None) or (
        plan.first is not None and plan.last is not None and plan.first > plan.last
    ):
        raise InvalidInput(
            N_("The period has no first or no last day, or ends before it begins."),
            remedy=N_("Name both days, or none for the whole log."),
        )


def _checked(plan: Plan) -> Plan:
    _check_method(plan)
    words = " ".join(plan.words.split())
    if not _SHORTEST_WORDS <= len(words) <= _LONGEST_WORDS:
        raise InvalidInput(
            N_("Give the sample {shortest} to {longest} characters of your own words."),
            remedy=N_("Anything that nobody could foresee; they go into the seed and the record."),
            shortest=_SHORTEST_WORDS,
            longest=_LONGEST_WORDS,
        )
    if not 1 <= plan.n <= MOST:
        raise InvalidInput(
            N_("{n} decisions cannot be drawn at once."),
            remedy=N_("Draw from 1 to {most}."),
            n=plan.n,
            most=MOST,
        )
    reason, condition = checked_reason(plan.reason), plan.condition.strip()
    return replace(plan, words=words, reason=reason, condition=condition)


def _check_before(workspace: Workspace, plan: Plan, actor: Actor) -> None:
    """Refuse a plan that could not be drawn, so that nothing of it is on record."""
    size = frame_size(workspace, plan, actor=actor)
    if size > MOST_UNITS or plan.method == "all_then_random":
        _check_size(read_frame(workspace, plan, actor=actor), plan)
    else:
        _check_number(size, plan)


def _check_number(size: int, plan: Plan) -> None:
    if size < plan.n:
        raise InvalidInput(
            N_("There are {found} decisions; {n} cannot be drawn."),
            remedy=N_("Draw fewer, choose a longer period, or a wider condition."),
            found=size,
            n=plan.n,
        )


def _check_size(frame: Frame, plan: Plan) -> None:
    _check_number(len(frame.rows), plan)
    whole = frame.sizes.get(ALL, 0) if plan.method == "all_then_random" else 0
    if whole > plan.n:
        raise InvalidInput(
            N_("The condition holds for {found} decisions, more than the {n} to be drawn."),
            remedy=N_("Narrow the condition, or draw more."),
            found=whole,
            n=plan.n,
        )


def _order(workspace: Workspace, sample_id: str, plan: Plan, actor: Actor) -> Checkpoint:
    """Put the plan on record, and sign the trail that holds it."""
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=ORDERED,
            objects={"model": plan.model_id, "sample": sample_id},
            body={
                "method": plan.method,
                "n": plan.n,
                "words": plan.words,
                "reason": plan.reason,
                "first_day": plan.first.isoformat() if plan.first else "",
                "last_day": plan.last.isoformat() if plan.last else "",
                "condition": plan.condition,
                "stratum": plan.stratum,
            },
        )
        return sign_within(workspace, conn, reason="export")


def _record(
    workspace: Workspace,
    sample_id: str,
    plan: Plan,
    frame: Frame,
    drawn: list[Unit],
    actor: Actor,
    seeded: tuple[Checkpoint, str],
) -> SampleRecord:
    signed, seed = seeded
    counts = Counter(each.stratum for each in drawn)
    keys = "".join(f"{each.key}\n" for each in drawn)
    return SampleRecord(
        id=sample_id,
        model_id=plan.model_id,
        method=plan.method,
        stratum=plan.stratum,
        condition=plan.condition,
        first_day=plan.first.isoformat() if plan.first else "",
        last_day=plan.last.isoformat() if plan.last else "",
        jurisdictions=None if actor.jurisdictions is None else sorted(actor.jurisdictions),
        words=plan.words,
        reason=plan.reason,
        root=signed.root.hex(),
        root_size=signed.size,
        seed=seed,
        population=len(frame.rows),
        drawn=len(drawn),
        left_out=frame.left_out,
        strata={name: [size, counts[name]] for name, size in sorted(frame.sizes.items())},
        frame_sha256=frame.sha256,
        drawn_sha256=sha256(keys.encode()).hexdigest(),
        drawn_at=workspace.clock(),
        drawn_by=actor.audit_name,
    )


def _told(record: SampleRecord) -> dict[str, object]:
    """Return what the trail says of a sample: enough to tell whether another is shown."""
    return {
        "method": record.method,
        "seed": record.seed,
        "root": record.root,
        "root_size": record.root_size,
        "population": record.population,
        "drawn": record.drawn,
        "left_out": record.left_out,
        "frame": record.frame_sha256,
        "keys": record.drawn_sha256,
    }
