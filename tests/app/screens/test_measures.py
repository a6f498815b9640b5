"""What the foot of a page says of a measure: its formula, and where to read on."""

import re

import pytest

from app.screens.measures import measured_by
from core.config import PROJECT_ROOT
from core.i18n import translator
from core.metrics.registry import METRICS

FUNCTIONS = {"sqrt", "shares", "median"}


@pytest.mark.parametrize("name", METRICS)
def test_a_measure_leads_to_its_page(name: str) -> None:
    told = measured_by(translator("en"), name)
    assert told.term == METRICS[name].label
    assert METRICS[name].formula in told.text
    (page,) = re.findall(r"docs/metrics/\w+\.md", told.text)
    assert (PROJECT_ROOT / page).is_file()


@pytest.mark.parametrize("locale", ["zh-HK", "zh-CN"])
@pytest.mark.parametrize("name", METRICS)
def test_a_formula_has_no_english_words_in_chinese(name: str, locale: str) -> None:
    formula = translator(locale)(METRICS[name].formula)
    prose = re.findall(r"\b(?:the|of|rows|with|over|score|outcome|value|rate|actual)\b", formula)
    assert prose == []
