"""The decisions of a model that an expression over its log chooses, in a reader's scope."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.contract import ModelContract
from core.contract.kpi_definitions import kpi_schema
from core.contract.review_rules import logged_names
from core.domain.expression import RowExpression, Schema, row_expression
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.decisions.chosen import Choice, ChosenRows, chosen_decisions
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.explanation.decision import Decision
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.review.hidden_score import hidden_from
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.models import Artefact

MOST = 100_000
USUAL = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Decisions that were chosen.

    Parameters
    ----------
    contract, spec_sha256 : ModelContract, str
        In force, and its hash.
    files : sequence of Artefact
        All registered files of the model, the newest first.
    rows : ChosenRows, optional
        ``None`` where there is no log yet.
    left_out : int
        Decisions of the model that are reviewed without their score, and were not asked about.
    """

    contract: ModelContract
    spec_sha256: str
    files: Sequence[Artefact]
    rows: ChosenRows | None
    left_out: int

    @property
    def count(self) -> int:
        """How many they are."""
        return 0 if self.rows is None else int(self.rows.rows.num_rows)

    def ids(self) -> list[str]:
        """Return their ids, in the order of :meth:`chunks`."""
        found = [] if self.rows is None else self.rows.rows.column("prediction_id").to_pylist()
        return [str(each) for each in found]

    def chunks(self, workspace: Workspace, size: int) -> Iterator[list[Decision]]:
        """Yield the decisions, so many at a time, by version, time and id."""
        for first in range(0, self.count, size):
            rows = () if self.rows is None else self.rows.slice(first, size)
            yield [self._decision(workspace, row) for row in rows]

    def _decision(self, workspace: Workspace, row: dict[str, object]) -> Decision:
        subject = reasons.subject_of_prediction(workspace, self.contract, row)
        return Decision(self.contract, self.spec_sha256, self.files, row, subject)


@retry_when_stale
def choose_decisions(
    workspace: Workspace,
    model_id: str,
    where: str,
    *,
    limit: int,
    actor: Actor,
    spans: Sequence[tuple[datetime, datetime]] = (),
    among: Collection[str] | None = None,
) -> Chosen:
    """Return the decisions of a model that an expression chooses.

    A decision that is being reviewed without the model's score is left out whatever the
    expression says: that it is chosen would tell of the score.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    where : str
        A condition over what the log says of a prediction, in the language of KPIs.
    limit : int
        The most decisions to choose, up to :data:`MOST`.
    actor : Actor
        Needs ``explanation.make``; only rows in the actor's scope are chosen.
    spans, among
        As of :class:`core.lake.decisions.chosen.Choice`.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model in the actor's scope.
    ExpressionError
        If the expression is wrong, at its first wrong place.
    InvalidInput
        If it names personal values, or chooses too many decisions.
    """
    access.require(actor, Permission.explanation_make, model=model_id)
    if not 1 <= limit <= MOST:
        raise InvalidInput(
            N_("{limit} decisions cannot be explained at once."),
            remedy=N_("Choose from 1 to {most}."),
            limit=limit,
            most=MOST,
        )
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        artefacts = models.artefacts(conn, model_id)
        hidden = hidden_from(conn, model_id, actor)
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    contract = parsed_contract(record.spec_text)
    choice = Choice(
        contract, checked_condition(contract, where), _scope(actor), hidden, spans, among
    )
    rows = None
    if files:
        paths = workspace.lake_paths(files)
        found = chosen_decisions(workspace.duck, paths, choice, most=limit)
        rows = _few(found, limit)
    return Chosen(contract, record.spec_sha256, artefacts, rows, len(hidden))


def checked_condition(contract: ModelContract, where: str) -> RowExpression:
    """Return the expression, read; it may name nothing that is personal, or known later.

    Raises
    ------
    InvalidInput
        If it names something personal.
    """
    known = kpi_schema(contract)
    schema = Schema(logged_names(contract), known.parameters, known.definitions)
    found = row_expression(where, schema, kind="boolean")
    for name in sorted(found.columns):
        if contract.is_personal(name) or contract.is_personal(f"@{name}"):
            raise InvalidInput(
                N_("{name} is personal: which decisions are chosen by it would tell its values."),
                remedy=N_("Choose by columns that are not personal."),
                name=name,
            )
    return found


def _scope(actor: Actor) -> RowFilter:
    seen = actor.jurisdictions
    return RowFilter(jurisdictions=None if seen is None else tuple(sorted(seen)))


def _few(found: ChosenRows | int, limit: int) -> ChosenRows:
    if isinstance(found, int):
        raise InvalidInput(
            N_("The expression chooses {found} decisions, more than the {limit} allowed."),
            remedy=N_("Narrow the expression, or set the limit higher, up to {most}."),
            found=found,
            limit=limit,
            most=MOST,
        )
    return found
