"""Groups of values read like words in each language, on an axis and inside a sentence."""

import pytest

from app.screens.words import group_phrase, group_text, named_group, nearly, value_text
from core.i18n import translator
from core.metrics.drift import GroupKind
from core.metrics.drift.groups import Group
from tests.support.builders import a_contract

AGES = Group(GroupKind.interval, 42.0, 56.0, includes_upper=True)
SMALL = Group(GroupKind.interval, None, 25_000.0)
LARGE = Group(GroupKind.above, 1_000_000.0, None)
ZERO = Group(GroupKind.interval, 0.0, 0.0, includes_upper=True)
STATE = Group(GroupKind.category, category="CA")
EMPTY = Group(GroupKind.category, category="")
MISSING = Group(GroupKind.missing)


@pytest.mark.parametrize(
    ("locale", "group", "unit", "axis", "inside"),
    [
        ("en", AGES, "years", "42 to 56 years", "values of 42 to 56 years"),
        ("zh-HK", AGES, "歲", "42 至 56 歲", "數值為 42 至 56 歲"),
        ("zh-CN", AGES, "岁", "42 至 56 岁", "取值为 42 至 56 岁"),
        ("en", AGES, "%", "42 to 56%", "values of 42 to 56%"),
        ("en", SMALL, "USD", "under US$25K", "values under US$25K"),
        ("zh-HK", SMALL, "USD", "低於 2.5 萬美元", "數值低於 2.5 萬美元"),
        ("zh-CN", SMALL, "USD", "低于 2.5万美元", "取值低于 2.5万美元"),
        ("en", LARGE, "", "over 1,000,000", "values over 1,000,000"),
        ("zh-HK", LARGE, "", "高於 1,000,000", "數值高於 1,000,000"),
        ("en", ZERO, "months", "0 months", "values of 0 months"),
        ("en", STATE, "", "CA", "“CA”"),
        ("zh-HK", STATE, "", "CA", "「CA」"),
        ("zh-CN", STATE, "", "CA", "“CA”"),
        ("zh-HK", EMPTY, "", "（空白文字）", "空白文字"),
        ("en", MISSING, "", "missing", "missing values"),
        ("zh-CN", MISSING, "", "缺失", "缺失值"),
    ],
)
def test_a_group_of_values(locale: str, group: Group, unit: str, axis: str, inside: str) -> None:
    t = translator(locale)
    assert group_text(t, group, unit) == axis
    assert group_phrase(t, group, unit) == inside


def test_a_value_with_its_unit() -> None:
    assert value_text(translator("en"), 12.5, "%") == "12.5%"
    assert value_text(translator("zh-HK"), 360, "個月") == "360 個月"
    assert value_text(translator("zh-HK"), 1_230_000, "HKD") == "1.23 百萬港元"
    assert value_text(translator("en"), 3, "") == "3"


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "The share of “CA” rose from 12.1% in the reference to 14.2%."),
        ("zh-HK", "「CA」的佔比由參考期的 12.1% 升至 14.2%。"),
        ("zh-CN", "“CA”的占比从参考期的 12.1% 升至 14.2%。"),
    ],
)
def test_a_group_in_its_sentence(locale: str, sentence: str) -> None:
    t = translator(locale)
    text = t(
        "The share of {group} rose from {before} in the reference to {after}.",
        group=group_phrase(t, STATE, ""),
        before=t.percent(0.121),
        after=t.percent(0.142),
    )
    assert text == sentence


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0%"),
        (0.0002, "<0.1%"),
        (0.004, "0.4%"),
        (0.5, "50%"),
        (0.994, "99%"),
        (0.9962, "99.6%"),
        (0.99949, "99.9%"),
        (0.9999, ">99.9%"),
        (1.0, "100%"),
        (float("nan"), "–"),
    ],
)
def test_all_and_none_are_said_only_of_all_and_none(share: float, text: str) -> None:
    assert nearly(translator("en"), share) == text


def test_a_category_is_called_as_its_contract_says() -> None:
    called = {"en": "new line", "zh-HK": "新造", "zh-CN": "新增"}
    kinds = {"name": "kind", "type": "categorical", "value_labels": {"N": called}}
    contract = a_contract(features=[kinds], segments=[])
    t = translator("zh-HK")
    named = named_group(t, contract, "kind", Group(GroupKind.category, category="N"))
    assert group_phrase(t, named, "") == "「新造」"
    for column, group in (
        ("kind", Group(GroupKind.category, category="Y")),  # of which the contract says nothing
        ("kind", MISSING),
        ("@score", Group(GroupKind.category, category="N")),
    ):
        assert named_group(t, contract, column, group) == group
