"""Stability of reasons: the newest record of each decision counts, by version, worst first."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
from sqlalchemy import delete, insert
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from core.domain.identity import Role
from core.errors import Forbidden
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.stability_list import stability
from core.store.tables import explanation
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace

SHARES = {"first": 0.35, "second": 0.8, "third": 1.0, "fourth": 0.75}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    """A workspace with a record of four decisions, and an older one of the first."""
    home = tmp_path_factory.mktemp("stability") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600))
    kept, _ = keep_explanation(
        made.workspace, SBA, made.worst(), actor=made.people[Role.compliance]
    )
    rows = [
        {"prediction_id": name, "number": 2, "stability": share} for name, share in SHARES.items()
    ]
    older = {"prediction_id": "first", "number": 1, "stability": 0.05}
    with made.workspace.store.begin() as conn:
        for each in (*rows, older):
            conn.execute(
                insert(explanation).values(**asdict(kept) | {"id": made.workspace.new_id()} | each)
            )
        conn.execute(delete(explanation).where(explanation.c.id == kept.id))
    yield made
    made.workspace.store.close()


def test_the_newest_record_of_each_decision_counts(world: Explained) -> None:
    found = stability(world.workspace, SBA, actor=world.people[Role.auditor])
    assert found.counts == {0.35: 1, 0.75: 1, 0.8: 1, 1.0: 1}
    assert (found.decisions, found.unsteady, found.redraws) == (4, 2, 20)
    assert [(each.prediction_id, each.stability, each.number) for each in found.least] == [
        ("first", 0.35, 2),
        ("fourth", 0.75, 2),
    ]
    assert found.since == found.until is not None


def test_a_version_has_its_share_with_an_interval(world: Explained) -> None:
    found = stability(world.workspace, SBA, actor=world.people[Role.auditor])
    (version,) = found.versions
    assert version.share == 0.5
    assert version.lowest == 0.35
    assert version.mean == pytest.approx((0.35 + 0.8 + 1.0 + 0.75) / 4)
    low, high = proportion_confint(2, 4, method="wilson")
    assert (version.low, version.high) == pytest.approx((low, high))


def test_only_so_many_are_listed_and_none_out_of_scope(world: Explained) -> None:
    auditor = world.people[Role.auditor]
    found = stability(world.workspace, SBA, actor=auditor, limit=1)
    assert [each.prediction_id for each in found.least] == ["first"]
    abroad = replace(auditor, jurisdictions=frozenset({"nowhere"}))
    nothing = stability(world.workspace, SBA, actor=abroad)
    assert (nothing.versions, nothing.counts, nothing.least) == ((), {}, ())
    assert nothing.since is None
    with pytest.raises(Forbidden):
        stability(world.workspace, SBA, actor=world.people[Role.business])
