"""What the lead's page shows at once: the team, what is late by how much, and days off ahead."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.working_days import local_day
from core.services import access
from core.services.questions import parsed_contract
from core.services.review.calendar import public_holidays
from core.services.review.cases import QueueCounts, queue_counts
from core.services.review.team import Member, list_team
from core.services.serving.release_answer import IN_THE_LOOP
from core.services.workspace import Workspace
from core.store import models
from core.store.review import closures, reviewers
from core.store.review.closures import Closure

AGES_DAYS = (0, 1, 3, 7)
"""From how many days on a late case counts in the next group."""
ENOUGH_CHECKERS = 3
"""Where two of those who may check differ, a third one settles it; without one the case stays."""
_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class FewCheckers:
    """A model in the loop for which too few may check to end a disagreement.

    Parameters
    ----------
    model_id : str
        Which.
    people : int
        How many may check its cases now.
    """

    model_id: str
    people: int


@dataclass(frozen=True, slots=True)
class TeamView:
    """What the page shows.

    Parameters
    ----------
    now : datetime
        The moment of all this.
    members : tuple of Member
        Everybody who may work on reviews, by name.
    counts : QueueCounts
        What waits, in the lead's scope.
    late : tuple of int
        Overdue cases by how long they are: one number for each of :data:`AGES_DAYS`.
    unassigned : int
        Cases that wait for whoever is next.
    closures : tuple of Closure
        Days on which offices were shut, the newest first.
    holidays : tuple of date
        Public holidays of the next sixty days that are no weekend.
    few_checkers : tuple of FewCheckers
        Models in the loop for which fewer than :data:`ENOUGH_CHECKERS` may check.
    """

    now: datetime
    members: tuple[Member, ...]
    counts: QueueCounts
    late: tuple[int, ...]
    unassigned: int
    closures: tuple[Closure, ...]
    holidays: tuple[date, ...]
    few_checkers: tuple[FewCheckers, ...] = ()

    @property
    def away(self) -> tuple[Member, ...]:
        """Who is away today."""
        return tuple(each for each in self.members if each.is_away)

    @property
    def untrained(self) -> tuple[Member, ...]:
        """Whose training does not count any more."""
        return tuple(each for each in self.members if not each.is_trained)


def team_view(workspace: Workspace, *, actor: Actor) -> TeamView:
    """Return what the page on the team and its clocks shows."""
    access.require(actor, Permission.review_manage)
    now = workspace.clock()
    today = local_day(now)
    scope = {"models": actor.models, "jurisdictions": actor.jurisdictions}
    with workspace.store.read() as conn:
        late = reviewers.overdue_by_age(
            conn, [now - timedelta(days=days) for days in AGES_DAYS], **scope
        )
        unassigned = reviewers.count_assignable(conn, **scope)
        shut = closures.list_closures(conn)
        in_the_loop = _in_the_loop(conn, actor)
    team = list_team(workspace, actor=actor)
    years = {today.year, (today + _AHEAD).year}
    ahead = sorted(day for year in years for day in public_holidays(year))
    return TeamView(
        now,
        team,
        queue_counts(workspace, actor=actor),
        late,
        unassigned,
        shut,
        tuple(day for day in ahead if today <= day <= today + _AHEAD and day.weekday() < 5),
        _few_checkers(team, in_the_loop),
    )


def _in_the_loop(conn: Connection, actor: Actor) -> frozenset[str]:
    """Return the models in scope with a version in the loop."""
    found = [each for each in models.list_models(conn) if actor.sees_model(each.id)]
    contracts = [parsed_contract(each.spec_text) for each in found]
    return frozenset(
        each.id
        for each in contracts
        if any(version.oversight_level == IN_THE_LOOP for version in each.versions)
    )


def _few_checkers(team: tuple[Member, ...], in_the_loop: frozenset[str]) -> tuple[FewCheckers, ...]:
    counts = {model_id: sum(_checks(each, model_id) for each in team) for model_id in in_the_loop}
    return tuple(
        FewCheckers(model_id, people)
        for model_id, people in sorted(counts.items())
        if people < ENOUGH_CHECKERS
    )


def _checks(member: Member, model_id: str) -> bool:
    """Whether a member may check cases of a model; who is away today counts, for that passes."""
    may = member.user.actor("web")
    return (
        not member.user.disabled
        and member.is_trained
        and may.sees_model(model_id)
        and model_id not in member.developed
        and allows(may, Permission.review_check)
    )
