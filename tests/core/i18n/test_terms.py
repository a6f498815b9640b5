"""One English term has one Chinese term: the word table, looked up in every message.

A message that has the English term has the agreed Chinese one. Where the English word means
something else (a letter of the alphabet, a false alarm), the exception is named here.
"""

import re
from functools import cache

import pytest

from core.i18n.catalogue import catalogue_files, read_entries
from core.i18n.locales import Locale

# English term: what a message has to say in Hong Kong, and on the Mainland.
TERMS: dict[str, tuple[str, str]] = {
    r"alarms?": ("警報|誤報", "警报|误报"),
    r"alerts?": ("警示", "告警"),
    r"appeal(s|ed)?": ("上訴", "申诉"),
    r"audit trail": ("審計紀錄", "审计记录"),
    r"batch(es)?": ("批次|首批", "批次|首批"),
    r"binn?(s|ed)?": ("分箱", "分箱"),
    r"calibrat(ed|ion)": ("校準", "校准"),
    r"checkpoints?": ("檢查點", "检查点"),
    r"code books?": ("代碼簿", "代码簿"),
    r"contracts?": ("合約", "契约"),
    r"cut-offs?": ("分界", "分界"),
    r"dispute notes?|notes? of dispute": ("爭議備註", "争议备注"),
    r"dossiers?": ("卷宗", "卷宗"),
    r"drift(s|ed)?": ("漂移", "漂移"),
    r"examiners?": ("審查", "检查"),
    r"fairness": ("公平性", "公平性"),
    r"fall-back": ("後備", "后备"),
    r"features?": ("特徵", "特征"),
    r"hooks?": ("掛鈎", "钩子"),
    r"human review": ("人手覆核", "人工复核"),
    r"incidents?": ("事故", "事件"),
    r"jurisdictions?": ("司法管轄區", "司法管辖区"),
    r"KPIs?": ("關鍵績效指標|指標", "关键绩效指标|指标"),
    r"legal holds?": ("法律保留", "法律保留"),
    r"letters?": ("通知書|本函", "通知书|本函"),
    r"logs?": ("日誌|紀錄", "日志|记录|登记"),
    r"masked|masks": ("遮蔽", "脱敏"),
    r"opt-outs?|opted out": ("退出", "退出"),
    r"overturn(s|ed)?": ("推翻", "推翻"),
    r"oversight levels?": ("監督程度", "监督级别"),
    r"personal data": ("個人資料|私隱", "个人信息|个人资料"),
    r"predictions?": ("預測", "预测"),
    r"pseudonyms?": ("化名", "化名"),
    r"quarantined?": ("隔離", "隔离"),
    r"recovery codes?": ("備用碼", "恢复码"),
    r"reference periods?": ("參考期", "参考期"),
    r"reviewers?": ("覆核", "复核"),
    r"second factor": ("第二重驗證", "双重验证"),
    r"serving systems?": ("調用系統", "调用系统"),
    r"slices?|segments?": ("分組", "分组"),
    r"thresholds?": ("警戒值", "阈值"),
    r"tokens?": ("權杖", "令牌"),
    r"tombstones?": ("刪除標記", "删除标记"),
    r"uph(o|e)ld": ("維持", "维持"),
    r"verdicts?": ("裁決", "裁决"),
    r"worker": ("背景程式", "后台程序"),
    r"workspace": ("工作區", "工作区"),
}
# Where the English word is another one, or the Chinese sentence does without it.
OTHER_SENSES = {
    r"letters?": r"Use letters, digits|capital letters|where letters are kept|^Letter$",
    r"logs?": r"^Log |log error|Log odds|log-ins?|^Source: log of",
    r"verdicts?": r"the verdict goes into the audit trail",
    r"reviewers?": r"^Choose owner",
}
# Words that were used for a term beside the agreed one.
RETIRED: dict[Locale, tuple[str, ...]] = {
    "zh-HK": (
        "契約", "資料列", "位址", "後台", "假名", "金鑰", "機率", "常態分", "保留令", "遮蓋",
        "審閱人員", "覆核員", "註冊", "切片", "服務系統", "業務系統", "第二重認證", "復原碼",
        "覆檢", "爭議註記", "異議", "品質", "檢查人員", "自動決定", "您",
    ),
    "zh-CN": (
        "合同", "案例", "个人数据", "保留令", "遮蔽", "遮盖", "审阅人员", "复核员", "注册", "切片",
        "服务系统", "业务系统", "双重认证", "复检", "争议注记", "异议", "假名", "工作进程",
        "后台处理", "自动决定", "质素", "亦", "你", "司法辖区", "请执行", "信件",
    ),
}  # fmt: skip


@cache
def entries(locale: Locale) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (path.stem, message, text)
        for path in catalogue_files(locale)
        for message, _, text in read_entries(path)
    )


@pytest.mark.parametrize(("place", "locale"), [(0, "zh-HK"), (1, "zh-CN")])
def test_a_term_is_said_in_the_agreed_word(place: int, locale: Locale) -> None:
    wrong = [
        (english, message, text)
        for english, agreed in TERMS.items()
        for _, message, text in entries(locale)
        if _has(english, message) and not re.search(agreed[place], text)
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", ["zh-HK", "zh-CN"])
def test_no_retired_word_comes_back(locale: Locale) -> None:
    found = [
        (word, message)
        for word in RETIRED[locale]
        for _, message, text in entries(locale)
        if word in text
    ]
    assert found == []


def test_a_case_is_no_other_word_on_the_mainland() -> None:
    assert [text for _, _, text in entries("zh-CN") if re.search("个案(?!件)", text)] == []


def test_readers_of_pages_are_told_you_and_of_letters_sir() -> None:
    areas = {area for area, _, text in entries("zh-HK") if "閣下" in text}
    assert areas == {"letters_decision", "rights"}


@pytest.mark.parametrize("locale", ["zh-HK", "zh-CN"])
def test_chinese_leaves_a_space_beside_latin_letters_and_figures(locale: Locale) -> None:
    glued = r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u4e00-\u9fff]"
    figures = r"[\u4e00-\u9fff]{(n|count|span|gap|share|most|days|limit)\b"
    found = [
        text
        for _, _, text in entries(locale)
        if re.search(glued, _plain(text)) or re.search(figures, text)
    ]
    assert found == []


@pytest.mark.parametrize("locale", ["zh-HK", "zh-CN"])
def test_chinese_quotes_and_dots_are_full_width(locale: Locale) -> None:
    half = r"'[^']*'|\d %|[\u4e00-\u9fff]…(?!…)|\.\.\."
    wrong = "「|」" if locale == "zh-CN" else "[“”]"
    found = [text for _, _, text in entries(locale) if re.search(f"{half}|{wrong}", _plain(text))]
    assert found == []


def _has(english: str, message: str) -> bool:
    """Whether a message has a term as a word, outside of placeholders, commands and file names."""
    if not re.search(rf"(?<![\w-])(?:{english})(?![\w-])", _bare(message), re.IGNORECASE):
        return False
    return english not in OTHER_SENSES or not re.search(OTHER_SENSES[english], message)


@cache
def _bare(message: str) -> str:
    return re.sub(r"{[^}]*}|'[^']*'|--\S+|\w+[./]\w+", "", message)


def _plain(text: str) -> str:
    return re.sub(r"{[^{}]*}", "", text)
