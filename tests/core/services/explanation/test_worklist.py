"""Decisions that differ from what was expected; the second source is pandas on the files' rows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.contract import contract_from_text
from core.domain.identity import Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.services import ingest
from core.services.explanation import worklist as module
from core.services.explanation.by_previous import NO_RULE
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.worklist import (
    LISTED,
    Worklist,
    score_rules,
    unexplained,
    worklist,
)
from core.services.explanation.worklist_warm import read_worklists
from core.services.personal.names import MASK
from core.store.explanations.records import KeptCounts
from tests.support.builders import contract_text
from tests.support.demo_slices import DEMO, SBA, decisions_of, direct_scores, fitted, sba_log
from tests.support.explained import CUT_OFF, Explained, an_explained_workspace

FLIPPED, BY_PEOPLE, CLOSE = 3, 5, 7


def log() -> pd.DataFrame:
    """Return loans of which one goes against the policy, and one lies on the cut-off."""
    found: Any = sba_log(every=200).copy()
    found.loc[FLIPPED, "default_score"], found.loc[FLIPPED, "decision"] = 0.01, "decline"
    found.loc[CLOSE, "default_score"], found.loc[CLOSE, "decision"] = CUT_OFF, "approve"
    return pd.DataFrame(found)


LOG = log()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    folder = tmp_path_factory.mktemp("worklist")
    made = an_explained_workspace(folder / "home", log=LOG)
    made.workspace.clock.now = datetime(2026, 11, 1, tzinfo=UTC)  # type: ignore[attr-defined]
    outcomes = pd.read_parquet(DEMO / SBA / "outcomes.parquet")
    known = outcomes[outcomes["loan_id"].astype(str).isin(LOG["loan_id"].astype(str))]
    people = decisions_of(LOG.iloc[[BY_PEOPLE]], "human", "approve")
    for stream, frame in (("outcomes", known), ("decisions", people)):
        path = folder / f"{stream}.parquet"
        frame.to_parquet(path)
        ingest.ingest_files(
            made.workspace, SBA, [path], stream=stream, actor=made.people[Role.admin]
        )
    yield made
    made.workspace.store.close()


def asked(world: Explained, role: Role = Role.compliance, **options: Any) -> Worklist:
    return worklist(world.workspace, SBA, actor=world.people[role], **options)


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    """Return automated decisions with how they differ, by pandas and scikit-learn."""
    outcomes = pd.read_parquet(DEMO / SBA / "outcomes.parquet")
    newest = outcomes.sort_values("observed_at").drop_duplicates("loan_id", keep="last")
    found = LOG.drop(index=BY_PEOPLE).merge(
        newest[["loan_id", "charged_off"]], on="loan_id", how="left"
    )
    declined, flagged = found["decision"] == "decline", found["default_score"] >= CUT_OFF
    close = (found["default_score"] - CUT_OFF).abs() <= 1e-6
    bad = found["charged_off"].map({1: True, 0: False})
    before = direct_scores(fitted(SBA, "model-0.skops"), found)
    ways = pd.DataFrame(
        {
            "policy": (declined != flagged) & ~close,
            "outcome": [pd.notna(b) and bool(b) != d for b, d in zip(bad, declined, strict=True)],
            "previous": (before >= CUT_OFF) != declined,
        }
    )
    assert np.abs(before - CUT_OFF).min() > 1e-6
    return found.assign(id=found["loan_id"].astype(str), before=before, **ways)


def test_decisions_are_held_against_policy_outcome_and_the_version_before(
    world: Explained, expected: pd.DataFrame
) -> None:
    found = asked(world)
    (version,) = found.versions

    assert (version.version, version.decisions) == ("1", len(LOG) - 1)
    assert version.by_policy == expected["policy"].sum() == 1
    assert version.by_outcome == expected["outcome"].sum() > 1
    assert version.by_previous == expected["previous"].sum() > 1
    differing = expected[["policy", "outcome", "previous"]].any(axis=1)
    assert version.unexplained == found.unexplained == differing.sum()
    assert found.differing == differing.sum()
    assert found.decisions == len(LOG) - 1
    listed = {each.row.prediction_id for each in asked(world, limit=200).rows}
    assert listed == set(expected.loc[differing, "id"])


def test_each_way_says_of_how_many_decisions_it_speaks(
    world: Explained, expected: pd.DataFrame
) -> None:
    found = asked(world)
    said = {each.way: (each.differing, each.looked_at, each.population) for each in found.ways}
    everything = len(LOG) - 1
    assert said == {
        "policy": (1, everything - 1, everything),  # without the one on the cut-off
        "outcome": (expected["outcome"].sum(), everything, everything),
        "previous": (expected["previous"].sum(), everything, everything),
        "reviewers": (0, 0, everything),
    }
    assert found.way("reviewers").why == "Fewer than five verdicts of reviewers are final."
    assert {each.interval for each in found.ways} == {None}
    assert found.is_held


def test_the_score_of_the_version_before_is_told(world: Explained, expected: pd.DataFrame) -> None:
    rows = asked(world, limit=200, way="previous").rows
    assert len(rows) == expected["previous"].sum()
    wanted = dict(zip(expected["id"], expected["before"], strict=True))
    for each in rows:
        assert each.previous is not None
        assert each.previous.version == "0"
        assert each.previous.score == pytest.approx(wanted[each.row.prediction_id], abs=1e-9)
        other = "not decline" if each.row.decision == "decline" else "decline"
        assert each.previous.decision == other


def test_what_differs_in_the_most_ways_comes_first_then_the_largest_amount(
    world: Explained, expected: pd.DataFrame
) -> None:
    count = expected[["policy", "outcome", "previous"]].sum(axis=1)
    order = expected.assign(count=count)[count > 0].sort_values(
        ["count", "loan_amount", "approved_at"], ascending=False, kind="stable"
    )
    rows = [each.row for each in asked(world, limit=200).rows]
    assert [each.prediction_id for each in rows] == list(order["id"])
    assert len(asked(world, limit=2).rows) == 2


def test_the_list_is_narrowed_to_one_way(world: Explained) -> None:
    (only,) = asked(world, way="policy").rows
    assert only.row.prediction_id == str(LOG.loc[FLIPPED, "loan_id"])
    assert (only.row.score, only.row.decision) == (0.01, "decline")
    assert asked(world, way="policy").differing == asked(world).differing
    assert asked(world, way="reviewers").rows == ()


def test_an_explained_decision_comes_last_and_is_counted(world: Explained) -> None:
    before = asked(world)
    chosen = next(each.row for each in before.rows if "policy" not in each.row.ways)
    keep_explanation(
        world.workspace, SBA, chosen.prediction_id, actor=world.people[Role.compliance]
    )

    after = asked(world, limit=200)
    assert after.unexplained == before.unexplained - 1
    assert after.differing == before.differing
    assert (before.explained, after.explained) == (0, 1)
    assert after.rows[-1].row.prediction_id == chosen.prediction_id
    assert after.rows[-1].row.explained
    assert after.kept == KeptCounts(
        decisions=1, by_model=1, unsteady=after.kept.unsteady, uncoded=1
    )


def test_what_was_read_ahead_is_not_counted_again(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = world.workspace.clock()
    workspace = replace(world.workspace, clock=lambda: now)  # no hour begins meanwhile
    workspace.memo.clear()
    with pytest.raises(Forbidden):
        read_worklists(workspace, actor=world.people[Role.admin])
    assert read_worklists(workspace, actor=world.people[Role.auditor]) == 1
    monkeypatch.setattr(module, "count_unexpected", None)  # whoever counts again fails
    monkeypatch.setattr(module, "list_unexpected", None)
    found = worklist(workspace, SBA, actor=world.people[Role.compliance], limit=LISTED)
    assert found.decisions == len(LOG) - 1


def test_all_without_an_explanation_are_found_however_many(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = worklist(world.workspace, SBA, actor=world.people[Role.auditor], limit=10_000).rows
    expected = [each.row.prediction_id for each in listed if not each.row.explained]
    monkeypatch.setattr("core.services.explanation.worklist.MOST", 1)  # bounds the list alone
    found = unexplained(world.workspace, SBA, actor=world.people[Role.auditor])
    assert list(found) == expected
    assert len(found) > 1


def test_without_a_policy_decisions_are_counted_and_nothing_is_expected(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = contract_of_world(world)
    bare = contract_from_text(text.replace("    policy: p1\n", "").replace(POLICY, ""))
    monkeypatch.setattr(module, "parsed_contract", lambda _: bare)
    world.workspace.memo.clear()
    found = asked(world)
    assert (found.is_held, found.differing, found.rows) == (False, 0, ())
    assert [each.why for each in found.ways[:3]] == [NO_RULE] * 3
    assert found.decisions == len(LOG) - 1
    world.workspace.memo.clear()


POLICY = '  - {version: p1, from: 2006-01-01, rule: "score >= 0.035 -> decline"}\n'


def contract_of_world(world: Explained) -> str:
    text = (DEMO / SBA / "model.yaml").read_text(encoding="utf-8")
    assert POLICY in text
    return text.replace(
        "policy:\n  # 0.035 declines the riskiest twentieth of the hold-out, "
        "where they default three times as often.\n",
        "",
    )


def test_a_sample_says_so_with_an_interval(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.explanation.automated.MOST_DRAWN", 40)
    world.workspace.memo.clear()
    found = asked(world).way("previous")
    assert (found.drawn, found.looked_at, found.population) == (40, 40, len(LOG) - 1)
    assert found.interval is not None
    low, high = found.interval
    assert low <= found.differing / 40 <= high
    assert asked(world).way("policy").interval is None  # all of them
    world.workspace.memo.clear()


def test_personal_values_are_masked_and_order_nothing(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.contract.ModelContract.is_personal", lambda *_: True)
    world.workspace.memo.clear()
    rows = asked(world, limit=200).rows
    assert [each.row.prediction_id for each in rows[:2]] == [f"{MASK} 1", f"{MASK} 2"]
    assert {(each.row.amount, each.row.score, each.row.decision) for each in rows} == {
        (None, None, MASK)
    }
    assert {each.previous.score for each in rows if each.previous} == {None}
    one_way = [each.row.time for each in rows if len(each.row.ways) == 1 and not each.row.explained]
    assert one_way == sorted(one_way, reverse=True)
    with pytest.raises(InvalidInput, match="Ids of decisions are personal"):
        unexplained(world.workspace, SBA, actor=world.people[Role.auditor])
    world.workspace.memo.clear()


def test_who_may_what(world: Explained) -> None:
    for role in (Role.business, Role.admin):
        with pytest.raises(Forbidden):
            asked(world, role)
        with pytest.raises(Forbidden):
            unexplained(world.workspace, SBA, actor=world.people[role])
    elsewhere = replace(world.people[Role.auditor], models=frozenset({"other"}))
    with pytest.raises(NotFound):
        worklist(world.workspace, SBA, actor=elsewhere)
    abroad = replace(world.people[Role.auditor], jurisdictions=frozenset({"HK"}))
    assert worklist(world.workspace, SBA, actor=abroad).decisions == 0


def test_rules_of_named_versions_come_before_those_of_days() -> None:
    contract = contract_from_text(
        contract_text(
            versions=[{"id": "a", "policy": "p2"}, {"id": "b"}],
            policy=[
                {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.5 -> decline"},
                {"version": "p2", "from": "2025-02-01", "rule": "score < 0.4 -> approve"},
                {"version": "p3", "from": "2025-03-01", "rule": "amount > 100 -> refer"},
            ],
        )
    )
    found = [(e.versions, e.comparison, e.limit, e.decision) for e in score_rules(contract)]
    assert found == [
        (("a",), "<", 0.4, "approve"),
        ((), "<", 0.4, "approve"),
        ((), ">=", 0.5, "decline"),
    ]
