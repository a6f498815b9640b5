"""The decisions behind a KPI's figure: which count, what each adds, personal values masked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from core.contract import ModelContract
from core.contract.kpi_definitions import KpiDefinition
from core.contract.kpi_names import DECISION_NAMES, LABEL, kpi_names
from core.domain.expression import Atom, Combined, KpiExpression, Reference, written
from core.domain.expression.tree import Column, columns_of
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.kpis.examples import ALWAYS, kpi_examples
from core.lake.profiles.segments import SliceValues
from core.lake.streams import stream_columns
from core.services.kpis.parts import parts_of
from core.services.kpis.rows import definition_of, kpi_rows, rates_digest
from core.services.personal.names import MASK, lake_label
from core.services.questions import Question, View, resolve
from core.services.registry.versions import require_known_version
from core.services.review.blind import kept_back
from core.services.rights import attention
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

PartRole = Literal["figure", "numerator", "denominator", "part"]

MOST = 200
# Free text that people typed may name somebody, and is personal whatever the contract says.
_NEVER = frozenset({"subject", "reason"})
WITHHELD = N_(
    "Which decisions count follows from personal values, so their list would tell these. It is not "
    "shown; only the number is."
)
_USUAL = ("amount", "score", "final_decision", "decided_by", LABEL)


@dataclass(frozen=True, slots=True)
class KpiPart:
    """One of the sums that a KPI is computed from.

    Parameters
    ----------
    text : str
        As an expression has it.
    role : {"figure", "numerator", "denominator", "part"}
        What it is of the KPI: all of it, a side of its fraction, or something else.
    counts : bool
        Whether rows are only counted: each adds 1.
    hidden : bool
        Whether it is not told row by row, because it is made of personal values.
    """

    text: str
    role: PartRole
    counts: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One decision that counts.

    Parameters
    ----------
    prediction : str
        Its id; a number where ids are personal.
    at : datetime
        When the prediction was made.
    version : str
        Of the model.
    values : tuple
        By :attr:`KpiDrill.names`; masked where personal.
    adds : tuple of (float or None)
        By :attr:`KpiDrill.parts`: what it adds; ``None`` where it does not count.
    disputed : bool
        Whether the customer disputes it: a note goes along with it.
    """

    prediction: str
    at: datetime
    version: str
    values: tuple[object, ...]
    adds: tuple[float | None, ...]
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class KpiDrill:
    """Some of the decisions behind a figure.

    Parameters
    ----------
    view : View
        The question made exact.
    definition : KpiDefinition
        The KPI.
    counted : int
        All decisions that count.
    names : tuple of str
        What is told of each, as expressions name it.
    parts : tuple of KpiPart
        The sums that the KPI is computed from.
    rows : tuple of KpiRow
        Those that add most to the first part, the largest first; the newest first where what they
        add is hidden, for the order would tell it.
    withheld : str
        Message: why no row is told; empty if rows are.
    by_weight : bool
        Whether rows are in the order of what they add.
    """

    view: View
    definition: KpiDefinition
    counted: int
    names: tuple[str, ...]
    parts: tuple[KpiPart, ...]
    rows: tuple[KpiRow, ...]
    withheld: str = ""
    by_weight: bool = True


@retry_when_stale
def decisions_behind(
    workspace: Workspace,
    question: Question,
    kpi: str,
    *,
    actor: Actor,
    segment: tuple[str, str] | None = None,
    overridden: bool = False,
    limit: int = 50,
) -> KpiDrill:
    """Return decisions that count in a KPI over a question's whole period.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Model, period, version, slice and as-of; its chunk length does not matter.
    kpi : str
        Id of the KPI.
    actor : Actor
        Who asks; only rows in the actor's scope are looked at. Who works on cases is not told the
        row of a prediction that is decided a second time, blind.
    segment : (str, str), optional
        Name and value of a segment, the value as readers see it: only its rows.
    overridden : bool
        Only where people decided otherwise than was decided automatically.
    limit : int
        Most rows, up to 200.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not ask, or there is no such model, KPI or value.
    NothingYet
        If there are no predictions, or values of a segment are asked for before the reference.
    InvalidInput
        If the KPI cannot be computed, or more rows are asked for than anybody reads.
    """
    view = resolve(workspace, replace(question, by="all"), Permission.kpi_view, actor=actor)
    require_known_version(workspace, view)
    if not 1 <= limit <= MOST:
        raise InvalidInput(
            "{limit} rows cannot be shown.",
            remedy="Ask for 1 to {most}.",
            limit=limit,
            most=MOST,
        )
    disputed = attention.disputed(workspace, view.contract.id)
    untold = kept_back(workspace, view.contract.id, actor)
    key = ("kpi drill", view.key, kpi, segment, overridden, limit, rates_digest(workspace), untold)
    drill, told = workspace.memo.get(
        (*key, disputed),
        lambda: _drill(
            workspace,
            view,
            kpi,
            segment,
            overridden=overridden,
            limit=limit,
            disputed=disputed,
            untold=untold,
        ),
    )
    if told:
        attention.note_shown(workspace, view.contract.id, told, "kpi rows", by=actor)
    return drill


