"""Oversight quality: a team's figures, and single people's where there are enough cases."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import nan

from core.contract import ModelContract
from core.contract.review import Review
from core.domain.identity import Actor, Permission
from core.domain.review import APPEAL, CONTROL, SECOND
from core.domain.working_days import local_day
from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.oversight import MINIMUM, cells_shown, shown_persons, team_is_shown
from core.services import access
from core.services.oversight import measures, working
from core.services.oversight.known import has_known_verdicts, known_outcomes
from core.services.oversight.measures import LIVE, SHARES, Hit, Material, Measure
from core.services.oversight.outcomes import VerdictOutcomes, verdict_outcomes
from core.services.oversight.people import watchers_of
from core.services.oversight.working import Group
from core.services.oversight.worth import VerdictWorth, verdict_worth
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.review import verdict_rows
from core.store.review.verdict_rows import BlindCounts

DAYS, MOST_DAYS = 365, 3_660
_BEFORE = timedelta(days=1)  # a row that goes on over the beginning is counted from its first


@dataclass(frozen=True, slots=True)
class Plan:
    """What the contract lets be measured, and what came of it.

    Parameters
    ----------
    controls, doubles, hidden : float
        Shares that the contract sets.
    judge_first : bool
        Whether reviewers record an own view first.
    outcomes_tell : bool
        Whether the model's outcome says which of two decisions was right.
    blind, seconds : BlindCounts
        Controls and second reviews so far.
    """

    controls: float
    doubles: float
    hidden: float
    judge_first: bool
    outcomes_tell: bool
    blind: BlindCounts
    seconds: BlindCounts


@dataclass(frozen=True, slots=True)
class Quality:
    """How the cases of a model are reviewed.

    Parameters
    ----------
    model_id : str
        Which.
    since, until : datetime
        Verdicts given from the one up to the other.
    verdicts, reviewers : int
        How many on live cases, and how many people gave them.
    simulated : int
        Verdicts of any kind that nobody gave: those of the demo.
    watched : int
        Verdicts on blind cases that count for nothing: who gave them can see which ones are blind.
    measures : tuple of Measure
        The team's; a figure that would be one person's below the minimum is withheld.
    outcomes : VerdictOutcomes
        What became of the cases.
    worth : VerdictWorth, optional
        What overturned cases were worth, and would have been as the model had said.
    says_worth : bool
        Whether the contract says what a decision is worth.
    streaks, hours : tuple of Group
        By how long somebody has been at it, other models included, and by the hour in Hong Kong.
    plan : Plan
        What is measured at all.
    minimum : int
        Verdicts from which on a figure says anything of one person.
    """

    model_id: str
    since: datetime
    until: datetime
    verdicts: int
    reviewers: int
    simulated: int
    watched: int
    measures: tuple[Measure, ...]
    outcomes: VerdictOutcomes
    worth: VerdictWorth | None
    says_worth: bool
    streaks: tuple[Group, ...]
    hours: tuple[Group, ...]
    plan: Plan
    minimum: int = MINIMUM

    def measure(self, name: str) -> Measure:
        """Return one of the measures.

        Raises
        ------
        KeyError
            If there is none of that id.
        """
        return {each.id: each for each in self.measures}[name]


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One person's figures; of those of too few cases only n is told."""

    name: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """What a question is about; ``key`` changes when its answer may."""

    contract: ModelContract
    plan: Plan
    since: datetime
    until: datetime
    watchers: frozenset[str]
    key: Hashable


def oversight_quality(
    workspace: Workspace, model_id: str, *, actor: Actor, days: int = DAYS
) -> Quality:
    """Return a team's figures; remembered until a verdict is given, or the day is over.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose cases.
    actor : Actor
        Needs ``oversight.view``; cases outside the actor's jurisdictions are not counted.
    days : int
        How far back, 1 to 3,660.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    InvalidInput
        If the number of days will not do.
    """
    access.require(actor, Permission.oversight_view, model=model_id)
    look = _look(workspace, model_id, days)
    scope = None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
    key = ("oversight quality", model_id, look.key, scope, days)
    return workspace.memo.get(key, lambda: _quality(workspace, look, actor))


def _quality(workspace: Workspace, look: _Look, actor: Actor) -> Quality:
    material = _material(workspace, look, actor)
    live = [row for row in material.rows if row.kind in LIVE]
    final = [row for row in live if row.prediction_id in material.outcomes]
    contract, until = look.contract, look.until
    return Quality(
        contract.id,
        look.since,
        until,
        len(live),
        len({row.maker_id for row in live}),
        sum(row.simulated for row in material.rows),
        measures.watched(material),
        _team(material),
        verdict_outcomes(contract, live, material, until),
        verdict_worth(workspace, contract, final, until, actor=actor) if final else None,
        contract.value is not None,
        working.by_streak(material.rows, material.moments),
        working.by_hour(material.rows),
        look.plan,
    )


