"""What the lead's page shows at once: the team, what is late by how much, and days off ahead."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.domain.identity import Actor, Permission
from core.domain.working_days import local_day
from core.services import access
from core.services.review.calendar import public_holidays
from core.services.review.cases import QueueCounts, queue_counts
from core.services.review.team import Member, list_team
from core.services.workspace import Workspace
from core.store.review import closures, reviewers
from core.store.review.closures import Closure

AGES_DAYS = (0, 1, 3, 7)
"""From how many days on a late case counts in the next group."""
_AHEAD = timedelta(days=60)


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
    """

    now: datetime
    members: tuple[Member, ...]
    counts: QueueCounts
    late: tuple[int, ...]
    unassigned: int
    closures: tuple[Closure, ...]
    holidays: tuple[date, ...]

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
    years = {today.year, (today + _AHEAD).year}
    ahead = sorted(day for year in years for day in public_holidays(year))
    return TeamView(
        now,
        list_team(workspace, actor=actor),
        queue_counts(workspace, actor=actor),
        late,
        unassigned,
        shut,
        tuple(day for day in ahead if today <= day <= today + _AHEAD and day.weekday() < 5),
    )
