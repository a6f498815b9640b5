"""Words of one language on a page of another."""

import re
from collections.abc import Iterable

# Words of Latin letters that stand in Chinese texts as they are: names, units, notations.
KEPT = frozenset(
    {"Harbourlight", "Evidently", "Markdown", "Parquet", "Excel", "Python", "Online", "Retail"}
    | {"Brier", "Cohen", "Krippendorff", "Holm", "kappa", "alpha", "yyyy"}
)
# People of the demo, their log-ins, and what its logs call decisions.
OF_THE_DEMO = frozenset(
    {"Ada", "Fong", "Audrey", "Zhang", "Ben", "Cheung", "Connie", "Lam", "Dara", "Sciortino"}
    | {"Lydia", "Kwok", "Iris", "Lau", "Grace", "Tam", "Henry", "Yip", "Quinn", "Rita", "Mok"}
    | {"Theo", "aud", "ada", "ben", "connie", "dara", "lydia", "simulated", "approve", "decline"}
)
LANGUAGES = frozenset({"English", "繁體中文", "简体中文"})
_LATIN = re.compile(r"(?<![\w./@:#-])[A-Za-z][a-z]{2,}(?![\w@]|[-./:]\w)")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_HALF_WIDTH = re.compile(r"[\u3400-\u9fff]+(?:[,:;?!](?![\w/])| ?\()")


def strange_words(texts: Iterable[str], language: str) -> list[str]:
    """Return the words, each once, that are of another language than the page.

    Identifiers, codes and addresses are of no language: what has a digit, an underscore, a dot or
    capitals only.

    >>> strange_words(["模型 The model sba-loan-default 已登記 SBA"], "zh-HK")
    ['The', 'model']
    >>> strange_words(["Signed by 莉迪亞"], "en")
    ['莉迪亞']
    """
    pattern = _CHINESE if language == "en" else _LATIN
    others = (text for text in texts if text.strip() not in LANGUAGES)  # each names itself
    found = (word for text in others for word in pattern.findall(text))
    return list(dict.fromkeys(word for word in found if word not in KEPT | OF_THE_DEMO))


def half_width_marks(texts: Iterable[str]) -> list[str]:
    """Return where a mark of Latin letters follows Chinese, each once.

    >>> half_width_marks(["原因: 模型 (版本 1)", "原因：模型（版本 1），3,000 行"])
    ['原因:', '模型 (']
    """
    found = (match.group() for text in texts for match in _HALF_WIDTH.finditer(text))
    return list(dict.fromkeys(found))
