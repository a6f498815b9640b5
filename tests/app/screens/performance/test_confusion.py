"""What the screen says of the classes of a model, and of each cell in money."""

import numpy as np

from app.screens.performance import confusion as screen
from core.i18n import translator
from core.services.performance.matrix import NEGATIVE, POSITIVE, OutcomeMatrix, outcome_matrix
from core.services.workspace import Workspace
from tests.core.services.performance import test_other_tasks as other

T = translator("en")
valuer = other.valuer


def test_each_class_has_its_line(valuer: Workspace) -> None:
    found = other.ask(valuer, "kinds")
    made = outcome_matrix(valuer, found)
    assert made is not None
    place = other.MATURED[0]
    frame, columns = screen.class_frame(T, found, made, place)
    assert frame["class"].to_list() == list(made.classes)
    assert frame["n"].sum() == made.counts[place].sum()
    assert [column.name for column in columns] == list(frame.columns)
    value = made.figures["recall"][made.classes[1]].value[place]
    assert frame["recall"][1].startswith(f"{T.percent(float(value))} (")
    early = next(i for i, each in enumerate(found.maturity) if each.basis == "early")
    frame, _ = screen.class_frame(T, found, made, early)
    assert not frame["recall"].str.contains(r"\(").any()  # no interval of what came early


def test_what_cells_were_worth_by_hand() -> None:
    made = OutcomeMatrix(
        (POSITIVE, NEGATIVE),
        np.asarray([[[5.0, 2.0], [10.0, 80.0]]]),
        np.asarray([[100.0, -4000.0], [-120.0, 300.0]]),
        {},
    )
    frame, _ = screen.value_frame(T, made, 0, "HKD")
    assert frame[["predicted", "happened"]].to_numpy().tolist() == [
        ["positive", "positive"], ["positive", "negative"],
        ["negative", "positive"], ["negative", "negative"], ["All", ""],
    ]  # fmt: skip
    assert frame["n"].to_list() == [5, 10, 2, 80, 97]
    # 5 · 100 - 10 · 120 - 2 · 4000 + 80 · 300 = 15,300
    assert frame["value"].to_list()[-1] == T.money(15_300, "HKD")
    assert frame["value"][2] == T.money(-8_000, "HKD")
