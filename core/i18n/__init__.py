"""Three languages: catalogues, plural forms, and numbers, money and dates as readers write them.

``t = translator("zh-HK")`` gives a callable: ``t("Drift since {date}", date=day)``. The English
text is the message id. Messages that are not translated where they stand are marked with ``N_``.
"""

from core.i18n.locales import DEFAULT_LOCALE, LOCALES, Locale, negotiate
from core.i18n.translator import N_, Translator, translator

__all__ = [
    "DEFAULT_LOCALE",
    "LOCALES",
    "N_",
    "Locale",
    "Translator",
    "negotiate",
    "translator",
]
