"""The KPIs of a contract as they are computed: its own, and those of its set, expressions read.

What a contract writes itself is checked when it is loaded. What a set needs and the contract lacks
is no fault: that KPI says what to declare.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.contract import kpi_money
from core.contract.kpi_names import OUTCOME, kpi_names, money_names
from core.contract.kpi_sets import KpiSet, kpi_set
from core.contract.kpis import MONEY, UNITS, Direction, Kpi, Parameter, Target
from core.contract.model import ModelContract
from core.contract.periods import Age
from core.contract.text import LocalisedText
from core.domain.expression import (
    ExpressionError,
    KpiExpression,
    Schema,
    UnknownName,
    kpi_expression,
)
from core.domain.windows import local_day
from core.i18n import N_

_NEEDED = N_("It needs {name}: {need}")
_UNKNOWN = N_("It needs {name}, which this model does not have.")
_NO_OUTCOME = N_("It waits for outcomes, and this model has none.")
_NOT_READ = N_("Its definition cannot be read: {reason}")


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a KPI of a set cannot be computed.

    Parameters
    ----------
    reason : str
        A message of the catalogues.
    params : mapping of str to object
        Values of its placeholders; a :class:`LocalisedText` is shown in the reader's language.
    """

    reason: str
    params: Mapping[str, object]

    @property
    def text(self) -> str:
        """The reason in English."""
        english = {
            name: each.en if isinstance(each, LocalisedText) else each
            for name, each in self.params.items()
        }
        return self.reason.format(**english)


@dataclass(frozen=True, slots=True)
class KpiDefinition:
    """A KPI as it is computed.

    Parameters
    ----------
    id : str
        Its id in the contract.
    name, meaning : LocalisedText
        What people call it, and what it says in one sentence.
    text : str
        Its expression as written.
    expression : KpiExpression, optional
        The same, read; ``None`` if it is not available.
    unit : str
        One of :data:`core.contract.kpis.UNITS`, or ``money``.
    currency : str, optional
        Of money; ``None`` for everything else.
    direction : {"higher_is_better", "lower_is_better", "neutral"}
        Which way is better.
    targets : tuple of Target
        The earliest first.
    watch, act : float, optional
        Limits beyond which it is at risk, and missed.
    maturity : str
        ``none``, ``outcome`` or an age.
    owner : str
        Who answers for it.
    from_set : str, optional
        The set that it comes from.
    set_after_go_live : bool
        Whether its newest target was set after the first prediction.
    unavailable : Unavailable, optional
        Why it cannot be computed.
    converts : bool
        Whether it can be shown in another currency: each of its terms is logged money.
    """

    id: str
    name: LocalisedText
    meaning: LocalisedText
    text: str
    expression: KpiExpression | None
    unit: str
    currency: str | None
    direction: Direction
    targets: tuple[Target, ...]
    watch: float | None
    act: float | None
    maturity: str
    owner: str
    from_set: str | None
    set_after_go_live: bool = False
    unavailable: Unavailable | None = None
    converts: bool = False

    def shown_in(self, currency: str | None) -> str | None:
        """Return the currency that it is shown in if another is asked for: its own if it must."""
        return currency if currency is not None and self.converts else self.currency

    @property
    def age(self) -> Age | None:
        """The age that rows must have, where ``maturity`` is one."""
        return Kpi(id=self.id, maturity=self.maturity).age

    def target_on(self, day: date) -> Target | None:
        """Return the target in force on a day: the newest that was set by then."""
        return next((each for each in reversed(self.targets) if each.set_on <= day), None)


def kpi_schema(contract: ModelContract) -> Schema:
    """Return what the expressions of a contract may name; its own win over the set's."""
    chosen, found = contract.kpi_set, chosen_set(contract)
    parameters: dict[str, Parameter] = dict(found.parameters) if found else {}
    definitions = dict(found.definitions) if found else {}
    definitions |= dict(chosen.definitions) if chosen else {}
    parameters |= contract.parameters
    definitions |= contract.definitions
    return Schema(
        kpi_names(contract),
        {name: each.value for name, each in parameters.items()},
        definitions,
    )


def kpi_parameters(contract: ModelContract) -> dict[str, Parameter]:
    """Return the numbers that the expressions of a contract may name, with what is said of them."""
    found = chosen_set(contract)
    return {**(found.parameters if found else {}), **contract.parameters}


