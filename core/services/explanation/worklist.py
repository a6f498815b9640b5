"""Which automated decisions differ from what was to be expected, and which were explained."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import start_of_day
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.decisions.unexpected_rows import (
    Counted,
    Unexpected,
    count_unexpected,
    list_unexpected,
    unexplained_ids,
)
from core.lake.decisions.unexpected_sql import WAYS, KnownIds, RuleSql, UnexpectedFiles, Way
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.explanation.automated import LookedAtLog, draw_automated
from core.services.explanation.by_like_cases import reviewers_say
from core.services.explanation.by_previous import NO_RULE, NONE_AUTOMATED, previous_says
from core.services.explanation.held_against import HeldAgainst, Judgement, Otherwise
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.review.blind import kept_back
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.explanations import records as explanations
from core.store.explanations.records import KeptCounts

MOST = 10_000
LISTED = 25
"""So many decisions the page Explanations, a model's card and reading ahead ask for."""
NO_OUTCOME = N_("No outcome of two classes is known yet.")
NO_SCORE = N_("No decision has a score that a policy can be held against.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A decision of the list, as its reader may see it.

    Parameters
    ----------
    row : Unexpected
        The decision; what is personal is masked.
    previous, reviewers : Otherwise, optional
        What the version before, and reviewers of like cases, would have decided instead.
    """

    row: Unexpected
    previous: Otherwise | None = None
    reviewers: Otherwise | None = None


@dataclass(frozen=True, slots=True)
class Worklist:
    """Automated decisions of a model, and how they were explained.

    Parameters
    ----------
    model_id : str
        Which.
    versions : tuple of Counted
        Counts by version, as the log has it.
    rows : tuple of Listed
        Decisions that differ, unexplained ones first.
    kept : KeptCounts
        What was kept of explanations.
    ways : tuple of HeldAgainst
        What decisions were held against, in the order of :data:`WAYS`.
    verdicts, simulated : int
        Final verdicts of reviewers that were used, and those of them that a demo simulated.
    """

    model_id: str
    versions: tuple[Counted, ...]
    rows: tuple[Listed, ...]
    kept: KeptCounts
    ways: tuple[HeldAgainst, ...] = ()
    verdicts: int = 0
    simulated: int = 0

    @property
    def is_held(self) -> bool:
        """Whether any decision could be held against anything."""
        return any(each.looked_at for each in self.ways)

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
        """Those that differ from what was expected, in any way."""
        return sum(each.differing for each in self.versions)

    @property
    def unexplained(self) -> int:
        """Those that differ from what was expected, without an explanation."""
        return sum(each.unexplained for each in self.versions)

    def way(self, name: str) -> HeldAgainst:
        """Return one of the ways."""
        return next(each for each in self.ways if each.way == name)


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """What is said of the decisions that were drawn."""

    previous: Judgement
    reviewers: Judgement
    drawn: int = 0
    known: KnownIds = field(default_factory=KnownIds)


@retry_when_stale
def worklist(
    workspace: Workspace,
    model_id: str,
    *,
    actor: Actor,
    limit: int = 50,
    way: Way | None = None,
) -> Worklist:
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
        Most decisions to list, up to 10,000.
    way : str, optional
        List only what differs from this; the counts stay those of all.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    log, kept, explained = _read(workspace, model_id, actor)
    found = _judged(log, explained)
    files = _files(log)
    key = ("unexpected", *log.key, files.as_of, *(hash(each) for each in _ids(found.known)))
    versions = workspace.memo.get(key, lambda: count_unexpected(workspace.duck, files, found.known))
    most = min(max(limit, 0), MOST)
    rows = workspace.memo.get(
        (*key, most, way),
        lambda: list_unexpected(
            workspace.duck,
            files,
            found.known,
            limit=most,
            way=way,
            by_amount=not log.contract.is_personal("@amount"),
        ),
    )
    untold = kept_back(workspace, model_id, actor, among=[each.prediction_id for each in rows])
    shown = [each for each in rows if each.prediction_id not in untold]
    return Worklist(
        model_id,
        versions,
        _listed(log.contract, shown, found),
        kept,
        _ways(versions, found, files),
        found.reviewers.told,
        found.reviewers.simulated,
    )


@retry_when_stale
def unexplained(workspace: Workspace, model_id: str, *, actor: Actor) -> tuple[str, ...]:
    """Return every decision of the worklist without an explanation, however many they are.

    Parameters
    ----------
    workspace, model_id : Workspace, str
        Of which model.
    actor : Actor
        As of :func:`worklist`; who is not shown a decision there does not get it here.

    Returns
    -------
    tuple of str
        Ids, in the order of the list.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    InvalidInput
        If ids of decisions are personal: the list masks them.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    log, _, explained = _read(workspace, model_id, actor)
    if log.contract.is_personal("@prediction_id"):
        raise InvalidInput(
            N_("Ids of decisions are personal, so the worklist does not tell which they are."),
            remedy=N_("Choose by a condition or by days."),
        )
    ids = unexplained_ids(
        workspace.duck,
        _files(log),
        _judged(log, explained).known,
        by_amount=not log.contract.is_personal("@amount"),
    )
    untold = kept_back(workspace, model_id, actor, among=ids)
    return tuple(each for each in ids if each not in untold)


def _read(
    workspace: Workspace, model_id: str, actor: Actor
) -> tuple[LookedAtLog, KeptCounts, frozenset[str]]:
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        log = LookedAtLog(
            workspace=workspace,
            actor=actor,
            contract=parsed_contract(record.spec_text),
            spec_sha256=record.spec_sha256,
            generation=record.lake_generation,
            bins_id=record.live_bins_id,
            files=tuple(manifest.files_at(conn, model_id, record.lake_generation, kinds=["data"])),
            artefacts=tuple(models.artefacts(conn, model_id)),
            as_of=workspace.clock().replace(minute=0, second=0, microsecond=0),
        )
        kept = explanations.counts(conn, model_id, jurisdictions=log.scope)
        explained = explanations.explained_ids(conn, model_id)
    return log, kept, explained


def _judged(log: LookedAtLog, explained: frozenset[str]) -> _Judged:
    drawn = draw_automated(log)
    previous, reviewers = previous_says(log, drawn), reviewers_say(log, drawn)
    known = KnownIds(explained, frozenset(previous.otherwise), frozenset(reviewers.otherwise))
    is_sample = drawn.population > len(drawn.rows)
    return _Judged(previous, reviewers, len(drawn.rows) if is_sample else 0, known)


def _ids(known: KnownIds) -> tuple[Collection[str], ...]:
    return known.explained, known.previous, known.reviewers


def _files(log: LookedAtLog) -> UnexpectedFiles:
    return UnexpectedFiles(
        log.paths("predictions"),
        log.paths("decisions"),
        log.paths("resolved"),
        score_rules(log.contract),
        RowFilter(jurisdictions=log.scope),
        log.as_of,
        log.contract.task == "binary_classification",
    )


def _ways(
    versions: Sequence[Counted], found: _Judged, files: UnexpectedFiles
) -> tuple[HeldAgainst, ...]:
    population = sum(each.decisions for each in versions)
    by_policy = sum(each.with_policy for each in versions)
    by_outcome = sum(each.with_outcome for each in versions)
    without = "" if population else NONE_AUTOMATED
    no_rule = "" if files.rules else NO_RULE
    judged = {
        "policy": ("" if by_policy else no_rule or NO_SCORE, by_policy, 0),
        "outcome": ("" if by_outcome else no_rule or NO_OUTCOME, by_outcome, 0),
        "previous": (found.previous.why, found.previous.looked_at, found.drawn),
        "reviewers": (found.reviewers.why, found.reviewers.looked_at, found.drawn),
    }
    return tuple(
        HeldAgainst(
            way,
            sum(getattr(each, f"by_{way}") for each in versions),
            judged[way][1],
            population,
            without or judged[way][0],
            judged[way][2],
        )
        for way in WAYS
    )


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


def _listed(
    contract: ModelContract, rows: Sequence[Unexpected], found: _Judged
) -> tuple[Listed, ...]:
    hidden = {name: contract.is_personal(f"@{name}") for name in _PERSONAL}
    return tuple(_masked(each, place, found, hidden) for place, each in enumerate(rows, start=1))


_PERSONAL = ("prediction_id", "score", "amount", "decision")


def _masked(row: Unexpected, place: int, found: _Judged, hidden: Mapping[str, bool]) -> Listed:
    """Return a decision of the list without what is personal in it."""
    previous = found.previous.otherwise.get(row.prediction_id)
    reviewers = found.reviewers.otherwise.get(row.prediction_id)
    if previous is not None and hidden["score"]:
        previous = replace(previous, score=None)
    if hidden["decision"]:
        previous = None if previous is None else replace(previous, decision=MASK)
        reviewers = None if reviewers is None else replace(reviewers, decision=MASK)
    shown = replace(
        row,
        prediction_id=f"{MASK} {place}" if hidden["prediction_id"] else row.prediction_id,
        decision=MASK if hidden["decision"] else row.decision,
        score=None if hidden["score"] else row.score,
        amount=None if hidden["amount"] else row.amount,
    )
    return Listed(shown, previous, reviewers)
