"""All models of a reader beside each other: what they earn, what they lose, how they stand."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import timedelta

from core.domain.identity import Actor, Permission
from core.domain.kpi_level import KpiLevel
from core.domain.money import BASE, DailyRates
from core.domain.status import Status, worst
from core.domain.windows import Chunk, Window, local_day
from core.errors import HarbourlightError, NotComputable, NothingYet
from core.lake.value.cells import value_cells
from core.lake.value.losses import earned_and_lost
from core.services import access
from core.services.checks.glance import Glance, glance
from core.services.kpis import base_rows, kpi_figures
from core.services.performance.counting import matured_before
from core.services.questions import Question, View, resolve
from core.services.rates import rate_table
from core.services.registry.models import RegisteredModel, list_models
from core.services.stale import retry_when_stale
from core.services.value import Compared, simulated_parameters, status_of
from core.services.value.cells import value_question
from core.services.value.compared import compared
from core.services.value.rule import SimulatedNumber
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ModelMoney:
    """What the decisions of one model are worth, converted row by row.

    Parameters
    ----------
    currency : str
        ISO code in which the contract counts.
    gain : Compared
        Over the contract's baseline, in the portfolio's currency.
    earned, lost : float
        Sum of the decisions that were worth more than nothing, and of those worth less, without
        its sign.
    labelled, valued : int
        Decisions whose outcome is known, and those of them that count.
    rates : DailyRates, optional
        What converted them; ``None`` where the contract counts in that currency.
    simulated : tuple of SimulatedNumber
        Made-up numbers that the value hangs on.
    """

    currency: str
    gain: Compared
    earned: float
    lost: float
    labelled: int
    valued: int
    rates: DailyRates | None
    simulated: tuple[SimulatedNumber, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """How many KPIs of a model are on track, at risk and missed; ``untold`` have a target too."""

    on_track: int
    at_risk: int
    missed: int
    untold: int

    @property
    def judged(self) -> int:
        """How many can be held against a target or a limit."""
        return self.on_track + self.at_risk + self.missed

    @property
    def status(self) -> Status:
        """The worst of them."""
        if self.missed:
            return Status.act
        if self.at_risk:
            return Status.watch
        return Status.in_range if self.on_track else Status.not_enough_data


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One model.

    Parameters
    ----------
    model : RegisteredModel
        The model.
    view : View or None
        The twelve months that are looked at; ``None`` while the log is empty.
    money : ModelMoney or None
        What its decisions are worth.
    targets : Targets or None
        How its KPIs stand.
    glance : Glance or None
        Its alerts; ``None`` for a reader of some jurisdictions.
    why : HarbourlightError or None
        Why there is no money, if there is none.
    """

    model: RegisteredModel
    view: View | None
    money: ModelMoney | None
    targets: Targets | None
    glance: Glance | None
    why: HarbourlightError | None = None

    @property
    def gain(self) -> float:
        """Money over the baseline; NaN where it cannot be told."""
        return self.money.gain.gain if self.money else math.nan

    @property
    def lost(self) -> float:
        """Money that single decisions lost; NaN where it cannot be told."""
        return self.money.lost if self.money and self.money.valued else math.nan

    @property
    def to_act(self) -> int:
        """Alerts that are open and ask somebody to act."""
        return self.glance.to_act if self.glance else 0

    @property
    def to_watch(self) -> int:
        """Alerts that are open and to be watched."""
        live = self.glance.alerts if self.glance else ()
        return sum(each.state == "open" and each.severity == "watch" for each in live)

    @property
    def status(self) -> Status:
        """The worst of value, targets and alerts."""
        return worst(
            [
                status_of(self.money.gain) if self.money else Status.not_enough_data,
                self.targets.status if self.targets else Status.not_enough_data,
                self.glance.status if self.glance else Status.not_enough_data,
            ]
        )


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All models of a reader, and in which currency their money is told."""

    rows: tuple[PortfolioRow, ...]
    currency: str

    @property
    def gain(self) -> float:
        """Sum over the models whose value can be told; NaN if it cannot of any."""
        return _sum([row.gain for row in self.rows])

    @property
    def lost(self) -> float:
        """The same of what single decisions lost."""
        return _sum([row.lost for row in self.rows])

    @property
    def valued(self) -> int:
        """How many models' value can be told."""
        return sum(math.isfinite(row.gain) for row in self.rows)

    @property
    def targets(self) -> Targets:
        """All targets together."""
        found = [row.targets for row in self.rows if row.targets]
        return Targets(
            sum(each.on_track for each in found),
            sum(each.at_risk for each in found),
            sum(each.missed for each in found),
            sum(each.untold for each in found),
        )

    @property
    def to_act(self) -> int:
        """Alerts of all models that ask somebody to act."""
        return sum(row.to_act for row in self.rows)

    @property
    def knows_alerts(self) -> bool:
        """Whether the reader sees alerts at all."""
        return any(row.glance is not None for row in self.rows)


