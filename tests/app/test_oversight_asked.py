"""Blind cases that were put to the customer are told on Oversight quality, and of no other."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.screens.oversight_quality.page import asked_text
from core.i18n import translator
from core.services.oversight.quality import Quality
from core.store.review.verdict_rows import BlindCounts


def quality(controls: int, seconds: int) -> Quality:
    plan: Any = SimpleNamespace(
        blind=BlindCounts(1, 2, controls), seconds=BlindCounts(3, 4, seconds)
    )
    return cast("Quality", SimpleNamespace(plan=plan))


@pytest.mark.parametrize(
    ("locale", "asked", "said"),
    [
        ("en", (0, 0), ""),
        (
            "en",
            (1, 0),
            "On 1 blind control a reviewer asked the customer.",
        ),
        (
            "en",
            (3, 2),
            "On 3 blind controls a reviewer asked the customer. "
            "On 2 second reviews a reviewer asked the customer.",
        ),
        ("zh-HK", (0, 2), "有 2 個第二次覆核，覆核人員曾查問客戶。"),
        ("zh-CN", (3, 0), "有 3 个盲测对照案件，复核人员曾询问客户。"),
    ],
)
def test_what_was_put_to_the_customer_is_said(
    locale: Any, asked: tuple[int, int], said: str
) -> None:
    told = asked_text(translator(locale), quality(*asked))
    assert told == said if locale == "en" else told.startswith(said)
