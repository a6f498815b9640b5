"""The confusion matrix and the figures of each class, against scikit-learn and by hand."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from core.domain.identity import Role
from core.errors import NotComputable
from core.services.confidence import confidence
from core.services.identity import users
from core.services.performance import Performance, csv_table, performance
from core.services.performance.matrix import (
    NEGATIVE,
    POSITIVE,
    class_rows,
    matrix_rows,
    outcome_matrix,
)
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.core.services.performance import test_other_tasks as other
from tests.support.harbour import OWNER_LOGIN, Harbour

valuer = other.valuer
CLASSES = list(other.CLASSES)


def final_rows(place: int) -> tuple[Any, Any, Any]:
    """Return what came, what was said and the scores of a month."""
    rows = other.kinds()
    part = rows[rows["month"] == other.MONTHS[place]]
    scores = part[["p0", "p1", "p2"]].to_numpy()
    return part["kind"], np.asarray(CLASSES)[scores.argmax(axis=1)], scores


def test_every_class_is_scikit_learns(valuer: Workspace) -> None:
    found = other.ask(valuer, "kinds")
    made = outcome_matrix(valuer, found)
    assert made is not None
    order = list(made.classes)
    assert sorted(order) == sorted(CLASSES)
    for place in other.MATURED:
        came, said, scores = final_rows(place)
        assert made.counts[place] == pytest.approx(sk.confusion_matrix(came, said, labels=order))
        for metric, function in (
            ("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score),
        ):  # fmt: skip
            theirs = function(came, said, labels=order, average=None)
            ours = [made.figures[metric][name].value[place] for name in order]
            assert ours == pytest.approx(theirs)
        for column, name in enumerate(CLASSES):
            area = sk.roc_auc_score(came == name, scores[:, column])
            assert made.figures["roc_auc"][name].value[place] == pytest.approx(area, abs=2e-3)
        # The mean of the classes is what the page shows of the whole.
        for metric in ("precision", "recall", "f1", "roc_auc"):
            mean = np.mean([made.figures[metric][name].value[place] for name in CLASSES])
            assert found.figures[metric].value[place] == pytest.approx(mean)


def test_rows_name_their_class(valuer: Workspace) -> None:
    found = other.ask(valuer, "kinds")
    made = outcome_matrix(valuer, found)
    rows = class_rows(found, made)
    assert made is not None
    assert len(rows) == len(made.figures) * len(CLASSES) * len(found.chunks)
    place = other.MATURED[0]
    key = found.chunks[place].key
    (row,) = (
        row for row in rows
        if (row.metric, row.of_class, row.chunk["key"]) == ("precision", CLASSES[1], key)
    )  # fmt: skip
    _, said, _ = final_rows(place)
    assert row.n == (said == CLASSES[1]).sum()
    assert row.realised_low < row.realised < row.realised_high
    assert (row.maturity, row.alert, row.threshold) == ("matured", False, None)
    header, lines = csv_table(found.view, [*found.rows(), *rows])
    named = [line[header.index("class")] for line in lines]
    assert set(named) == {None, *CLASSES}
    early = [row for row in rows if row.basis == "early"]
    assert early
    assert all(np.isnan([row.realised_low, row.realised_high]).all() for row in early)


def test_cells_of_two_classes_give_the_figures(harbour: Harbour) -> None:
    asked = Question("loans", by="quarter")
    found = performance(harbour.workspace, asked, actor=harbour[Role.data_scientist])
    made = outcome_matrix(harbour.workspace, found)
    assert made is not None
    assert made.classes == (POSITIVE, NEGATIVE)
    assert made.figures == {}
    (tp, fn), (fp, tn) = np.moveaxis(made.counts, 0, -1)
    with np.errstate(invalid="ignore"):
        assert tp / (tp + fp) == pytest.approx(found.figures["precision"].value, nan_ok=True)
        assert tp / (tp + fn) == pytest.approx(found.figures["recall"].value, nan_ok=True)
        right = (tp + tn) / made.counts.sum(axis=(1, 2))
    assert right == pytest.approx(found.figures["accuracy"].value, nan_ok=True)
    cells = matrix_rows(found, made)
    assert len(cells) == 4 * len(found.chunks)
    first = cells[1]
    assert (first["actual"], first["predicted"], first["n"]) == (POSITIVE, NEGATIVE, fn[0])
    if made.worth is not None:
        assert first["value"] == fn[0] * made.worth[0, 1]


def test_a_regression_has_no_matrix(valuer: Workspace) -> None:
    found: Performance = other.ask(valuer, "prices")
    assert outcome_matrix(valuer, found) is None
    assert class_rows(found, None) == []
    assert matrix_rows(found, None) == []


def test_confidence_of_several_classes_is_refused_with_its_reason(valuer: Workspace) -> None:
    actor = users.actor_of_os_login(valuer, OWNER_LOGIN)
    with pytest.raises(NotComputable, match="one a class") as refused:
        confidence(valuer, Question("kinds", by="month"), actor=actor)
    assert "page Performance" in refused.value.remedy