@retry_when_stale
def portfolio(
    workspace: Workspace, *, actor: Actor, currency: str = BASE, as_of: str | None = None
) -> Portfolio:
    """Return every model in the actor's scope, those that need somebody first.

    Each is looked at over the twelve months that end with its newest prediction whose outcome is
    final, or with its newest one where none is waited for.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs ``value.view``, and ``kpi.view`` for targets.
    currency : str
        Into which money is converted, each row at the rate of its day.
    as_of : str, optional
        What was known then.
    """
    access.require(actor, Permission.value_view)
    rows = [
        _row(workspace, model, currency, actor=actor, as_of=as_of)
        for model in list_models(workspace, actor=actor)
    ]
    order = [Status.act, Status.watch, Status.in_range, Status.not_enough_data]
    rows.sort(key=lambda row: (order.index(row.status), -row.to_act, row.model.id))
    return Portfolio(tuple(rows), currency)


def _row(
    workspace: Workspace,
    model: RegisteredModel,
    currency: str,
    *,
    actor: Actor,
    as_of: str | None,
) -> PortfolioRow:
    seen = glance(workspace, model.id, actor=actor, as_of=as_of)
    try:
        view = newest_year(workspace, model.id, actor=actor, as_of=as_of)
    except NothingYet as error:
        return PortfolioRow(model, None, None, None, seen, error)
    targets = _targets(workspace, view, actor)
    try:
        money = _money(workspace, view, currency)
    except NotComputable as error:
        return PortfolioRow(model, view, None, targets, seen, error)
    return PortfolioRow(model, view, money, targets, seen)


def newest_year(workspace: Workspace, model_id: str, *, actor: Actor, as_of: str | None) -> View:
    """Return the twelve months that end with the newest final prediction, or the log if shorter.

    The actor needs ``value.view``.
    """
    whole = resolve(
        workspace, Question(model_id, by="all", as_of=as_of), Permission.value_view, actor=actor
    )
    end = min(whole.last_prediction, matured_before(whole))
    if end < whole.first_prediction:  # nothing is final yet
        end = whole.last_prediction
    last = local_day(end, whole.timezone)
    first = max(last - timedelta(days=364), local_day(whole.first_prediction, whole.timezone))
    question = Question(
        model_id, start=first.isoformat(), end=last.isoformat(), by="all", as_of=as_of
    )
    return resolve(workspace, question, Permission.value_view, actor=actor)


def _targets(workspace: Workspace, view: View, actor: Actor) -> Targets | None:
    series = kpi_figures(workspace, view.question, actor=actor).kpis
    levels = [each.whole.level for each in series]
    untold = sum(
        each.whole.level is KpiLevel.not_enough_data and bool(each.definition.targets)
        for each in series
    )
    found = Targets(
        levels.count(KpiLevel.on_track),
        levels.count(KpiLevel.at_risk),
        levels.count(KpiLevel.missed),
        untold,
    )
    return found if found.judged or found.untold else None


@retry_when_stale
def money_of(workspace: Workspace, question: Question, *, actor: Actor) -> ModelMoney:
    """Return what a model's decisions of a period are worth, in the contract's own currency.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period and rows.
    actor : Actor
        Needs ``value.view``.

    Raises
    ------
    NotComputable
        If the contract does not say what a decision is worth.
    NothingYet
        If there is no decision in the period.
    """
    view = resolve(workspace, question, Permission.value_view, actor=actor)
    return _money(workspace, view)


def _money(workspace: Workspace, view: View, currency: str | None = None) -> ModelMoney:
    """Return what decisions are worth; remembered until log, contract or a rate changes."""
    table = rate_table(workspace)
    key: Hashable = ("portfolio money", view.key, currency, table.digest)
    return workspace.memo.get(key, lambda: _counted(workspace, view, currency))


def _counted(workspace: Workspace, view: View, currency: str | None) -> ModelMoney:
    asked = value_question(workspace, view)
    own = asked.currency
    rates = None
    if currency is not None and own != currency:
        days = Window(
            max(view.window.start, view.first_prediction),
            min(view.window.end, view.last_prediction) + timedelta(microseconds=1),
        ).days(view.timezone)
        rates = rate_table(workspace).daily(own, currency, *days)
    rule = replace(asked.rule, rates=rates)
    whole = Chunk(0, "all", view.window.start, view.window.end)
    rows = replace(base_rows(workspace, view, [whole]), rates=asked.rates)
    cells = value_cells(workspace.duck, rows, rule, asked.cut_offs, by_score=False)
    totals = earned_and_lost(workspace.duck, rows, rule)
    return ModelMoney(
        currency=own,
        gain=compared(asked, cells, asked.block.baseline),
        earned=math.nan if asked.lacks_rate() else totals.earned,
        lost=math.nan if asked.lacks_rate() else totals.lost,
        labelled=totals.n,
        valued=totals.valued,
        rates=rates,
        simulated=simulated_parameters(view.contract),
    )


def _sum(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return math.fsum(known) if known else math.nan
