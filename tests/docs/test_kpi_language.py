"""What the page on the language of KPIs shows is what the code does."""

import re
from collections.abc import Callable

import pytest

from core.contract.kpi_names import DECISION_NAMES
from core.domain.expression import (
    ExpressionError,
    KpiExpression,
    RowExpression,
    Schema,
    kpi_expression,
    row_expression,
)
from core.domain.expression.functions import AGGREGATES, ROW_FUNCTIONS
from core.domain.expression.tokens import WORDS
from tests.docs.pages import blocks, table_rows, text_of

PAGE = "docs/kpi-language.md"
SCHEMA = Schema(
    {
        "amount": "number",
        "score": "number",
        "loss": "number",
        "final_decision": "text",
        "decided_by": "text",
        "product": "text",
        "reviewed": "boolean",
        "time": "instant",
        "decided_at": "instant",
        "Loan amount (HK$)": "number",
    },
    {"margin": 0.04},
    {"approved": 'final_decision = "approve"'},
)
_CODE = re.compile(r"``\s(.+?)\s``|`([^`]+)`")


def _section(heading: str) -> str:
    return text_of(PAGE).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _examples(heading: str) -> list[str]:
    cells = [row[0] for row in table_rows(_section(heading))]
    return [double or single for cell in cells for double, single in _CODE.findall(cell)]


@pytest.mark.parametrize("text", _examples("Values of one row"))
def test_examples_of_one_row_are_read(text: str) -> None:
    assert isinstance(row_expression(text, SCHEMA), RowExpression)


@pytest.mark.parametrize("text", _examples("Values of many rows"))
def test_examples_of_many_rows_are_read(text: str) -> None:
    assert isinstance(kpi_expression(text, SCHEMA), KpiExpression)


@pytest.mark.parametrize("shown", [each for each in blocks(PAGE, "text") if "^" in each])
def test_errors_are_as_shown(shown: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        kpi_expression(shown.splitlines()[1].strip(), SCHEMA)
    assert str(caught.value) == shown.rstrip("\n")


def test_the_page_opens_with_an_example_that_is_read() -> None:
    opening = text_of(PAGE).partition("\n## ")[0]
    read: dict[str, Callable[[str, Schema], object]] = {
        "KPI expression": kpi_expression,
        "row expression": row_expression,
    }
    for kind, function in read.items():
        example = re.search(rf"\*\*{kind}\*\*[^`]*`([^`]+)`", opening)
        assert example is not None
        function(example[1], SCHEMA)


@pytest.mark.parametrize("name", [*AGGREGATES, *ROW_FUNCTIONS, *sorted(WORDS), *DECISION_NAMES])
def test_every_function_word_and_name_of_decisions_is_told(name: str) -> None:
    assert re.search(rf"[`( ]{name}\b", text_of(PAGE))
