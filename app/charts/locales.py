"""Plotly's own words and dates in Chinese; its bundled build speaks English only."""

from typing import Any

from core.i18n import Locale

_MONTHS = [f"{number}月" for number in range(1, 13)]
_DAYS = ["日", "一", "二", "三", "四", "五", "六"]

_WORDS: dict[Locale, dict[str, str]] = {
    "en": {},
    "zh-HK": {
        "Autoscale": "自動縮放",
        "Download plot as a PNG": "下載為 PNG 圖片",
        "Download plot": "下載圖表",
        "Double-click to zoom back out": "按兩下還原",
        "Pan": "平移",
        "Reset axes": "重設座標軸",
        "Zoom": "縮放",
        "Zoom in": "放大",
        "Zoom out": "縮小",
    },
    "zh-CN": {
        "Autoscale": "自动缩放",
        "Download plot as a PNG": "下载为 PNG 图片",
        "Download plot": "下载图表",
        "Double-click to zoom back out": "双击还原",
        "Pan": "平移",
        "Reset axes": "重置坐标轴",
        "Zoom": "缩放",
        "Zoom in": "放大",
        "Zoom out": "缩小",
    },
}


def plotly_config(locale: Locale) -> dict[str, Any]:
    """Return the ``config`` of every chart: no toolbar, and the reader's language."""
    config: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}
    if locale == "en":
        return config
    prefix = "週" if locale == "zh-HK" else "周"
    language = {
        "dictionary": _WORDS[locale],
        "format": {
            "days": ["星期" + day for day in _DAYS],
            "shortDays": [prefix + day for day in _DAYS],
            "months": _MONTHS,
            "shortMonths": _MONTHS,
            "date": "%Y年%-m月%-d日",
        },
    }
    return {**config, "locale": locale, "locales": {locale: language}}
