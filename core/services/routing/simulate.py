"""What rules of review would bring, before they are saved: cases, by rule, and reviewers' hours."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.contract import ModelContract, ReviewRule
from core.contract.load import contract_with_review, review_text
from core.contract.review import Review
from core.domain.identity import Actor, Permission
from core.domain.windows import local_day
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.routing.rows import ChosenCount, count_chosen, count_waiting
from core.lake.row_filter import RowFilter
from core.metrics.oversight import team_is_shown
from core.services import access
from core.services.oversight.known import has_known_verdicts
from core.services.questions import Question, View, parsed_contract, resolve
from core.services.routing.plan import leading_rule, routing_plan, tier_of
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models, routing

MOST_DAYS = 1_096
_WEEK = 7


@dataclass(frozen=True, slots=True)
class RuleLoad:
    """What one rule brings.

    Parameters
    ----------
    rule : ReviewRule
        As the contract has it.
    matched : int
        Rows that it chooses.
    leads : int
        Cases that are its own: of those with several rules, where it has the highest priority.
    alone : int
        Cases that there would not be without it.
    """

    rule: ReviewRule
    matched: int
    leads: int
    alone: int


@dataclass(frozen=True, slots=True)
class DayLoad:
    """Cases of one local day, of the two tiers."""

    day: date
    normal: int
    high: int

    @property
    def cases(self) -> int:
        """Cases of both tiers."""
        return self.normal + self.high


@dataclass(frozen=True, slots=True)
class Load:
    """What a set of rules brings in some days.

    Parameters
    ----------
    rows : int
        Predictions of these days.
    rules : tuple of RuleLoad
        In the order of the contract.
    days : tuple of DayLoad
        Every day, those without cases too.
    overlap : int
        Cases that several rules chose.
    checked : float
        Cases that a second person must see by tier or sample, or because they are overturned as
        often as so far, on average; amounts come on top. Blind cases are checked like the others.
    blind : float
        Controls and second reviews that the contract asks for beside them.
    """

    rows: int
    rules: tuple[RuleLoad, ...]
    days: tuple[DayLoad, ...]
    overlap: int
    checked: float
    blind: float = 0.0

    @property
    def cases(self) -> int:
        """All cases."""
        return sum(each.cases for each in self.days)

    @property
    def high(self) -> int:
        """Cases of the high tier."""
        return sum(each.high for each in self.days)

    @property
    def per_day(self) -> float:
        """Cases a calendar day."""
        return self.cases / len(self.days) if self.days else 0.0

    @property
    def per_week(self) -> float:
        """Cases in seven days."""
        return _WEEK * self.per_day

    @property
    def busiest(self) -> DayLoad | None:
        """The day with most cases, the first of equals."""
        return max(self.days, key=lambda each: each.cases, default=None)


@dataclass(frozen=True, slots=True)
class Simulation:
    """Rules that are tried out, beside those in force.

    Parameters
    ----------
    view : View
        The days looked at.
    tried, in_force : Load
        What either brings.
    waiting : int
        Predictions that no rule has been asked about yet, and all become cases or not at once.
    at_once : int
        Cases that the rules tried would make of these, from their ``from`` on.
    seconds_per_case : float, optional
        Median of the time that verdicts took; ``None`` before there are any.
    verdicts : int
        How many were timed.
    overturned : float, optional
        Share of verdicts so far that overturn the model, and are checked for it; ``None`` where it
        would tell of single people.
    """

    view: View
    tried: Load
    in_force: Load
    waiting: int
    seconds_per_case: float | None
    verdicts: int
    at_once: int = 0
    overturned: float | None = None

    def hours(self, load: Load, days: float = _WEEK) -> float | None:
        """Return the reviewers' hours that a load takes in some days; ``None`` if untimed.

        Checks and blind cases count as cases: somebody reads the file for each of them.
        """
        if self.seconds_per_case is None or not load.days:
            return None
        handled = (load.cases + load.checked + load.blind) / len(load.days) * days
        return handled * self.seconds_per_case / 3600


@retry_when_stale
def simulate(
    workspace: Workspace,
    model_id: str,
    review: str | None = None,
    *,
    actor: Actor,
    days: int = 90,
    shares: Mapping[str, float] | None = None,
) -> Simulation:
    """Return what rules would have brought in the last days of a model's log; nothing is saved.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose log.
    review : str, optional
        A contract, or its part ``review``, as YAML; the one in force by default.
    actor : Actor
        Needs ``review.view``; only rows in the actor's scope are looked at.
    days : int
        How many, up to the newest prediction; 1 to 1,096.
    shares : mapping of str to float, optional
        Rule → another share than is written.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    NothingYet
        If there are no predictions.
    ContractError
        If the rules are wrong, field by field.
    InvalidInput
        If the days are too many or too few, or a rule is not there.
    """
    access.require(actor, Permission.review_view, model=model_id)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            N_("Between 1 and {most} days can be looked at."),
            remedy=N_("Choose a number in between."),
            most=MOST_DAYS,
        )
    question = Question(model_id, last=f"{days}d", by="day")
    view = resolve(workspace, question, Permission.review_view, actor=actor)
    with workspace.store.read() as conn:
        text = models.get(conn, model_id).spec_text
        seconds = sorted(routing.seconds_of_verdicts(conn, model_id))
        waiting = routing.waiting_predictions(conn, model_id)
        overturned = _overturned(routing.verdicts_by_person(conn, model_id))
        batches = [each.id for each in routing.waiting_batches(conn, model_id)]
    tried = contract_with_review(text, review) if review else parsed_contract(text)
    tried = _with_shares(tried, shares or {})
    median = _median(seconds)
    return Simulation(
        view,
        _load(workspace, view, tried, overturned),
        _load(workspace, view, view.contract, overturned),
        waiting if view.jurisdictions is None else 0,
        median,
        len(seconds),
        _at_once(workspace, view, tried, batches) if view.jurisdictions is None else 0,
        overturned,
    )


def rules_in_force(workspace: Workspace, model_id: str, *, actor: Actor) -> str:
    """Return the part ``review`` of the contract in force as YAML, to be changed and tried out."""
    access.require(actor, Permission.review_view, model=model_id)
    with workspace.store.read() as conn:
        return review_text(models.get(conn, model_id).spec_text)


def _overturned(counts: Mapping[str, tuple[int, int]]) -> float | None:
    """Return the share overturned of (overturned, all) by person, where a team's may be told."""
    if not team_is_shown({person: n for person, (_, n) in counts.items()}):
        return None
    return sum(hits for hits, _ in counts.values()) / sum(n for _, n in counts.values())


