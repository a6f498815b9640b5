"""Reviewers on like cases; the second source measures every pair of rows with numpy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from core.domain.identity import Role
from core.services.explanation.by_like_cases import FEWEST, NEAREST, WITHIN
from core.services.explanation.worklist import Worklist, worklist
from core.services.review.making import make_case
from core.store.tables import review_case
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace
from tests.support.reviewing import a_case

LOG = sba_log(every=100)
NUMBERS = ["loan_amount", "guaranteed_share", "employees"]
CATEGORIES = [
    "business_age",
    "franchise",
    "revolving_credit",
    "low_documentation",
    "industry",
    "urban_rural",
    "state",
    "same_state_bank",
]
REVIEWED = LOG.iloc[::3]
DECIDED = np.where(np.arange(len(REVIEWED)) % 2 == 0, "decline", "approve")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("like") / "home", log=LOG)
    for loan, decision in zip(REVIEWED["loan_id"], DECIDED, strict=True):
        put_verdict(made, str(loan), str(decision))
    yield made
    made.workspace.store.close()


def put_verdict(world: Explained, prediction: str, decision: str, **changed: Any) -> int:
    """Put a case of the log with a final verdict; of what is not logged it has what a case has."""
    new = a_case(model_id=SBA, prediction_id=prediction, jurisdiction="", **changed)
    with world.workspace.store.begin() as conn:
        made = make_case(conn, new, at=world.workspace.clock())
        assert made is not None
        now, maker = world.workspace.clock(), world.people[Role.compliance].user_id
        final = {
            "state": "final",
            "final_decision": decision,
            "final_at": now,
            "maker_id": maker,
            "verdict": "overturn" if decision == "approve" else "uphold",
            "proposed_at": now,
        }
        conn.execute(update(review_case).where(review_case.c.id == made).values(**final))
    return made


def asked(world: Explained, role: Role = Role.compliance) -> Worklist:
    return worklist(world.workspace, SBA, actor=world.people[role], limit=1_000, way="reviewers")


def distances() -> np.ndarray:
    """Return how far each loan lies from each verdict, the newest first."""
    times = LOG["approved_at"].dt.tz_convert("America/New_York")
    spread = LOG.loc[times < pd.Timestamp("2006-07-01", tz="America/New_York"), NUMBERS].std(ddof=0)
    found = np.zeros((len(LOG), len(REVIEWED)))
    for name in NUMBERS:
        apart = np.abs(np.subtract.outer(LOG[name].to_numpy(), REVIEWED[name].to_numpy()))
        found += np.minimum(apart / spread[name], 3.0) ** 2
    for name in CATEGORIES:
        mine, theirs = (each[name].fillna("?").to_numpy() for each in (LOG, REVIEWED))
        found += mine[:, None] != theirs[None, :]
    return np.sqrt(found.round(9) / (len(NUMBERS) + len(CATEGORIES)))[:, ::-1]


def expected() -> dict[str, tuple[str, int, int]]:
    """Return prediction → what reviewers decided, how many of them, of how many."""
    told = {}
    reviewed, decided = REVIEWED["loan_id"].astype(str).to_numpy()[::-1], DECIDED[::-1]
    for (_, row), far in zip(LOG.iterrows(), distances(), strict=True):
        order = np.argsort(far, kind="stable")
        order = order[reviewed[order] != str(row["loan_id"])][:NEAREST]
        like = decided[order[far[order] <= WITHIN]]
        other = like[like != row["decision"]]
        if len(like) >= FEWEST and 2 * len(other) > len(like):
            told[str(row["loan_id"])] = (str(other[0]), len(other), len(like))
    return told


def test_decisions_that_most_reviewers_of_like_cases_made_otherwise(world: Explained) -> None:
    found = asked(world)
    said = {
        each.row.prediction_id: (each.reviewers.decision, each.reviewers.cases, each.reviewers.of)
        for each in found.rows
        if each.reviewers is not None
    }
    wanted = expected()
    assert 10 < len(wanted) < len(LOG) // 2
    assert said == wanted
    assert found.way("reviewers").differing == len(said) == len(found.rows)
    assert found.verdicts == len(REVIEWED)
    assert found.simulated == 0


def test_no_verdict_of_a_blind_case_or_of_elsewhere_counts(world: Explained) -> None:
    before = asked(world)
    left = LOG.iloc[1::3]["loan_id"].astype(str).tolist()
    for place, (loan, changed) in enumerate(
        [(left[0], {"kind": "control"}), (left[1], {"kind": "second"})]
    ):
        put_verdict(world, loan, "decline", occasion=f"again {place}", **changed)
    assert asked(world).verdicts == before.verdicts
    abroad = replace(world.people[Role.auditor], jurisdictions=frozenset({"HK"}))
    elsewhere = worklist(world.workspace, SBA, actor=abroad)
    assert (elsewhere.verdicts, elsewhere.decisions) == (0, 0)


def test_what_waits_blind_is_no_verdict_to_who_works_on_the_queue(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = frozenset(REVIEWED["loan_id"].astype(str).iloc[:4])
    monkeypatch.setattr(
        "core.services.explanation.by_like_cases.kept_back", lambda *_args, **_named: hidden
    )
    assert asked(world).verdicts == len(REVIEWED) - len(hidden)


def test_with_few_verdicts_nothing_is_said(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = frozenset(REVIEWED["loan_id"].astype(str).iloc[: len(REVIEWED) - FEWEST + 1])
    monkeypatch.setattr(
        "core.services.explanation.by_like_cases.kept_back", lambda *_args, **_named: few
    )
    found = asked(world).way("reviewers")
    assert (found.looked_at, found.why) == (0, "Fewer than five verdicts of reviewers are final.")
