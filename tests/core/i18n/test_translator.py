from datetime import UTC, date, datetime, timedelta

import pytest

from core.i18n import N_, negotiate, translator
from core.i18n.translator import Translator


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("zh-TW", "zh-HK"),
        ("zh-Hant", "zh-HK"),
        ("zh_Hant_MO", "zh-HK"),
        ("yue", "zh-HK"),
        ("zh-HK", "zh-HK"),
        ("zh", "zh-CN"),
        ("zh-SG", "zh-CN"),
        ("zh-Hans-HK", "zh-CN"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_tag_is_negotiated_by_its_script(tag: str | None, locale: str) -> None:
    assert negotiate(tag) == locale


def test_an_unknown_locale_is_english() -> None:
    assert translator("xx").locale == "en"


def test_a_message_is_translated_and_filled() -> None:
    assert translator("zh-HK")("Version {version}", version="2") == "版本 2"
    assert translator("en")("Version {version}", version="2") == "Version 2"


def test_a_message_without_translation_is_shown_in_english() -> None:
    assert Translator("zh-CN", {})(N_("Drift")) == "Drift"


def test_plural_forms() -> None:
    english, chinese = translator("en"), Translator("zh-HK", {"{n} input": "{n} 個輸入"})
    assert english.n("{n} input", "{n} inputs", 1) == "1 input"
    assert english.n("{n} input", "{n} inputs", 1200) == "1,200 inputs"
    assert chinese.n("{n} input", "{n} inputs", 3) == "3 個輸入"


def test_numbers_and_dates_in_messages_are_written_in_the_locale() -> None:
    t = translator("zh-HK")
    assert t("{a} {b} {c}", a=1234, b=date(2009, 6, 4), c=True) == "1,234 2009年6月4日 True"
    assert t("{a!r} {b:.3f}", a="x", b=0.5) == "'x' 0.500"


def test_no_space_parts_chinese_from_chinese() -> None:
    t = Translator("zh-HK", {"{a} in {b}": "{b} 內的 {a} 。"})
    assert t("{a} in {b}", a="貸款額", b="2009年6月4日") == "2009年6月4日內的貸款額。"
    assert t("{a} in {b}", a="PSI", b="2009-06") == "2009-06 內的 PSI 。"
    assert t("{a} in {b}", a="三 四", b="一 二") == "一 二內的三 四。"


def test_the_size_of_a_sample_stays_on_one_line() -> None:
    said = translator("en")("All other groups together: {ratio} (n = {n}).", ratio=0.779, n=1308)
    assert said.endswith("0.779 (n\xa0=\xa01,308).")
    assert translator("en")("A column = a value") == "A column = a value"


def test_sentences_follow_each_other() -> None:
    assert translator("en").sentences("One.", "", "Two.") == "One. Two."
    assert translator("zh-CN").sentences("一。", "", "二。") == "一。二。"


def test_items_of_a_list() -> None:
    assert translator("en").items("a", "b", "c") == "a, b, c"
    assert translator("zh-HK").items("甲", "乙") == "甲、乙"


def test_data_with_braces_is_not_a_template() -> None:
    assert translator("en")("Version {version}", version="{0.__class__}") == (
        "Version {0.__class__}"
    )


def test_values() -> None:
    t = translator("en")
    assert t.number(1234.5) == "1,234"  # three significant figures at least, none invented
    assert t.number(0.012345) == "0.0123"
    assert t.number(None) == t.number(float("nan")) == "–"
    assert t.percent(0.0342) == "3.4%"
    assert (t.percent(-0.0003), t.percent(-0.0006)) == ("0.0%", "−0.1%")
    assert t.money(1234567.891, "HKD", 2) == "HK$1,234,567.89"
    assert t.period(date(2006, 1, 1), date(2006, 6, 30)) == "1 Jan\u2009–\u200930 Jun 2006"
    assert t.duration(timedelta(days=43)) == "43 days"
    assert t.duration(timedelta(hours=30)) == "30 hours"
    assert t.duration(timedelta(days=730)) == "24 months"
    assert translator("zh-HK").duration(timedelta(days=9)) == "9 日"
    assert translator("zh-CN").duration(timedelta(days=9)) == "9 天"
    assert translator("zh-CN").duration(timedelta(minutes=46)) == "46 分钟"
    assert t.month(date(2009, 6, 4)) == "Jun 2009"


@pytest.mark.parametrize(
    ("key", "english", "chinese"),
    [
        ("2009-06", "Jun 2009", "2009年6月"),
        ("2009-Q4", "Q4 2009", "2009年第4季"),
        ("2009-06-04", "4 Jun 2009", "2009年6月4日"),
        ("2009-W23", "2009-W23", "2009-W23"),
        ("2009", "2009", "2009年"),
        ("2010-01..2010-12", "Jan 2010 to Dec 2010", "2010年1月至2010年12月"),
        ("12 · 2009-06", "12 · 2009-06", "12 · 2009-06"),
    ],
)
def test_a_period_is_called_by_its_name_in_sentences(key: str, english: str, chinese: str) -> None:
    assert translator("en").chunk(key) == english
    assert translator("zh-HK").chunk(key) == chinese


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "HK$1.23M"), ("zh-HK", "1.23 百萬港元"), ("zh-CN", "123万港元")],
)
def test_compact_money(locale: str, text: str) -> None:
    assert translator(locale).compact_money(1_234_567.891, "HKD") == text