def chosen_set(contract: ModelContract) -> KpiSet | None:
    """Return the set that a contract chooses."""
    return kpi_set(contract.kpi_set.name) if contract.kpi_set else None


def merged_kpis(contract: ModelContract) -> Iterator[tuple[Kpi, str | None]]:
    """Yield the KPIs of a contract in order, each with the set that it comes from.

    Those of the set come first, changed by what the contract says of them.
    """
    chosen, found = contract.kpi_set, chosen_set(contract)
    own = {kpi.id: kpi for kpi in contract.kpis}
    of_set = {kpi.id for kpi in found.kpis} if found else set()
    for kpi in found.kpis if found else ():
        if chosen is not None and kpi.id in chosen.leave_out and kpi.id not in own:
            continue
        given = own.get(kpi.id)
        changes = {name: getattr(given, name) for name in given.model_fields_set} if given else {}
        yield kpi.model_copy(update=changes), found.id if found else None
    yield from ((kpi, None) for kpi in contract.kpis if kpi.id not in of_set)


def kpi_definitions(
    contract: ModelContract, first_prediction: datetime | None = None
) -> tuple[KpiDefinition, ...]:
    """Return the KPIs of a contract, expressions read.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    first_prediction : datetime, optional
        When the model went live; without it no target is late.
    """
    live = local_day(first_prediction, contract.timezone) if first_prediction else None
    schema = kpi_schema(contract)
    return tuple(
        _definition(contract, schema, kpi, of_set, live) for kpi, of_set in merged_kpis(contract)
    )


def kpi_definition(contract: ModelContract, kpi_id: str) -> KpiDefinition | None:
    """Return one KPI of a contract, its expression read; ``None`` if it has no such KPI."""
    found = next((each for each in merged_kpis(contract) if each[0].id == kpi_id), None)
    return None if found is None else _definition(contract, kpi_schema(contract), *found, None)


def kpi_label(kpi: Kpi) -> LocalisedText:
    """Return what people call a KPI; one without a name is called by its id."""
    return kpi.name or LocalisedText(en=kpi.id)


def _definition(
    contract: ModelContract, schema: Schema, kpi: Kpi, of_set: str | None, live: date | None
) -> KpiDefinition:
    text = kpi.definition or ""
    expression, unavailable = None, None
    try:
        expression = kpi_expression(text, schema)
    except ExpressionError as error:
        unavailable = _lacking(contract, error)
    if kpi.maturity == "outcome" and contract.outcome is None:
        expression, unavailable = None, Unavailable(_NO_OUTCOME, {})
    is_money = kpi.unit not in UNITS or kpi.unit == MONEY
    name = kpi_label(kpi)
    return KpiDefinition(
        id=kpi.id,
        name=name,
        meaning=kpi.meaning or name,
        text=text,
        expression=expression,
        unit=MONEY if is_money else kpi.unit,
        currency=(contract.currency if kpi.unit == MONEY else kpi.unit) if is_money else None,
        direction=kpi.direction,
        targets=kpi.targets,
        watch=kpi.watch,
        act=kpi.act,
        maturity=kpi.maturity,
        owner=kpi.owner or contract.owner,
        from_set=of_set,
        set_after_go_live=bool(kpi.targets and live is not None and kpi.targets[-1].set_on > live),
        unavailable=unavailable,
        converts=is_money and expression is not None and _is_logged_money(contract, expression),
    )


def _is_logged_money(contract: ModelContract, expression: KpiExpression) -> bool:
    """Whether each term of an expression is money that a contract says is logged."""
    return kpi_money.is_money(expression, money_names(contract))


def _lacking(contract: ModelContract, error: ExpressionError) -> Unavailable:
    """Return what to declare, in the words of the set where it has some."""
    found = chosen_set(contract)
    needs = found.needs if found else {}
    name = str(error.params.get("name", "")) if isinstance(error, UnknownName) else ""
    for each in (name, name.removeprefix(OUTCOME), error.definition):
        if each and each in needs:
            return Unavailable(_NEEDED, {"name": each, "need": needs[each]})
    if name:
        return Unavailable(_UNKNOWN, {"name": name})
    return Unavailable(_NOT_READ, {"reason": error.message})
