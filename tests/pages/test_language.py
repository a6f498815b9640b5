"""No English is left on a Chinese page; what may stay is named here, with its reason."""

import re
from itertools import product

import pytest

from core.domain.identity import Actor, Permission, Role
from core.services.workspace import Workspace
from tests.harbour import Harbour
from tests.pages.conftest import Open
from tests.pages.reading import texts

PAGES = ("overview", "operations", "drift", "data-quality", "ingest")
WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’]+")
# Names of measures, formats and units, and the product's own name: written so in Chinese too.
NAMES = {
    "Harbourlight",
    "Evidently",
    "HTML",
    "CSV",
    "JSON",
    "Parquet",
    "JSONL",
    "SHA",
    "AUC",
    "ROC",
    "PSI",
    "KS",
    "CPU",
    "MB",
    "ms",
    "HK",
    "Lines",
    "Jensen",
    "Shannon",
    "Hellinger",
    "Kolmogorov",
    "Smirnov",
    "Wasserstein",
    "Cramér's",
    "NannyML",
    "NaN",
    "NULL",
    "ln",
    "log",
    "sqrt",
    "sum",
    "min",
    "max",
}
# Data, ids and addresses: they are what they are in every language.
DATA = [
    re.compile(pattern)
    for pattern in (
        r"https?://\S+",
        r"harbourlight [a-z]+ \S+( FILE| SPEC)?",
        r"\b[0-9a-f]{12,64}\b",
        r"\b(loans|tenants|young|unused)(-[\w.]+)?\b",
        r"\b(income|loan_id|scored_at)\b",
        r"\badmin\b|harbourmaster|os:\w+",
        r"\b\d{4}-W\d\d\b|\bp\d\d\b",
        rf"\b({'|'.join(map(re.escape, Permission))})\b|^business ",
    )
]


def english(shown: list[str]) -> list[str]:
    """Return the texts that hold an English word, with the words."""
    found = []
    for text in shown:
        rest = text
        for pattern in DATA:
            rest = pattern.sub(" ", rest)
        words = [word for word in WORD.findall(rest) if word not in NAMES]
        if words:
            found.append(f"{words} in {text!r}")
    return found


@pytest.mark.parametrize("model", ["loans", "tenants", "young", "unused"])
@pytest.mark.parametrize(
    ("page", "lang"),
    [pytest.param(*case, id="-".join(case)) for case in product(PAGES, ("zh-HK", "zh-CN"))],
)
def test_a_chinese_page_is_chinese(
    open_page: Open, harbour: Harbour, page: str, lang: str, model: str
) -> None:
    test = open_page(harbour.workspace, harbour[Role.admin], page, model=model, lang=lang)
    assert english(texts(test)) == []


@pytest.mark.parametrize("lang", ["zh-HK", "zh-CN"])
@pytest.mark.parametrize("page", ["drift", "ingest"])
def test_a_refusal_and_an_empty_house_are_chinese(
    open_page: Open,
    harbour: Harbour,
    empty_harbour: tuple[Workspace, dict[Role, Actor]],
    page: str,
    lang: str,
) -> None:
    refused = open_page(harbour.workspace, harbour[Role.business], page, model="loans", lang=lang)
    assert english([text for text in texts(refused) if text != "business"]) == []
    workspace, people = empty_harbour
    assert english(texts(open_page(workspace, people[Role.admin], page, lang=lang))) == []


def test_the_test_finds_english() -> None:
    assert english(["漂移", "自 2024年9月1日", "PSI 0.25", "loans"]) == []
    assert english(["See the drift", "來源：Lake generation 5"]) == [
        "['See', 'the', 'drift'] in 'See the drift'",
        "['Lake', 'generation'] in '來源：Lake generation 5'",
    ]
