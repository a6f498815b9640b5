"""What is said above the decisions behind a figure: which are shown, or why none is."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.components import Link
from app.screens.outcomes.drill import drill_frame, rows_text
from core.i18n import translator
from core.services.kpis.drill import WITHHELD, KpiDrill, KpiRow

EN = translator("en")
NOTHING = KpiDrill(None, None, 1234, (), (), ())  # type: ignore[arg-type]


def test_the_order_of_the_decisions_is_told() -> None:
    assert rows_text(EN, NOTHING) == (
        "0 of 1,234 decisions that count, those that weigh most first. Personal values are masked."
    )
    assert rows_text(EN, replace(NOTHING, by_weight=False)) == (
        "0 of 1,234 decisions that count, the newest first. Personal values are masked."
    )


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "1,234 decisions count. Which"), ("zh-HK", "1,234"), ("zh-CN", "1,234")],
)
def test_where_none_may_be_listed_the_number_and_the_reason_are_told(
    locale: str, said: str
) -> None:
    t = translator(locale)
    text = rows_text(t, replace(NOTHING, withheld=WITHHELD))
    assert said in text
    assert text.endswith(t(WITHHELD))


def test_a_row_leads_to_its_decision_where_there_is_an_address() -> None:
    at = datetime(2025, 1, 6, tzinfo=UTC)
    told = tuple(KpiRow(each, at, "1", (), ()) for each in ("p1", "p2"))
    view = cast("Any", SimpleNamespace(timezone="Asia/Hong_Kong"))
    drill = replace(NOTHING, view=view, rows=told)
    frame, _ = drill_frame(EN, drill, {}, {"p1": "decision?p1", "p2": ""}.__getitem__)
    assert list(frame["prediction"]) == [Link("p1", "decision?p1"), "p2"]