def _load(
    workspace: Workspace, view: View, contract: ModelContract, overturned: float | None
) -> Load:
    with workspace.store.read() as conn:
        plan = routing_plan(workspace, conn, contract)
    rows = RowFilter(jurisdictions=view.jurisdictions, until=view.as_of)
    window = view.window.start, view.window.end
    paths = workspace.lake_paths(view.data_files("predictions"))
    counted, total = count_chosen(workspace.duck, paths, plan, window, rows)
    review = contract.review or Review()
    by_day = _days(view, contract, counted)
    high = sum(each.high for each in by_day)
    normal = sum(each.normal for each in by_day)
    tiers = set(review.check.tiers)
    must = (high if "high" in tiers else 0) + (normal if "normal" in tiers else 0)
    checked = must + _by_chance(review, overturned) * (high + normal - must)
    blind = _blind(contract, review)
    return Load(
        rows=total,
        rules=tuple(_rule(contract, rule, counted) for rule in review.rules),
        days=by_day,
        overlap=sum(each.rows for each in counted if len(each.rules) > 1),
        checked=checked * (1 + blind),
        blind=(high + normal) * blind,
    )


def _at_once(
    workspace: Workspace, view: View, contract: ModelContract, batches: Sequence[str]
) -> int:
    """Return the cases that rules would make, as soon as they hold, of what was never routed."""
    with workspace.store.read() as conn:
        plan = routing_plan(workspace, conn, contract)
        files = manifest.files_at(
            conn, contract.id, view.generation, kinds=["data"], streams=["predictions"]
        )
    return count_waiting(workspace.duck, workspace.lake_paths(files), plan, batches)


def _by_chance(review: Review, overturned: float | None) -> float:
    """Return the share of other cases that are checked: those drawn, and those overturned."""
    against = overturned or 0.0 if review.check.overturn else 0.0
    return 1 - (1 - review.check.share) * (1 - against)


def _blind(contract: ModelContract, review: Review) -> float:
    """Return how many blind cases there are for each live one."""
    controls = review.controls.share if has_known_verdicts(contract) else 0.0
    return controls / (1 - controls) + review.doubles.share


def _rule(contract: ModelContract, rule: ReviewRule, counted: Iterable[ChosenCount]) -> RuleLoad:
    mine = [each for each in counted if rule.id in each.rules]
    return RuleLoad(
        rule,
        matched=sum(each.rows for each in mine),
        leads=sum(each.rows for each in mine if leading_rule(contract, each.rules).id == rule.id),
        alone=sum(each.rows for each in mine if each.rules == (rule.id,)),
    )


def _days(
    view: View, contract: ModelContract, counted: Iterable[ChosenCount]
) -> tuple[DayLoad, ...]:
    found: Counter[tuple[date, str]] = Counter()
    for each in counted:
        found[each.day, tier_of(contract, each.rules)] += each.rows
    first = local_day(view.window.start, view.timezone)
    last = local_day(view.window.end - timedelta(microseconds=1), view.timezone)
    every = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    return tuple(DayLoad(day, found[day, "normal"], found[day, "high"]) for day in every)


def _with_shares(contract: ModelContract, shares: Mapping[str, float]) -> ModelContract:
    if not shares:
        return contract
    review = contract.review or Review()
    unknown = sorted(set(shares) - {rule.id for rule in review.rules})
    wrong = sorted(name for name, share in shares.items() if not 0 <= share <= 1)
    if unknown or wrong:
        raise InvalidInput(
            N_("There is no rule {rules} whose share could be changed so."),
            remedy=N_("Write RULE=SHARE with a rule of the contract and a share from 0 to 1."),
            rules=", ".join(unknown or wrong),
        )
    rules = tuple(
        rule.model_copy(update={"share": shares[rule.id]}) if rule.id in shares else rule
        for rule in review.rules
    )
    return contract.model_copy(update={"review": review.model_copy(update={"rules": rules})})


def _median(ordered: list[float]) -> float | None:
    if not ordered:
        return None
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[-1 - middle]) / 2
