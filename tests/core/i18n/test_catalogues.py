"""Every text has its Chinese, says it in the agreed words and in the right characters."""

import re
from collections import Counter
from functools import cache
from string import Formatter

import opencc
import pytest

from core.i18n.catalogue import catalogue_files, load_catalogue, read_entries
from core.i18n.glossary import TERMS
from core.i18n.locales import Locale
from tests.core.i18n.messages import messages_in_code

CHINESE: tuple[Locale, ...] = ("zh-HK", "zh-CN")

# The agreed words for each glossary term, Hong Kong and Mainland.
AGREED = {
    "model": ("模型", "模型"),
    "model version": ("模型版本", "模型版本"),
    "prediction": ("預測", "预测"),
    "score": ("評分", "评分"),
    "decision": ("決定", "决定"),
    "automated decision": ("自動化決定", "自动化决定"),
    "outcome": ("實際結果", "实际结果"),
    "reference period": ("參考期", "参考期"),
    "current period": ("本期", "当期"),
    "drift": ("漂移", "漂移"),
    "data drift": ("數據漂移", "数据漂移"),
    "concept drift": ("概念漂移", "概念漂移"),
    "feature": ("特徵", "特征"),
    "slice": ("分組", "分组"),
    "threshold": ("警戒值", "阈值"),
    "alert": ("警示", "告警"),
    "data quality": ("數據質素", "数据质量"),
    "missing": ("缺失", "缺失"),
    "out of range": ("超出範圍", "超出范围"),
    "unseen category": ("未見類別", "未见类别"),
    "performance": ("表現", "性能"),
    "estimated": ("估計", "估计"),
    "realised": ("已實現", "已实现"),
    "matured": ("已成熟", "已成熟"),
    "partial": ("部分", "部分"),
    "label maturity": ("結果成熟度", "标签成熟度"),
    "calibration": ("校準", "校准"),
    "fairness": ("公平性", "公平性"),
    "audit trail": ("審計紀錄", "审计记录"),
    "population mix": ("客群組成", "客群结构"),
}

# Words of the other side of the border, and of Taiwan, that must not slip in.
FORBIDDEN: dict[Locale, tuple[str, ...]] = {
    "zh-HK": (
        "數據質量", "資料品質", "閾值", "阈值", "門檻值", "資料漂移", "告警", "標籤成熟度",
        "審計記錄", "稽核", "記錄檔", "用戶名", "性能", "服務器", "數據庫", "文件夾", "默認",
        "公平度", "人工覆核", "申訴", "信息", "上傳", "導入", "文件夾", "存儲", "登錄", "進程",
    ),
    "zh-CN": (
        "数据质素", "警戒值", "警示", "结果成熟度", "审计纪录", "纪录", "伺服器", "档案", "资料库",
        "资料夹", "预设", "登入", "登出", "位元", "栏位", "连结", "讯息", "人手", "毋须", "汇入",
        "示范", "合约", "略过", "上载",
    ),
}  # fmt: skip
# "用戶名" alone is Mainland; the Hong Kong word contains it.
ALLOWED = {"zh-HK": ("用戶名稱", "《個人信息保護法》"), "zh-CN": ()}

# Characters that are Traditional too, where OpenCC knows a more frequent Traditional form.
BOTH = frozenset("群台只后里面周准系干松制表了於")
TO_SIMPLIFIED, TO_TRADITIONAL = opencc.OpenCC("t2s"), opencc.OpenCC("s2t")


@cache
def entries(locale: Locale) -> list[tuple[str, str, str]]:
    return [entry for path in catalogue_files(locale) for entry in read_entries(path)]


@pytest.mark.parametrize("locale", CHINESE)
def test_every_message_is_translated(locale: Locale) -> None:
    catalogue = load_catalogue(locale)
    missing = {text: at for text, at in messages_in_code().items() if text not in catalogue}
    assert not missing, "\n".join(f"{at}: {text}" for text, at in missing.items())


@pytest.mark.parametrize("locale", CHINESE)
def test_no_entry_is_unused(locale: Locale) -> None:
    used = messages_in_code()
    assert [text for text, _, _ in entries(locale) if text not in used] == []


@pytest.mark.parametrize("locale", CHINESE)
def test_no_message_stands_twice(locale: Locale) -> None:
    kinds = Counter(singular for singular, _, _ in entries(locale))
    assert [message for message, count in kinds.items() if count > 1] == []


@pytest.mark.parametrize("locale", CHINESE)
def test_placeholders_are_kept(locale: Locale) -> None:
    for singular, plural, text in entries(locale):
        wanted = _fields(plural or singular)
        assert _fields(text) == wanted, singular


@pytest.mark.parametrize("locale", CHINESE)
def test_the_same_areas_are_translated(locale: Locale) -> None:
    assert [path.name for path in catalogue_files(locale)] == [
        path.name for path in catalogue_files("zh-HK")
    ]


@pytest.mark.parametrize("locale", CHINESE)
def test_commands_and_names_in_quotes_stay_as_they_are(locale: Locale) -> None:
    for message, _, text in entries(locale):
        for quoted in re.findall(r"(?<!\w)'([^']+)'", message):
            assert quoted in text, message


@pytest.mark.parametrize("locale", CHINESE)
def test_chinese_brings_in_no_english_word(locale: Locale) -> None:
    for message, plural, text in entries(locale):
        words = _latin(re.sub(r"{[^{}]*}", "", text))
        assert words <= _latin(f"{message} {plural}"), message


@pytest.mark.parametrize("locale", CHINESE)
def test_chinese_sentences_use_full_width_marks(locale: Locale) -> None:
    for message, _, text in entries(locale):
        assert not re.search(r"[\u4e00-\u9fff][,;:!?.]|[,;:!?][\u4e00-\u9fff]", text), message
        assert text.endswith("。") == message.endswith("."), message


def test_hong_kong_has_no_simplified_characters() -> None:
    for message, _, text in entries("zh-HK"):
        simplified = {
            character
            for character in set(text) - BOTH
            if TO_SIMPLIFIED.convert(character) == character
            and TO_TRADITIONAL.convert(character) != character
        }
        assert simplified == set(), message


def test_the_mainland_has_no_traditional_characters() -> None:
    for message, _, text in entries("zh-CN"):
        assert TO_SIMPLIFIED.convert(text) == text, message


@pytest.mark.parametrize("locale", CHINESE)
def test_words_of_the_other_usage_are_not_used(locale: Locale) -> None:
    for message, _, text in entries(locale):
        for allowed in ALLOWED[locale]:
            text = text.replace(allowed, "")
        assert [word for word in FORBIDDEN[locale] if word in text] == [], message


def test_glossary_terms_are_the_agreed_ones() -> None:
    assert set(TERMS) == set(AGREED)
    hong_kong, mainland = load_catalogue("zh-HK"), load_catalogue("zh-CN")
    assert {term: (hong_kong[term], mainland[term]) for term in TERMS} == AGREED


def _latin(text: str) -> set[str]:
    return set(re.findall("[a-z]+", text.lower()))


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
