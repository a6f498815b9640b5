"""Fairness: how groups of people fare beside each other, over the period and over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.lake.groups import (
    ALL_CHUNKS,
    NOT_GIVEN,
    OTHER_VALUES,
    SUMS,
    FavourableRule,
    GroupFiles,
    count_groups,
    value_counts,
)
from core.lake.profiles.segments import slice_values
from core.lake.row_filter import RowFilter
from core.metrics.arrays import Integers
from core.metrics.fairness import GroupCounts
from core.services.fairness.attributes import (
    WHOSE,
    Attribute,
    Whose,
    attribute_of,
    compared_columns,
    event_is_favourable,
    favourable_rule,
    holds_numbers,
    minimum_rows,
    ranges_of,
)
from core.services.fairness.figures import (
    AttributeFairness,
    PairFairness,
    attribute_fairness,
    pair_fairness,
)
from core.services.fairness.rows import FairnessRow, rows_of
from core.services.fairness.summaries import Judging
from core.services.questions import Question, View, resolve
from core.services.reference.counts import calendar_only, live_bins, row_filter
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class FairnessTable:
    """How the groups of every attribute of a model fare.

    Parameters
    ----------
    view : View
        What was asked.
    matured_before : datetime
        Outcomes of later predictions are left out.
    rule : FavourableRule
        Which decisions are the favourable ones.
    judging : Judging
        Fewest rows of a group, and what people hope for.
    n, labelled : int
        Rows with a decision; rows with a matured outcome and a prediction of it.
    attributes : tuple of AttributeFairness
        Hong Kong's attributes first.
    pairs : tuple of PairFairness
        The one with the lowest ratio first.
    """

    view: View
    matured_before: datetime
    rule: FavourableRule
    judging: Judging
    n: int
    labelled: int
    attributes: tuple[AttributeFairness, ...]
    pairs: tuple[PairFairness, ...]

    @property
    def judged(self) -> tuple[AttributeFairness, ...]:
        """The attributes with at least two groups to compare, the lowest ratio first."""
        known = [each for each in self.attributes if np.isfinite(each.ratio.value)]
        return tuple(sorted(known, key=lambda each: each.ratio.value))

    @property
    def status(self) -> Status:
        """The worst status of a selection rate ratio."""
        order = (Status.act, Status.watch, Status.in_range)
        found = {each.ratio.status for each in self.judged}
        return next((status for status in order if status in found), Status.not_enough_data)

    def rows(self) -> list[FairnessRow]:
        """Return every figure as a row: attributes, then pairs; the whole period, then chunks."""
        return rows_of(self.view, self.attributes, self.pairs)


@retry_when_stale
def fairness(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    attributes: Iterable[str] | None = None,
    whose: str = "log",
) -> FairnessTable:
    """Compare groups of people.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, slice, version, and what was known when.
    actor : Actor
        Needs ``fairness.view`` for the model.
    attributes : iterable of str, optional
        Only these columns; all that the contract names by default.
    whose : {"log", "final", "people"}
        Whose decisions: the log's own, those that held in the end, or those of people, of the
        predictions that one of them decided. Errors are the model's in each case.

    Raises
    ------
    NothingYet
        If there are no predictions, or a slice is asked for before the reference is complete.
    InvalidInput
        If the chunks are not calendar chunks, or the version, an attribute or ``whose`` is unknown.
    NotComputable
        If nobody can say which decisions are the favourable ones.
    """
    view = resolve(workspace, question, Permission.fairness_view, actor=actor)
    calendar_only(view)
    require_known_version(workspace, view)
    columns = _chosen(view.contract, attributes)
    of = _whose(view, whose)
    key = ("fairness", view.key, columns, of)
    return workspace.memo.get(key, lambda: _table(workspace, view, columns, of))


def _whose(view: View, asked: str) -> Whose:
    if asked not in WHOSE:
        raise InvalidInput(
            N_("{whose} is not whose decisions are compared."),
            remedy=N_("Choose from: {known}."),
            whose=asked,
            known=", ".join(WHOSE),
        )
    if asked == "people" and not view.data_files("decisions"):
        raise NotComputable(
            N_("Nobody has decided about a prediction of {model}."),
            remedy=N_("Ask for the decisions of the log."),
            model=view.contract.id,
        )
    return asked


def _chosen(contract: ModelContract, asked: Iterable[str] | None) -> tuple[str, ...]:
    known = compared_columns(contract)
    if asked is None:
        return known
    wanted = tuple(dict.fromkeys(asked))
    for name in wanted:
        if name not in known:
            raise InvalidInput(
                "People are not compared by {attribute} in {model}.",
                remedy="Choose from: {known}.",
                attribute=name,
                model=contract.id,
                known=", ".join(known) or "–",
            )
    return wanted


def _table(
    workspace: Workspace, view: View, columns: tuple[str, ...], whose: Whose
) -> FairnessTable:
    contract, outcome = view.contract, view.contract.outcome
    files = GroupFiles(
        predictions=workspace.lake_paths(view.data_files("predictions")),
        decisions=workspace.lake_paths(view.data_files("decisions")),
        resolved=workspace.lake_paths(view.data_files("resolved")) if outcome else (),
    )
    matured_before = outcome.matures_after.before(view.as_of) if outcome else view.as_of
    rule = favourable_rule(contract, has_decisions=bool(files.decisions), whose=whose)
    judging = Judging(contract, minimum_rows(contract), event_is_favourable(contract))
    attributes = tuple(attribute_in(workspace, view, files, name) for name in columns)
    counted = count_groups(
        workspace.duck,
        files,
        contract,
        [attribute.counted for attribute in attributes],
        rule,
        periods=view.chunks,
        as_of=view.as_of,
        matured_before=matured_before,
        row_filter=row_filter(workspace, view),
        decided_until=view.decided_until,
    )
    everybody = _sums(counted, ALL_CHUNKS, -1, -1)
    whole = _counts(("all",), everybody, np.zeros(len(everybody), dtype=np.int64))
    _require_favourable(view, rule, whole)
    found = tuple(
        _attribute_fairness(view.chunks, attribute, counted, place, judging)
        for place, attribute in enumerate(attributes)
    )
    return FairnessTable(
        view=view,
        matured_before=matured_before,
        rule=rule,
        judging=judging,
        n=int(whole.n[0]),
        labelled=int(whole.labelled[0]),
        attributes=found,
        pairs=_pairs(found, counted, float(whole.n[0]), judging),
    )


def _require_favourable(view: View, rule: FavourableRule, whole: GroupCounts) -> None:
    """Refuse a log whose decisions are in words that nobody explained.

    Raises
    ------
    NotComputable
        If there are decisions, and none of them is favourable by a list of usual words.
    """
    named = view.contract.fairness is not None and view.contract.fairness.favourable
    if whole.n[0] and not whole.favourable[0] and not named and rule.hoped_for and rule.words:
        raise NotComputable(
            "Nobody has said which decision of {model} people hope for.",
            remedy="Name it in the contract under 'fairness'.",
            model=view.contract.id,
        )


def attribute_in(workspace: Workspace, view: View, files: GroupFiles, name: str) -> Attribute:
    """Return how people are compared by a column, with the values found in the log."""
    contract = view.contract
    if ranges_of(contract, name) or holds_numbers(contract, name) or not files.predictions:
        return attribute_of(contract, name, ())
    scope = (contract.id, view.spec_sha256, view.generation, view.as_of, view.jurisdictions)
    found = workspace.memo.get(
        ("fairness values", *scope, name),
        lambda: value_counts(
            workspace.duck,
            files.predictions,
            contract,
            name,
            reference=view.reference_window,
            row_filter=RowFilter(jurisdictions=view.jurisdictions, until=view.as_of),
        ),
    )
    known = _of_segment(workspace, view, name)
    ordered = [*known, *(value for value in found if value not in known)]
    return attribute_of(contract, name, ordered)


def _of_segment(workspace: Workspace, view: View, name: str) -> tuple[str, ...]:
    """Return the values of a column that is a slice, whose numbers readers know from there."""
    if view.bins_id is None:
        return ()
    alias = view.contract.alias(name)
    cuts = slice_values(view.contract, live_bins(workspace, view))
    return next((cut.values for cut in cuts if cut.column == alias and not cut.edges), ())


def _attribute_fairness(
    chunks: tuple[Chunk, ...],
    attribute: Attribute,
    counted: pd.DataFrame,
    place: int,
    judging: Judging,
) -> AttributeFairness:
    whole, beside = _groups(attribute, _sums(counted, ALL_CHUNKS, place, -1))
    filled = set(counted.loc[(counted["first"] == place) & (counted["chunk"] >= 0), "chunk"])
    parts, rest = [], []
    for chunk in chunks:
        if chunk.index in filled:
            counts, apart = _groups(attribute, _sums(counted, chunk.index, place, -1))
            parts.append((chunk, counts))
            rest.append(sum(apart))
    return attribute_fairness(attribute, whole, tuple(parts), beside, np.asarray(rest), judging)


def _groups(attribute: Attribute, sums: pd.DataFrame) -> tuple[GroupCounts, tuple[float, float]]:
    """Return the counts of all groups, and the rows not given and of rare values."""
    keys = tuple(group.key for group in attribute.groups)
    codes, n = sums["first_code"].to_numpy(dtype=np.int64), sums["n"].to_numpy(dtype=np.float64)
    inside = codes > OTHER_VALUES
    places = np.asarray(attribute.place_of_code, dtype=np.int64)[codes[inside] - 1]
    not_given, rare = (float(n[codes == code].sum()) for code in (NOT_GIVEN, OTHER_VALUES))
    return _counts(keys, sums[inside], places), (not_given, rare)


def _pairs(
    found: tuple[AttributeFairness, ...], counted: pd.DataFrame, total: float, judging: Judging
) -> tuple[PairFairness, ...]:
    pairs = []
    for one, first in enumerate(found):
        for two in range(one + 1, len(found)):
            second = found[two]
            if first.reason or second.reason:
                continue
            table = _cells(first.attribute, second.attribute, _sums(counted, ALL_CHUNKS, one, two))
            pair = pair_fairness((first, second), table, total, judging)
            if pair is not None and np.isfinite(pair.ratio.value):
                pairs.append(pair)
    return tuple(sorted(pairs, key=lambda pair: pair.ratio.value))


def _cells(first: Attribute, second: Attribute, sums: pd.DataFrame) -> GroupCounts:
    """Return the counts of all pairs of groups row by row; who has no group comes last."""
    width = len(second.groups) + 1

    def place(attribute: Attribute, code: int) -> int:
        return attribute.place_of_code[code - 1] if code > 0 else len(attribute.groups)

    cell = [
        place(first, int(one)) * width + place(second, int(two))
        for one, two in zip(sums["first_code"], sums["second_code"], strict=True)
    ]
    count = (len(first.groups) + 1) * width
    keys = tuple(str(each) for each in range(count))
    return _counts(keys, sums, np.asarray(cell, dtype=np.int64))


def _sums(counted: pd.DataFrame, chunk: int, first: int, second: int) -> pd.DataFrame:
    chosen = (
        (counted["chunk"] == chunk) & (counted["first"] == first) & (counted["second"] == second)
    )
    return counted[chosen]


def _counts(keys: tuple[str, ...], sums: pd.DataFrame, places: Integers) -> GroupCounts:
    """Return the counts of groups from rows that say which group's they are; none count nothing."""
    parts = {
        name: np.bincount(places, sums[name].to_numpy(dtype=np.float64), len(keys)) for name in SUMS
    }
    return GroupCounts.of(keys, **parts)