def test_compact_numbers_take_the_next_unit_when_rounding_does() -> None:
    t = translator("en")
    assert t.compact_number(999_960) == "1M"
    assert t.compact_number(211_034) == "211K"
    assert t.compact_number(2_076) == "2,076"  # short enough to stand in full, as in Chinese
    assert t.compact_number(9_999) == "9,999"
    assert t.compact_number(10_000) == "10K"
    assert translator("zh-HK").compact_number(10_000) == "1 萬"
    assert t.compact_money(-1_234, "USD") == "−US$1.23K"
    assert t.compact_money(12, "USD") == "US$12"
    assert translator("zh-HK").compact_number(211_034) == "21.1 萬"
    assert t.compact_number(None) == t.compact_money(None, "USD") == t.money(None, "USD") == "–"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [("0.65", "0.83", "0.65–0.83"), ("−0.003", "0.089", "−0.003 – 0.089"), ("−2", "−1", "−2 – −1")],
)
def test_the_dash_of_an_interval_is_not_taken_for_a_minus(low: str, high: str, text: str) -> None:
    assert translator("en").between(low, high) == text


def test_an_instant_names_its_zone() -> None:
    at = datetime(2009, 6, 4, 1, 30, tzinfo=UTC)
    assert translator("en").instant(at, "Asia/Hong_Kong") == "4 Jun 2009, 09:30 HKT"
    assert translator("zh-HK").instant(at, "Asia/Hong_Kong") == "2009年6月4日 09:30 香港時間"
    assert translator("en").instant(at, "Europe/London") == "4 Jun 2009, 02:30 BST"
    assert translator("en").date(at, "Asia/Hong_Kong") == "4 Jun 2009"
    assert translator("en").instant(None, "UTC") == translator("en").date(None) == "–"


def test_a_change_has_arrow_sign_and_verdict() -> None:
    t = translator("en")
    assert t.delta(0.011, better="lower", kind="points") == "↑ +1.1 pts worse"
    assert t.delta(-0.034, better="lower", kind="percent") == "↓ −3.4% better"
    assert t.delta(12) == "↑ +12"
    assert t.delta(0.0, better="higher") == "→ 0"
    assert t.delta(None, better="higher") == "–"
    assert translator("zh-HK").delta(2, better="higher") == "↑ +2 較佳"


def test_parts_of_a_sentence_and_currencies_are_those_of_the_language() -> None:
    parts = ("outcomes known", "at most 3")
    assert translator("en").clauses(*parts) == "outcomes known, at most 3"
    assert translator("zh-CN").clauses("结果已知", "最多 3 个") == "结果已知，最多 3 个"
    assert translator("en").currency("HKD") == "Hong Kong dollars"
    assert translator("zh-HK").currency("HKD") == "港元"
    assert translator("zh-CN").currency("GBP") == "英镑"


def test_what_rounds_to_nothing_has_no_sign() -> None:
    t = translator("en")
    assert t.number(-0.004, 2) == "0.00"
    assert t.number(-0.006, 2) == "−0.01"
    assert t.number(-0.004) == "−0.004"
    assert t.number(-0.3, 0) == "0"
