"""Which automated decisions differ from what was to be expected, and which were explained."""

from dataclasses import dataclass

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import start_of_day
from core.i18n import N_
from core.lake.row_filter import RowFilter
from core.lake.unexpected_rows import (
    Counted,
    RuleSql,
    Unexpected,
    UnexpectedFiles,
    count_unexpected,
    list_unexpected,
)
from core.services import access
from core.services.personal_names import MASK
from core.services.questions import parsed_contract
from core.services.review.blind import kept_back
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import explanations, manifest, models
from core.store.explanations import KeptCounts

MOST = 200
NO_RULE = N_("No policy of the contract says which score leads to which decision.")


@dataclass(frozen=True, slots=True)
class Worklist:
    """Automated decisions of a model, and how they were explained.

    Parameters
    ----------
    model_id : str
        Which.
    versions : tuple of Counted
        Counts by version, as the log has it.
    rows : tuple of Unexpected
        Decisions that differ, unexplained ones first; ids masked where personal.
    kept : KeptCounts
        What was kept of explanations.
    why : str
        Why decisions cannot be held against anything; empty if they can.
    """

    model_id: str
    versions: tuple[Counted, ...]
    rows: tuple[Unexpected, ...]
    kept: KeptCounts
    why: str = ""

    @property
    def decisions(self) -> int:
        """Automated decisions."""
        return sum(each.decisions for each in self.versions)

    @property
    def explained(self) -> int:
        """Those of which an explanation was kept."""
        return sum(each.explained for each in self.versions)

    @property
    def differing(self) -> int:
        """Those that differ from what was expected, in one way or both."""
        return sum(each.differing for each in self.versions)

    @property
    def unexplained(self) -> int:
        """Those that differ from what was expected, without an explanation."""
        return sum(each.unexplained for each in self.versions)


@retry_when_stale
def worklist(workspace: Workspace, model_id: str, *, actor: Actor, limit: int = 50) -> Worklist:
    """Return the automated decisions of a model that differ from what was to be expected.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``explanation.view``; rows outside the actor's jurisdictions are left out. Whoever
        works on the queue without watching over it is not shown those that are decided again,
        blind: they stay counted.
    limit : int
        Most decisions to list, up to 200.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    scope = None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(conn, model_id, record.lake_generation, kinds=["data"])
        kept = explanations.counts(conn, model_id, jurisdictions=scope)
        explained = explanations.explained_ids(conn, model_id)
    contract = parsed_contract(record.spec_text)
    rules = score_rules(contract)
    if not rules:
        return Worklist(model_id, (), (), kept, NO_RULE)
    paths = {
        stream: workspace.lake_paths(each for each in files if each.stream == stream)
        for stream in ("predictions", "decisions", "resolved")
    }
    looked_at = UnexpectedFiles(
        paths["predictions"],
        paths["decisions"],
        paths["resolved"],
        rules,
        RowFilter(jurisdictions=scope),
        workspace.clock().replace(minute=0, second=0, microsecond=0),
        contract.task == "binary_classification",
    )
    key = ("unexpected", record.spec_sha256, record.lake_generation, scope, looked_at.as_of)
    versions = workspace.memo.get(
        (*key, hash(explained)), lambda: count_unexpected(workspace.duck, looked_at, explained)
    )
    most = min(max(limit, 0), MOST)
    rows = workspace.memo.get(
        (*key, hash(explained), most),
        lambda: list_unexpected(workspace.duck, looked_at, explained, limit=most),
    )
    untold = kept_back(workspace, model_id, actor, among=[each.prediction_id for each in rows])
    shown = [each for each in rows if each.prediction_id not in untold]
    return Worklist(model_id, versions, _masked(contract, shown), kept)


def score_rules(contract: ModelContract) -> tuple[RuleSql, ...]:
    """Return the policies on the score: those of named versions first, then the newest first."""
    named: dict[str, list[str]] = {}
    for version in contract.versions:
        if version.policy is not None:
            named.setdefault(version.policy, []).append(version.id)
    on_score = [each for each in contract.policy if each.parts()[0] == "score"]
    of_versions, by_day = [], []
    for policy in sorted(on_score, key=lambda each: each.start, reverse=True):
        _, comparison, limit, decision = policy.parts()
        start = start_of_day(policy.start, contract.timezone)
        if policy.version in named:
            versions = tuple(named[policy.version])
            of_versions.append(RuleSql(versions, None, comparison, limit, decision))
        by_day.append(RuleSql((), start, comparison, limit, decision))
    return (*of_versions, *by_day)


def _masked(contract: ModelContract, rows: list[Unexpected]) -> tuple[Unexpected, ...]:
    hidden_id = contract.is_personal("@prediction_id")
    hidden_amount = contract.is_personal("@amount")
    return tuple(
        Unexpected(
            f"{MASK} {place}" if hidden_id else each.prediction_id,
            each.version,
            each.decision,
            each.time,
            each.score,
            None if hidden_amount else each.amount,
            each.by_policy,
            each.by_outcome,
            each.explained,
        )
        for place, each in enumerate(rows, start=1)
    )
