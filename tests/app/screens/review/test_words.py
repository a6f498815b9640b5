"""What the queue says of a case, in the reader's language."""

import pytest

from app.screens.review.words import rule_name
from core.contract.review import Review
from core.i18n import translator
from core.i18n.locales import Locale


@pytest.mark.parametrize(
    ("locale", "rule", "told"),
    [
        ("en", "appeal", "The customer appealed"),
        ("zh-HK", "appeal", "客戶提出上訴"),
        ("zh-CN", "request", "客户要求人工处理"),
        ("zh-HK", "large", "large"),
    ],
)
def test_a_case_that_no_rule_of_the_contract_made_says_what_did(
    locale: Locale, rule: str, told: str
) -> None:
    assert rule_name(translator(locale), Review(), rule) == told


@pytest.mark.parametrize(("locale", "told"), [("zh-HK", "逾期 3 日"), ("zh-CN", "逾期 3 天")])
def test_a_span_stands_apart_from_the_word_before_it(locale: Locale, told: str) -> None:
    t = translator(locale)
    span = t.n("{n} day", "{n} days", 3)
    assert t("overdue by {span}", span=span) == told