def _drill(
    workspace: Workspace,
    view: View,
    kpi: str,
    segment: tuple[str, str] | None,
    *,
    overridden: bool,
    limit: int,
    disputed: frozenset[str],
    untold: frozenset[str],
) -> tuple[KpiDrill, frozenset[str]]:
    """Return the decisions, and which predictions of theirs are disputed."""
    definition = definition_of(view, kpi)
    expression = definition.expression
    if expression is None:
        raise InvalidInput(
            "{kpi} cannot be computed for {model}.",
            remedy="Run 'harbourlight kpis {model}' to see what it needs.",
            kpi=kpi,
            model=view.contract.id,
        )
    contract = view.contract
    names, parts = _names(contract, expression), _parts(contract, expression)
    withheld = any(_chooses_by_personal(contract, atom) for atom in expression.atoms)
    by_weight = not any(part.hidden for part in parts[:1])
    cut = None if segment is None else _cut(workspace, view, segment)
    found = kpi_examples(
        workspace.duck,
        kpi_rows(workspace, view, definition),
        expression,
        shown=names,
        limit=0 if withheld else limit,
        cut=cut,
        text=cut is None or stream_columns(contract, "predictions")[cut[0].column] == "VARCHAR",
        overridden=overridden,
        by_weight=by_weight,
    )
    told = [
        pair for pair in zip(found.rows, found.parts, strict=True) if str(pair[0][0]) not in untold
    ]
    rows = _masked(contract, names, parts, told, disputed)
    why = WITHHELD if withheld else ""
    drill = KpiDrill(view, definition, found.counted, names, parts, rows, why, by_weight)
    return drill, disputed & {str(row[0]) for row, _ in told}


def _names(contract: ModelContract, expression: KpiExpression) -> tuple[str, ...]:
    """Return what is told of each row: what is usual, and what the KPI itself reads."""
    known = kpi_names(contract)
    wanted = [name for name in _USUAL if name in known]
    wanted += sorted(expression.columns - set(wanted))
    return tuple(name for name in wanted if name not in _NEVER and name not in ALWAYS)


def _cut(workspace: Workspace, view: View, segment: tuple[str, str]) -> tuple[SliceValues, str]:
    name, shown = segment
    cut = parts_of(workspace, view, name, by_version=False, by_source=False).by.segment
    if cut is None:
        raise TypeError("a segment without values is refused before")
    return cut, lake_label(view.contract, cut, shown)


def _masked(
    contract: ModelContract,
    names: tuple[str, ...],
    parts: tuple[KpiPart, ...],
    found: Iterable[tuple[Sequence[object], Sequence[float | None]]],
    disputed: frozenset[str],
) -> tuple[KpiRow, ...]:
    """Return the rows as readers may see them."""
    hidden_id = contract.is_personal("@prediction_id")
    masks = [_is_personal(contract, name) for name in names]
    rows = []
    for place, (row, adds) in enumerate(found, start=1):
        prediction, at, version, *values = row
        if not isinstance(at, datetime):
            raise TypeError("a prediction without a time")
        rows.append(
            KpiRow(
                f"{MASK} {place}" if hidden_id else str(prediction),
                at,
                str(version or ""),
                tuple(
                    MASK if mask and value is not None else value
                    for mask, value in zip(masks, values, strict=True)
                ),
                tuple(
                    None if part.hidden else each for part, each in zip(parts, adds, strict=True)
                ),
                str(prediction) in disputed,
            )
        )
    return tuple(rows)


def _is_personal(contract: ModelContract, name: str) -> bool:
    if name in DECISION_NAMES:
        return False
    return contract.is_personal(name) or contract.is_personal(f"@{name}")


def _tells_personal(contract: ModelContract, atom: Atom) -> bool:
    """Whether what a row adds is a personal value, or made of one."""
    return any(_is_personal(contract, name) for name in columns_of(atom.value))


def _chooses_by_personal(contract: ModelContract, atom: Atom) -> bool:
    """Whether a row that counts is told to have some personal value.

    A condition tells it. So may a formula, which can be missing for all values but one; that a
    column has a value at all tells nothing.
    """
    if any(_is_personal(contract, name) for name in columns_of(atom.where)):
        return True
    return _tells_personal(contract, atom) and not isinstance(atom.value, Column)


def _parts(contract: ModelContract, expression: KpiExpression) -> tuple[KpiPart, ...]:
    roles = _roles(expression)
    return tuple(
        KpiPart(
            _part_text(atom),
            roles.get(place, "part"),
            atom.value is None or atom.kind == "distinct",
            _tells_personal(contract, atom),
        )
        for place, atom in enumerate(expression.atoms)
    )


def _roles(expression: KpiExpression) -> dict[int, PartRole]:
    """Return what parts are that a reader can be told of without the formula."""
    match expression.root:
        case Reference(index=index):
            return {index: "figure"}
        case Combined(operator="/", left=Reference(index=above), right=Reference(index=below)):
            return {above: "numerator", below: "denominator"}
    return {}


def _part_text(atom: Atom) -> str:
    """Return one of the KPI's sums as an expression has it."""
    value = "" if atom.value is None else written(atom.value)
    where = "" if atom.where is None else written(atom.where)
    inside = f"{value} where {where}" if value and where else value or where
    return f"{atom.kind}({inside})"
