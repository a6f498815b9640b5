"""What the examiner room says of a sample that was drawn."""

from dataclasses import replace

import pytest

from app.screens.examiner.page import days_text
from core.i18n import translator
from tests.core.store.explanations.test_samples import RECORD


@pytest.mark.parametrize(
    ("language", "text", "whole"),
    [
        ("en", "1 Jan – 30 Jun 2006", "whole log"),
        ("zh-HK", "2006年1月1日至6月30日", "全部日誌"),
    ],
)
def test_days_are_written_as_on_every_page(language: str, text: str, whole: str) -> None:
    t = translator(language)
    some = replace(RECORD, first_day="2006-01-01", last_day="2006-06-30")
    assert days_text(t, some).replace("\u2009", " ") == text
    assert days_text(t, RECORD) == whole
