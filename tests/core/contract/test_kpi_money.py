"""Which KPIs are money through and through, so that they can be converted."""

import pytest

from core.contract.kpi_money import is_money
from core.domain.expression import Schema, kpi_expression

SCHEMA = Schema(
    {"amount": "number", "loss": "number", "score": "number", "late": "boolean",
     "premium": "number", "version": "text"},
    {"fee": 100.0, "margin": 0.04},
    {"expected": "score * amount * margin"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("sum(amount)", True),
        ("sum(amount * margin - loss where late)", True),
        ("sum(expected) / count()", True),
        ("mean(coalesce(loss, 0) where amount > 0)", True),
        ("sum(if(late, 0, least(amount, loss)))", True),
        ("median(amount where loss > amount * 50%)", True),
        ('-(maximum(amount) - minimum(loss where version in ("1", "2")))', True),
        ("sum(amount * loss) / sum(abs(loss)) + 0", True),
        ("count() * fee", False),
        ("sum(amount) - fee * count()", False),
        ("sum(premium) + sum(loss)", False),
        ("sum(amount where amount > 1000)", False),
        ("sum(amount where loss in (0, 5))", False),
        ("sum(loss) / sum(amount)", False),
        ("sum(greatest(amount, fee))", False),
        ("sum(amount + 1)", False),
        ("distinct(amount) * sum(loss)", False),
    ],
)
def test_which_are(text: str, money: bool) -> None:
    assert is_money(kpi_expression(text, SCHEMA), {"amount", "loss"}) == money
