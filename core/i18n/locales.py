"""The three locales, and which of them a browser's language tag means."""

from collections.abc import Mapping
from typing import Literal, get_args

Locale = Literal["en", "zh-HK", "zh-CN"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
DEFAULT_LOCALE: Locale = "en"

# Names that Babel and the catalogue folders use.
BABEL_NAMES: dict[Locale, str] = {"en": "en_HK", "zh-HK": "zh_Hant_HK", "zh-CN": "zh_Hans_CN"}

# Each language named in itself, for the language switch.
NATIVE_NAMES: Mapping[str, str] = {"en": "English", "zh-HK": "繁體中文", "zh-CN": "简体中文"}

_TRADITIONAL = frozenset({"hant", "hk", "tw", "mo"})
_CHINESE = frozenset({"zh", "yue", "cmn"})


def negotiate(tag: str | None) -> Locale:
    """Return the locale that a BCP 47 tag asks for, judged by its script.

    Babel's own negotiation answers nothing for zh-TW, zh-Hant or a bare zh, so Chinese is
    decided here: an explicit script first, else the region, else Simplified (Cantonese:
    Traditional).

    Parameters
    ----------
    tag : str, optional
        Such as ``zh-Hant-HK``, ``zh_TW`` or ``en-GB``; ``None`` and unknown tags mean English.

    Examples
    --------
    >>> negotiate("zh-TW"), negotiate("zh"), negotiate("fr")
    ('zh-HK', 'zh-CN', 'en')
    """
    language, *rest = (tag or "").replace("_", "-").lower().split("-")
    if language not in _CHINESE:
        return DEFAULT_LOCALE
    if "hans" in rest:
        return "zh-CN"
    if language == "yue" or _TRADITIONAL & set(rest):
        return "zh-HK"
    return "zh-CN"


def native_name(language: str) -> str:
    """Return what a language calls itself; one that is none of ours keeps the name it has here."""
    return NATIVE_NAMES.get(language, language)
