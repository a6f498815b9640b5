"""Labels beside what is usual of the model, in logs that were written for it."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.domain.status import Status
from core.services.cohorts import cohort_table
from core.services.performance import Performance, performance
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, a_log, contract_document, outcome_rows
from tests.support.checking import CHECKER, MODEL, a_fed_workspace

OUTCOME = contract_document()["outcome"]


@pytest.fixture(scope="module")
def lossy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Return a log of 100 days, eight loans a day; from the 40th day on one in four has a label."""
    labelled = [number for number in range(800) if number < 320 or number % 4 == 0]
    opened = a_fed_workspace(
        tmp_path_factory.mktemp("lossy"),
        rows=a_log(800),
        outcomes=outcome_rows(labelled, after_days=10),
        outcome=OUTCOME | {"matures_after": "20 days"},
    )
    yield opened
    opened.store.close()


def ask(workspace: Workspace, **filters: str) -> Performance:
    return performance(workspace, Question(MODEL, **filters), actor=CHECKER)


def states(found: Performance) -> dict[str, tuple[str, bool]]:
    return {
        chunk.key: (each.state, "labels_missing" in each.warnings)
        for chunk, each in zip(found.chunks, found.maturity, strict=True)
    }


def test_months_whose_labels_were_lost_are_not_final(lossy: Workspace) -> None:
    found = ask(lossy)
    assert states(found) == {
        "2025-01": ("matured", False),
        "2025-02": ("partial", True),
        "2025-03": ("partial", True),
        "2025-04": ("partial", False),  # young, and early labels come in time
    }
    assert found.newest_matured() == 0
    assert found.maturity[2].usual_share == 1.0
    for name, figure in found.figures.items():
        assert found.status_of(name, 2) is Status.not_enough_data
        assert np.isnan([figure.low[2], figure.high[2]]).all()  # the rest is no sample
    assert not any(row.alert for row in found.rows() if row.chunk["key"] == "2025-03")


@pytest.mark.parametrize(
    ("filters", "missing"),
    [
        ({"start": "2025-03-01", "end": "2025-03-31"}, ["2025-03"]),  # history is the whole log
        ({"by": "all"}, ["2025-01-01..2025-04-11"]),
        ({"by": "quarter"}, ["2025-Q1"]),
        ({"by": "day"}, []),  # eight loans a day tell nothing
        ({"as_of": "2025-02-15"}, []),  # nothing was lost yet
    ],
)
def test_history_is_that_of_the_model_whatever_is_asked(
    lossy: Workspace, filters: dict[str, str], missing: list[str]
) -> None:
    found = states(ask(lossy, **filters))
    assert [key for key, (_, lost) in found.items() if lost] == missing


def test_cohorts_say_the_same(lossy: Workspace) -> None:
    table = cohort_table(lossy, Question(MODEL, by="month"), actor=ADMIN)
    page = ask(lossy)
    assert [each.maturity for each in table.cohorts] == [each.state for each in page.maturity]
    assert [each.labels_missing for each in table.cohorts] == [False, True, True, False]
    assert {each.status for each in table.cohorts[1:]} == {Status.not_enough_data}


def test_scores_expect_of_those_who_have_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Half the scores are missing: that does not make early outcomes bad news."""
    rows = [row | {"score": 0.15 if number % 2 else None} for number, row in enumerate(a_log(600))]
    opened = a_fed_workspace(
        tmp_path_factory.mktemp("unscored"),
        rows=rows,
        outcomes=outcome_rows(range(500), after_days=1),  # one in seven is lost: 0.143
        outcome=OUTCOME | {"matures_after": "12 months"},
    )
    found = ask(opened, by="all")
    opened.store.close()
    assert found.maturity[0].basis == "early"
    assert "mostly_positive" not in found.maturity[0].warnings
