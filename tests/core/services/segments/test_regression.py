"""Slices of a regression against scikit-learn on the raw rows."""

import pytest
from sklearn.metrics import mean_absolute_error

from core.domain.identity import Actor
from core.errors import NotComputable
from core.services import users
from core.services.questions import Question
from core.services.segments import segments
from core.services.workspace import Workspace
from tests.core.services.performance.test_other_tasks import prices, valuer
from tests.harbour import OWNER_LOGIN

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


def test_several_classes_are_not_compared(valuer: Workspace) -> None:
    with pytest.raises(NotComputable, match="two outcomes"):
        segments(valuer, Question("kinds"), actor=owner(valuer))
