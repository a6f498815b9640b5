"""Slices of a regression and of several classes against scikit-learn on the raw rows."""

import numpy as np
import pytest
from scipy.stats import fisher_exact
from sklearn.metrics import accuracy_score, mean_absolute_error

from core.domain.identity import Actor
from core.services.identity import users
from core.services.questions import Question
from core.services.segments import segments
from core.services.workspace import Workspace
from tests.core.services.performance.test_other_tasks import CLASSES, kinds, prices, valuer
from tests.support.harbour import OWNER_LOGIN

__all__ = ["valuer"]


def owner(workspace: Workspace) -> Actor:
    return users.actor_of_os_login(workspace, OWNER_LOGIN)


def test_each_district_and_the_rest(valuer: Workspace) -> None:
    table = segments(valuer, Question("prices", end="2024-03-31"), actor=owner(valuer))
    rows = prices()
    rows = rows[rows["month"] <= 3]
    assert table.n == len(rows)
    assert list(table.figures) == ["mae"]
    found = {row.slice[0][1]: row for row in table.figures["mae"]}
    assert set(found) == {"北", "南"}
    for district, row in found.items():
        inside = rows["district"] == district
        for figure, part in ((row.value, rows[inside]), (row.rest, rows[~inside])):
            assert figure == pytest.approx(mean_absolute_error(part["paid"], part["said"]))
        assert row.n == row.affected == inside.sum()
        assert row.damage == pytest.approx(row.n * (row.value - row.rest))
        assert row.status == "ok"


def test_several_classes_by_the_share_predicted_right(valuer: Workspace) -> None:
    rows = kinds()
    rows = rows[rows["month"] <= 3]
    # Nothing is logged as predicted, so the likeliest class counts.
    said = np.asarray(CLASSES)[np.argmax(rows[["p0", "p1", "p2"]].to_numpy(), axis=1)]
    right = (rows["kind"] == said).to_numpy()
    table = segments(valuer, Question("kinds", end="2024-03-31"), actor=owner(valuer))
    assert list(table.figures) == ["accuracy"]
    assert (table.n, table.comparisons) == (len(rows), 2)
    for row in table.figures["accuracy"]:
        inside = (rows["district"] == row.slice[0][1]).to_numpy()
        for figure, part in ((row.value, inside), (row.rest, ~inside)):
            assert figure == pytest.approx(accuracy_score(rows["kind"][part], said[part]))
        assert row.n == row.affected == inside.sum()
        # Second source of the chance: Fisher's exact test.
        sides = [[(right & part).sum(), (~right & part).sum()] for part in (inside, ~inside)]
        assert row.p_value == pytest.approx(
            fisher_exact(np.asarray(sides, dtype=np.int64)).pvalue, abs=0.05
        )
        assert row.adjusted == pytest.approx(min(1.0, 2 * row.p_value))
