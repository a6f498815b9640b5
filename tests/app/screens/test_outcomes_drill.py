"""What is said above the decisions behind a figure: which are shown, or why none is."""

from dataclasses import replace

import pytest

from app.screens.outcomes_drill import rows_text
from core.i18n import translator
from core.services.kpis_drill import WITHHELD, KpiDrill

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
