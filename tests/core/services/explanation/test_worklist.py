"""Decisions that differ from what was expected; the second source is pandas on the files' rows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from core.contract import contract_from_text
from core.domain.identity import Role
from core.errors import Forbidden, NotFound
from core.services import ingest
from core.services.explanation import worklist as module
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.worklist import NO_RULE, Worklist, score_rules, worklist
from core.services.personal_names import MASK
from core.store.explanations import KeptCounts
from tests.builders import contract_text
from tests.demo_slices import DEMO, SBA, decisions_of, sba_log
from tests.explained import CUT_OFF, Explained, an_explained_workspace

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


def expected() -> pd.DataFrame:
    """Return automated decisions with how they differ, by pandas."""
    outcomes = pd.read_parquet(DEMO / SBA / "outcomes.parquet")
    newest = outcomes.sort_values("observed_at").drop_duplicates("loan_id", keep="last")
    found = LOG.drop(index=BY_PEOPLE).merge(
        newest[["loan_id", "charged_off"]], on="loan_id", how="left"
    )
    declined, flagged = found["decision"] == "decline", found["default_score"] >= CUT_OFF
    close = (found["default_score"] - CUT_OFF).abs() <= 1e-6
    bad = found["charged_off"].map({1: True, 0: False})
    return found.assign(
        by_policy=(declined != flagged) & ~close,
        by_outcome=[pd.notna(b) and bool(b) != d for b, d in zip(bad, declined, strict=True)],
    )


def test_decisions_are_held_against_policy_and_outcome(world: Explained) -> None:
    found, wanted = asked(world), expected()
    (version,) = found.versions

    assert (version.version, version.decisions) == ("1", len(LOG) - 1)
    assert version.by_policy == wanted["by_policy"].sum() == 1
    assert version.by_outcome == wanted["by_outcome"].sum() > 1
    differing = wanted["by_policy"] | wanted["by_outcome"]
    assert version.unexplained == found.unexplained == differing.sum()
    assert found.differing == differing.sum()
    assert found.decisions == len(LOG) - 1
    assert {each.prediction_id for each in asked(world, limit=200).rows} == set(
        wanted.loc[differing, "loan_id"].astype(str)
    )


def test_what_goes_against_the_policy_comes_first_then_the_newest(world: Explained) -> None:
    rows = asked(world).rows

    assert rows[0].prediction_id == str(LOG.loc[FLIPPED, "loan_id"])
    assert (rows[0].by_policy, rows[0].score, rows[0].decision) == (True, 0.01, "decline")
    times = [each.time for each in rows[1:]]
    assert times == sorted(times, reverse=True)
    assert str(LOG.loc[BY_PEOPLE, "loan_id"]) not in {each.prediction_id for each in rows}
    assert str(LOG.loc[CLOSE, "loan_id"]) not in {e.prediction_id for e in rows if e.by_policy}
    assert len(asked(world, limit=2).rows) == 2


def test_an_explained_decision_comes_last_and_is_counted(world: Explained) -> None:
    before = asked(world)
    chosen = next(each for each in before.rows if not each.by_policy)
    keep_explanation(
        world.workspace, SBA, chosen.prediction_id, actor=world.people[Role.compliance]
    )

    after = asked(world, limit=200)
    assert after.unexplained == before.unexplained - 1
    assert after.differing == before.differing
    assert (before.explained, after.explained) == (0, 1)
    assert after.rows[-1].prediction_id == chosen.prediction_id
    assert after.rows[-1].explained
    assert after.kept == KeptCounts(
        decisions=1, by_model=1, unsteady=after.kept.unsteady, uncoded=1
    )


def test_without_a_policy_nothing_is_expected(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "score_rules", lambda _: ())
    found = asked(world)
    assert (found.why, found.versions, found.rows) == (NO_RULE, (), ())


def test_personal_ids_are_masked(world: Explained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.contract.ModelContract.is_personal", lambda *_: True)
    rows = asked(world, limit=2).rows
    assert [each.prediction_id for each in rows] == [f"{MASK} 1", f"{MASK} 2"]
    assert {each.amount for each in rows} == {None}


def test_who_may_what(world: Explained) -> None:
    for role in (Role.business, Role.admin):
        with pytest.raises(Forbidden):
            asked(world, role)
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
