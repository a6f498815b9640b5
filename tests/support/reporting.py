"""A monthly report as the service would make it, with texts that try to be more than text."""

import math
from dataclasses import replace

from core.domain.status import Status
from core.i18n import translator
from core.i18n.locales import Locale
from core.reports.monthly import (
    MonthlyReport,
    ReportAlert,
    ReportCause,
    ReportChange,
    ReportDefinition,
    ReportKpi,
    headings,
)
from core.reports.number import Number

HOSTILE = (
    '#panic("x") $1/0$ #read("/etc/passwd") *bold* _it_ `raw` <label> @cite // end \\ '
    "<script>alert(1)</script> =1+1 & \"q\" 'q' {{x}} [y]"
)
NAMES = {"en": "Small business loans", "zh-HK": "小型企業貸款（囍）", "zh-CN": "小微企业贷款"}
MONTHS = {"en": "December 2010", "zh-HK": "2010年12月", "zh-CN": "2010年12月"}
NONE = Number(math.nan, "–")


def share(value: float, language: Locale) -> Number:
    return Number(value, translator(language).percent(value), "share")


def hkd(value: float, language: Locale) -> Number:
    return Number(value, translator(language).money(value, "HKD"), "money", "HKD")


def count(value: int, language: Locale) -> Number:
    return Number(value, translator(language).number(value), "count")


def a_report(language: Locale) -> MonthlyReport:
    """Return a report of two figures, one change, one alert, in a language."""
    t = translator(language)
    rates = [0.031, 0.034, math.nan, 0.036, 0.041, 0.0468]
    loss = ReportKpi(
        id="loss_rate",
        name={"en": "Loss rate", "zh-HK": "虧損率", "zh-CN": "损失率"}[language],
        meaning={
            "en": "Of each dollar approved, how much was lost.",
            "zh-HK": "每批出一元，損失多少。",
            "zh-CN": "每批出一元，损失多少。",
        }[language],
        value=share(0.0468, language),
        low=share(0.0411, language),
        high=share(0.0525, language),
        n=count(12345, language),
        interval=f"{t.percent(0.0411)} – {t.percent(0.0525)}",
        target=share(0.03, language),
        target_note={
            "en": "set on 15 Dec 2005 by the credit committee",
            "zh-HK": "信貸委員會於2005年12月15日訂立",
            "zh-CN": "信贷委员会于2005年12月15日制定",
        }[language],
        status=Status.act,
        word={"en": "missed", "zh-HK": "未達標", "zh-CN": "未达标"}[language],
        maturity={"en": "complete", "zh-HK": "結果齊全", "zh-CN": "结果齐全"}[language],
        previous=share(0.041, language),
        change="↑ +0.58",
        course=tuple(NONE if math.isnan(each) else share(each, language) for each in rates),
    )
    profit = ReportKpi(
        id="profit",
        name={"en": "Profit", "zh-HK": "利潤", "zh-CN": "利润"}[language],
        meaning=HOSTILE,
        value=hkd(-1234567.0, language),
        low=NONE,
        high=NONE,
        n=count(12345, language),
        interval="",
        target=None,
        target_note="",
        status=Status.not_enough_data,
        word={"en": "no target", "zh-HK": "未訂目標", "zh-CN": "未设目标"}[language],
        maturity="",
        previous=NONE,
        change="–",
        course=(NONE,) * 6,
        remarks=(HOSTILE,),
    )
    causes = tuple(
        ReportCause(name, share(value, language), "0.1 – 0.9")
        for name, value in (("Who applied", 0.004), ("New version", 0.002), ("Reviewers", -0.0002))
    )
    change = ReportChange(loss.name, HOSTILE, loss.previous, loss.value, causes)
    return MonthlyReport(
        language=language,
        words=headings(t),
        model=NAMES[language],
        month=MONTHS[language],
        sentence={
            "en": "One figure missed its target: the loss rate.",
            "zh-HK": "一項指標未達標：虧損率。",
            "zh-CN": "一项指标未达标：损失率。",
        }[language],
        months=("2010-07", "2010-08", "2010-09", "2010-10", "2010-11", "2010-12"),
        kpis=(loss, profit),
        changes=(change,),
        alerts=(ReportAlert("3 Dec 2010", HOSTILE, Status.watch, "watch", "open"),),
        definitions=(
            ReportDefinition(
                loss.name, loss.meaning, "sum(loss where approved) / sum(amount)", "x", "Risk"
            ),
            ReportDefinition(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        ),
        facts=(("As of", "2011-01-31"), ("Contract", "0f" * 32)),
        notes={"alerts": HOSTILE},
    )


def empty_report(language: Locale) -> MonthlyReport:
    """Return a report without a figure."""
    notes = {"kpis": "-", "changes": "-", "alerts": "-"}
    return replace(a_report(language), kpis=(), changes=(), alerts=(), definitions=(), notes=notes)
