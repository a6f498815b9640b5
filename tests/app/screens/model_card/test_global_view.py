"""What the global view of a model shows and says, of figures made by hand."""

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.charts import Look
from app.palette import LIGHT
from app.screens.model_card.global_view import (
    curve_chart,
    importance_chart,
    points_of,
    reach_of,
    together_chart,
)
from app.screens.model_card.global_words import (
    associated_sentence,
    curve_sentence,
    definitions,
    importance_sentence,
    point_name,
    sample_facts,
    together_sentence,
)
from core.i18n import translator
from core.metrics.global_view import Association, Dependence, Importance, Interaction, Measure
from core.services.explanation.global_view import GlobalSample, GlobalView
from tests.support.builders import a_contract

T = translator("en")
LOOK = Look(LIGHT, T)
SIZE = Dependence(
    field="size",
    is_number=True,
    values=(1_000.0, 5_000.0, None),
    counts=(60, 40, 20),
    mean=(0.2, 0.1, 0.3),
    low=(0.1, 0.05, 0.2),
    high=(0.3, 0.25, 0.4),
    groups=((0.0, -0.15, 0.1), (0.0, -0.05, 0.1)),
    rows=200,
)
TRADE = Dependence(
    field="trade",
    is_number=False,
    values=("44", "45", "72"),
    counts=(60, 40, 20),
    mean=(0.2, 0.2, 0.3),
    low=(0.1, 0.1, 0.2),
    high=(0.3, 0.3, 0.5),
    groups=((0.0, 0.0, 0.1),),
    rows=200,
    left_out=2,
)
VIEW = GlobalView(
    a_contract(
        features=[
            {"name": "size", "type": "numeric", "unit": "USD", "label": "Loan size"},
            {
                "name": "trade",
                "type": "categorical",
                "label": "Trade",
                "value_labels": {"44": "Shops", "45": "Shops", "72": "Food"},
            },
            {"name": "still", "type": "numeric"},
        ],
        segments=None,
    ),
    "2",
    method="tree",
    scale="log_odds",
    sample=GlobalSample("a" * 64, "b" * 64, "c" * 64, 9_000, 2_000, 200, 100, 7),
    importance=(
        Importance("size", 0.6, 0.02, 0.75),
        Importance("trade", 0.2, 0.01, 0.25),
        Importance("still", 0.0, 0.0, 0.0),
    ),
    curves=(SIZE, TRADE),
    interactions=(Interaction("size", "trade", 0.125, 0.05, 100),),
    associations=(Association("size", "trade", Measure.eta, 0.61, 2_000),),
    withheld=("still",),
)


def test_the_sentence_names_what_moves_the_score_most() -> None:
    assert importance_sentence(T, VIEW) == (
        "Loan size moves the score most: 75% of all that fields move it by. Then Trade (25%). "
        "Never moved by: still."
    )
    still = replace(VIEW, importance=VIEW.importance[2:])
    assert importance_sentence(T, still) == "No field moves the score of these rows."


def test_a_curve_says_from_where_to_where_it_goes() -> None:
    assert curve_sentence(T, VIEW, SIZE) == "From 0.1 (US$5K) to 0.3 (missing)."
    assert curve_sentence(T, VIEW, TRADE) == (
        "From 0.2 (Shops (44)) to 0.3 (Food). 2 rarer categories are not shown."
    )


def test_categories_of_one_name_are_told_apart() -> None:
    assert [point_name(T, VIEW, "trade", value) for value in TRADE.values] == [
        "Shops (44)",
        "Shops (45)",
        "Food",
    ]


def test_a_pair_that_acts_together_is_named_and_a_weak_one_is_not() -> None:
    assert together_sentence(T, VIEW) == (
        "Loan size × Trade: 12.5% of what both do is not the sum of what each does."
    )
    two = (Interaction("size", "still", 0.01, 0.2, 100), *VIEW.interactions)
    assert together_sentence(T, replace(VIEW, interactions=two)) == (
        "Loan size × Trade: 12.5% of what both do is not the sum of what each does. "
        "In size Loan size × still comes first."
    )
    weak = replace(VIEW, interactions=(Interaction("size", "trade", 0.004, 0.05, 100),))
    assert together_sentence(T, weak) == (
        "The most important fields nearly add up: of no pair more than 0.4% of what both do is "
        "acting together."
    )