def individual_figures(
    workspace: Workspace, model_id: str, *, actor: Actor, days: int = DAYS
) -> tuple[PersonFigures, ...]:
    """Return single people's figures by name; that they were opened is on record.

    A figure of fewer than 100 cases stays with the team, and so does one from which such a figure
    could be told by subtracting.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
        As :func:`oversight_quality`.
    """
    access.require(actor, Permission.oversight_view, model=model_id)
    look = _look(workspace, model_id, days)
    material = _material(workspace, look, actor)
    people = sorted({row.maker_id for row in material.rows})
    found = _of_persons(material, people)
    shown = {
        name: shown_persons({person: found[person][name].n for person in people})
        for name in measures.MEASURES
    }
    arms = [Counter(row.maker_id for row in arm) for arm in measures.arms(material)]
    shown["anchoring"] = frozenset.intersection(*map(shown_persons, arms))
    with workspace.store.begin() as conn:
        names = users.names_by_id(conn, people)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="oversight.individuals_opened",
            objects={"model": model_id},
            body={
                "since": look.since.isoformat(),
                "until": look.until.isoformat(),
                "people": len(people),
            },
        )
    called = {person: str(names.get(person) or person) for person in people}
    return tuple(
        PersonFigures(
            called[person],
            tuple(
                each if person in shown[name] else _withheld(each)
                for name, each in found[person].items()
            ),
        )
        for person in sorted(people, key=lambda each: (called[each].casefold(), each))
    )


def _look(workspace: Workspace, model_id: str, days: int) -> _Look:
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            N_("The number of days is from 1 to {most}."),
            remedy=N_("Leave it out for a year."),
            most=MOST_DAYS,
        )
    until = workspace.clock()
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        contract = parsed_contract(record.spec_text)
        blind = verdict_rows.count_blind(conn, model_id, CONTROL)
        seconds = verdict_rows.count_blind(conn, model_id, SECOND)
        newest = verdict_rows.newest_verdict(conn, model_id)
        watchers = watchers_of(conn)
    review = contract.review or Review()
    plan = Plan(
        review.controls.share,
        review.doubles.share,
        review.score.hidden_share,
        review.score.judge_first,
        has_known_verdicts(contract),
        blind,
        seconds,
    )
    state = (record.spec_sha256, record.lake_generation, newest, blind, seconds)
    key = (*state, watchers, local_day(until))
    return _Look(contract, plan, until - timedelta(days=days), until, watchers, key)


def _material(workspace: Workspace, look: _Look, actor: Actor) -> Material:
    model_id, span = look.contract.id, {"since": look.since, "until": look.until}
    with workspace.store.read() as conn:
        rows = verdict_rows.verdicts_of(conn, model_id, **span)
        appealed = verdict_rows.parents_of(conn, model_id, APPEAL)
        doubled = verdict_rows.parents_of(conn, model_id, SECOND)
        seen = tuple(row for row in rows if actor.sees_jurisdiction(row.jurisdiction))
        makers = {row.maker_id for row in seen}
        moments = verdict_rows.proposals_of(
            conn, makers, since=look.since - _BEFORE, until=look.until
        )
    live = [row.prediction_id for row in seen if row.kind in LIVE]
    known = known_outcomes(workspace, model_id, live)
    return Material(seen, known, appealed, doubled, moments, look.watchers)


def _team(material: Material) -> tuple[Measure, ...]:
    found = [_shared(name, hits(material)) for name, hits in SHARES.items()]
    found.append(_shared("fast", measures.fast_hits(material)))
    arms = [Counter(row.maker_id for row in arm) for arm in measures.arms(material)]
    anchored = measures.anchoring(material)
    found.append(anchored if all(cells_shown(arms)) else _withheld(anchored))
    pairs = measures.doubled_pairs(material)
    both = Counter(name for first, _, second, _ in pairs for name in (first, second))
    agreed = measures.kappa(material)
    found += [
        each if team_is_shown(both) else _withheld(each)
        for each in (agreed, measures.alpha(material))
    ]
    return tuple(found)


def _shared(name: str, hits: Sequence[Hit]) -> Measure:
    made = measures.share_measure(name, hits)
    return made if team_is_shown(Counter(person for person, _ in hits)) else _withheld(made)


def _of_persons(material: Material, people: Sequence[str]) -> dict[str, dict[str, Measure]]:
    """Return every measure of each person, shown or not."""
    hits = {name: find(material) for name, find in SHARES.items()}
    hits["fast"] = measures.fast_hits(material)
    found: dict[str, dict[str, Measure]] = {person: {} for person in people}
    for name, all_hits in hits.items():
        mine: dict[str, list[Hit]] = defaultdict(list)
        for hit in all_hits:
            mine[hit[0]].append(hit)
        for person in people:
            found[person][name] = measures.share_measure(name, mine[person])
    for person in people:
        found[person]["anchoring"] = measures.anchoring(material, person)
        found[person]["kappa"] = measures.kappa(material, person)
        found[person]["alpha"] = measures.alpha(material, person)
    return found


def _withheld(measure: Measure) -> Measure:
    return replace(
        measure, value=nan, low=nan, high=nan, hits=None, parts=(), is_withheld=measure.n > 0
    )
