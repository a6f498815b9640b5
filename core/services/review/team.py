"""The people who review: what they know, how long they are trained, when they are away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import APPEAL
from core.domain.working_days import local_day, start_of_day
from core.errors import Forbidden, InvalidInput
from core.i18n import N_
from core.i18n.locales import LOCALES
from core.services import access
from core.services.review.blind import BLIND
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import assignments, users
from core.store.identity.users import User
from core.store.review import reviewers
from core.store.review.records import CaseRecord
from core.store.review.reviewers import Load, Profile

MOST_SKILLS, LONGEST_SKILL, MOST_OPEN = 20, 40, 500
WHY_NOT: Mapping[str, str] = {
    "disabled": N_("The account is closed."),
    "permission": N_("The roles do not allow to work on reviews."),
    "scope": N_("The case lies outside of the person's scope."),
    "developer": N_("A developer of the model does not review its decisions."),
    "barred": N_("The person has decided about this case before."),
    "lead_only": N_("Appeals and escalated cases are for those who may check."),
    "training": N_("The training for reviews has run out."),
    "language": N_("The case is in a language that the person does not know."),
    "skill": N_("The case asks for a skill that the person does not have."),
    "limit": N_("As many cases as allowed lie with the person."),
}
"""Why somebody may not work on a case, and the message that says so."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may work on reviews.

    Parameters
    ----------
    user : User
        The account.
    profile : Profile, optional
        What is noted; ``None`` if nothing is.
    load : Load
        How much lies with the person.
    developed : frozenset of str
        Models whose cases are for others.
    is_away : bool
        Whether the person is away today.
    is_trained : bool
        Whether the training counts today.
    """

    user: User
    profile: Profile | None
    load: Load
    developed: frozenset[str]
    is_away: bool
    is_trained: bool

    @property
    def name(self) -> str:
        """What the person is called."""
        return self.user.display_name or self.user.username

    @property
    def watches(self) -> bool:
        """Whether this person can see which cases are blind."""
        return allows(self.user.actor("web"), Permission.oversight_view)


def list_team(workspace: Workspace, *, actor: Actor) -> tuple[Member, ...]:
    """Return everybody who may work on reviews, by name, with what lies with each."""
    access.require(actor, Permission.review_manage)
    with workspace.store.read() as conn:
        found = members(workspace, conn)
    return tuple(sorted(found.values(), key=lambda each: (each.name.casefold(), each.user.id)))


def members(workspace: Workspace, conn: Connection) -> dict[str, Member]:
    """Return user → member of those who may work on reviews; whoever calls has asked."""
    now = workspace.clock()
    today = local_day(now)
    loads = reviewers.loads(conn, now=now, before=start_of_day(today + timedelta(days=1)))
    profiles = reviewers.get_all(conn)
    developed: dict[str, set[str]] = {}
    for each in assignments.list_assignments(conn):
        if each.kind == "developer":
            developed.setdefault(each.user_id, set()).add(each.model_id)
    return {
        user.id: _member(user, profiles.get(user.id), loads.get(user.id, Load()),
                         frozenset(developed.get(user.id, ())), today)
        for user in users.list_users(conn)
        if not user.disabled and allows(user.actor("web"), Permission.review_work)
    }  # fmt: skip


def may_work(conn: Connection, user_id: str, case: CaseRecord, today: date) -> str | None:
    """Return why somebody may not work on a case, as a key of :data:`WHY_NOT`.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    user_id : str
        Who.
    case : CaseRecord
        On which case.
    today : date
        The day in Hong Kong.

    Returns
    -------
    str or None
        ``None`` if nothing stands against it.
    """
    user = users.get(conn, user_id)
    start = start_of_day(today)
    load = reviewers.loads(conn, now=start, before=start).get(user_id, Load())
    developed = frozenset(
        each.model_id
        for each in assignments.list_assignments(conn, user_id=user_id)
        if each.kind == "developer"
    )
    profile = reviewers.get_all(conn).get(user_id)
    return why_not(_member(user, profile, load, developed, today), case)


def why_not(member: Member, case: CaseRecord, *, more: int = 0) -> str | None:
    """Return why a member may not work on a case, as a key of :data:`WHY_NOT`.

    Parameters
    ----------
    member : Member
        Who.
    case : CaseRecord
        On which case.
    more : int
        Cases that are about to be assigned to the member besides.
    """
    may, profile = member.user.actor("web"), member.profile
    lead_only = case.kind == APPEAL or case.is_escalated
    barred = member.user.id in {case.barred_maker_id, case.barred_checker_id}
    is_blind = case.kind in BLIND  # the true reason would tell that it is
    against = {
        "disabled": member.user.disabled,
        "permission": not allows(may, Permission.review_work),
        "scope": not _in_scope(may, case) or (barred and is_blind),
        "developer": case.model_id in member.developed,
        "barred": barred and not is_blind,
        "lead_only": lead_only and not allows(may, Permission.review_check),
        "training": not member.is_trained,
    }
    if profile is not None:
        mine = case.assigned_to == member.user.id or case.holder_id == member.user.id
        room = None if profile.open_limit is None else profile.open_limit - member.load.total - more
        against |= {
            "language": bool(profile.languages) and _lacks(case.language, profile.languages),
            "skill": _lacks(case.skill, profile.skills),
            "limit": room is not None and room <= 0 and not mine,
        }
    return next((key for key, stands in against.items() if stands), None)


def set_profile(
    workspace: Workspace,
    user_id: str,
    *,
    actor: Actor,
    languages: Iterable[str] = (),
    skills: Iterable[str] = (),
    open_limit: int | None = None,
    competent_until: date | None = None,
    away_from: date | None = None,
    away_until: date | None = None,
    deputy_id: str | None = None,
) -> Profile:
    """Note what a reviewer knows, until when the training counts, and an absence.

    Parameters
    ----------
    workspace : Workspace
        Where.
    user_id : str
        Whom it is about.
    actor : Actor
        Needs ``review.manage``.
    languages : iterable of str
        Locales; none means every language.
    skills : iterable of str
        Names as contracts write them.
    open_limit : int, optional
        Most cases that may lie with the person at a time.
    competent_until : date, optional
        Last day on which the training counts; from the next one on nothing can be claimed.
    away_from, away_until : date, optional
        First and last day of an absence.
    deputy_id : str, optional
        Who gets what is assigned to the person meanwhile.

    Raises
    ------
    NotFound
        If there is no such user, or no such deputy.
    InvalidInput
        If one of these will not do.
    Forbidden
        If the person's models or jurisdictions reach further than the actor's, or the actor's own
        training would count for longer.
    """
    access.require(actor, Permission.review_manage)
    known, able = tuple(sorted(set(languages))), tuple(sorted({each.strip() for each in skills}))
    _check(known, able, open_limit, (away_from, away_until), (user_id, deputy_id))
    now = workspace.clock()
    made = Profile(
        user_id, known, able, open_limit, competent_until, away_from, away_until, deputy_id, now,
        actor.audit_name,
    )  # fmt: skip
    with workspace.store.begin() as conn:
        _require_in_charge(users.get(conn, user_id), actor)
        if user_id == actor.user_id:
            _require_no_longer_trained(reviewers.get_all(conn).get(user_id), made)
        if deputy_id is not None:
            users.get(conn, deputy_id)
        reviewers.put(conn, made)
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="reviewer.changed",
            objects={"user": user_id},
            body=_told(made),
        )
    return made


def _require_in_charge(user: User, actor: Actor) -> None:
    theirs = user.actor("web")
    for own, limit in ((theirs.models, actor.models), (theirs.jurisdictions, actor.jurisdictions)):
        if limit is not None and (own is None or not own <= limit):
            raise Forbidden(
                N_("This person also works on what lies outside of your scope."),
                remedy=N_("Ask a lead who sees all of it."),
            )


def _require_no_longer_trained(before: Profile | None, made: Profile) -> None:
    was = None if before is None else before.competent_until
    if was is not None and (made.competent_until is None or made.competent_until > was):
        raise Forbidden(
            N_("Your own training is noted by somebody else."),
            remedy=N_("Ask another lead."),
        )


def _member(
    user: User, profile: Profile | None, load: Load, developed: frozenset[str], today: date
) -> Member:
    until = None if profile is None else profile.competent_until
    return Member(
        user,
        profile,
        load,
        developed,
        is_away=profile is not None and profile.is_away(today),
        is_trained=until is None or until >= today,
    )


def _in_scope(may: Actor, case: CaseRecord) -> bool:
    return may.sees_model(case.model_id) and may.sees_jurisdiction(case.jurisdiction)


def _lacks(asked: str | None, known: tuple[str, ...]) -> bool:
    return asked is not None and asked not in known


def _check(
    languages: tuple[str, ...],
    skills: tuple[str, ...],
    open_limit: int | None,
    away: tuple[date | None, date | None],
    people: tuple[str, str | None],
) -> None:
    unknown = [each for each in languages if each not in LOCALES]
    if unknown:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=unknown[0],
            known=", ".join(LOCALES),
        )
    if len(skills) > MOST_SKILLS or any(not 0 < len(each) <= LONGEST_SKILL for each in skills):
        raise InvalidInput(
            N_("A reviewer has at most {most} skills of 1 to {longest} characters."),
            remedy=N_("Name them as the contract's rules do."),
            most=MOST_SKILLS,
            longest=LONGEST_SKILL,
        )
    if open_limit is not None and not 1 <= open_limit <= MOST_OPEN:
        raise InvalidInput(
            N_("The most cases at a time is a number from 1 to {most}."),
            remedy=N_("Leave it out for no limit."),
            most=MOST_OPEN,
        )
    first, last = away
    if (first is None) != (last is None) or (first and last and last < first):
        raise InvalidInput(
            N_("An absence has a first and a last day, in this order."),
            remedy=N_("Give both days, or none."),
        )
    if people[0] == people[1]:
        raise InvalidInput(
            N_("Nobody is their own deputy."), remedy=N_("Choose somebody else, or nobody.")
        )


def _told(made: Profile) -> dict[str, object]:
    days = {name: getattr(made, name) for name in ("competent_until", "away_from", "away_until")}
    return {
        "languages": list(made.languages),
        "skills": list(made.skills),
        "open_limit": made.open_limit,
        "deputy": made.deputy_id,
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
    }