def test_all_curves_share_an_axis_that_holds_their_bands() -> None:
    assert reach_of((SIZE, TRADE)) == pytest.approx((0.0, 0.525))
    below = replace(SIZE, low=(-1.0, -0.5, 0.0))
    assert reach_of((below,)) == pytest.approx((-1.07, 0.47))


def test_groups_begin_at_the_curve_and_are_drawn_over_numbers_only() -> None:
    first, second, missing = points_of(T, VIEW, SIZE)
    assert first.groups == pytest.approx((0.2, 0.2))
    assert second.groups == pytest.approx((0.05, 0.15))
    assert (first.at, missing.at, missing.name) == (1_000.0, None, "missing")
    assert all(point.groups == () for point in points_of(T, VIEW, TRADE))


def test_charts_hold_the_figures() -> None:
    bars = importance_chart(LOOK, VIEW)
    assert bars.table["Log odds"].tolist() == ["0.6", "0.2", "0"]
    assert bars.labels.n == 2_000
    curve = curve_chart(LOOK, VIEW, TRADE, (0.0, 1.0))
    assert curve.table["Mean score"].tolist() == ["0.2", "0.2", "0.3"]
    pairs = together_chart(LOOK, VIEW)
    assert pairs.table.iloc[0].tolist() == ["Loan size × Trade", "0.05", "H² 12.5%"]


def test_fields_that_go_together_are_named_with_what_that_means() -> None:
    assert associated_sentence(T, VIEW) == (
        "Closely together in the training data: Loan size – Trade (0.61). Curves of these fields "
        "also average over combinations that hardly occur."
    )
    many = replace(VIEW, associations=VIEW.associations * 7)
    assert "So are 2 other pairs." in associated_sentence(T, many)


def test_what_it_was_made_of_is_said() -> None:
    found = sample_facts(T, VIEW)
    assert found["Importance"] == (
        "mean over 2,000 of 9,000 rows of the training data, each beside 200 of them"
    )
    assert found["Background"] == "c" * 64
    assert sample_facts(T, replace(VIEW, sample=None)) == {}
    assert len({each.term for each in definitions(T)}) == 6


def _page() -> None:
    """Show the global view: this runs as a page of its own."""
    from types import SimpleNamespace

    from app.charts import Look
    from app.palette import LIGHT
    from app.screens.model_card.global_view import show_global
    from core.i18n import translator

    t = translator("zh-HK")
    ctx = SimpleNamespace(t=t, look=Look(LIGHT, t), workspace=None, actor=None)
    show_global(ctx, "loans")  # type: ignore[arg-type]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A page that shows the view of its session, and keeps which score was asked for."""

    def found(*_: object, score: int = 0, **__: object) -> GlobalView:
        st.session_state["asked"] = score
        view: GlobalView = st.session_state["view"]
        return view

    monkeypatch.setattr("app.screens.model_card.global_view.global_view", found)
    return AppTest.from_function(_page)


def test_all_parts_are_shown(page: AppTest) -> None:
    page.session_state["view"] = VIEW
    page.run()
    assert not page.exception
    shown = " ".join(str(each.proto) for each in page.get("html"))
    assert "Loan size對評分影響最大：佔所有欄位影響的 75%" in shown
    assert "因類別屬個人資料而不顯示：still" in shown
    assert "在訓練數據中密切相關：Loan size – Trade" in shown
    assert len(page.get("plotly_chart")) == 4


def test_what_cannot_be_had_says_why(page: AppTest) -> None:
    page.session_state["view"] = GlobalView(
        VIEW.contract, "2", "The version was registered without its fitted model."
    )
    page.run()
    assert not page.exception
    shown = " ".join(str(each.proto) for each in page.get("html"))
    assert "登記" in shown
    assert page.get("plotly_chart") == []


def test_the_class_whose_score_it_is_can_be_chosen(page: AppTest) -> None:
    scores = {"low": "s_low", "high": "s_high"}
    contract = a_contract(
        task="multiclass_classification",
        log={"prediction_id": "id", "time": "at", "scores": scores},
        features=[each.model_dump() for each in VIEW.contract.features],
        segments=None,
        outcome=None,
    )
    page.session_state["view"] = replace(VIEW, contract=contract, score="low")
    page.run()
    assert (page.session_state["asked"], page.selectbox[0].options) == (0, ["low", "high"])
    page.selectbox[0].select_index(1).run()
    assert page.session_state["asked"] == 1
    assert not page.exception
