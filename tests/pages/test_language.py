"""No English is left on a Chinese page; what may stay is named here, with its reason."""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from app.nav import ENTRIES
from core.domain.identity import Actor, Permission, Role
from core.metrics.registry import METRICS
from core.services.workspace import Workspace
from tests.pages.conftest import Open
from tests.pages.reading import texts
from tests.support.furnished import furnish
from tests.support.harbour import OWNER_LOGIN, Harbour, build_harbour

CHINESE = ("zh-HK", "zh-CN")
MODELS = ("loans", "tenants", "young", "unused")
WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’]+")
# Names of measures, formats and units, and the product's own name: written so in Chinese too.
NAMES = {
    "Harbourlight",
    "Evidently",
    "Apprise",
    "HTML",
    "PDF",
    "Markdown",
    "Excel",
    "HKD",
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
    "Brier",
    "Holm",
    "Welch",
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
        r"https?://\S*",
        r"if\(label = 1, -amount, 0\.2 \* amount\)",  # what the contract says a row is worth
        r"\b(mailtos|workflows|slack|jsons)://",  # kinds of addresses that Apprise takes
        r"harbourlight [a-z]+ \S+( SPEC)?( --[a-z]+)?( FILE| SPEC| PATH)?",
        r"(?<!\w)(docs)?(/[\w.-]+)+",
        r"\b(hlt_)?[0-9a-f]{10,64}(_…)?",
        r"（released）|Regulation B（12 CFR 202\.12）",  # as the API and the law write it
        r"^English$",  # a language's own name
        r"\b(loans|tenants|young|unused)(-[\w.]+)?\b",
        r"\b(income|loan_id|scored_at)\b",
        r"[「“'](outcome|performance_reference|protected|assets)[」”']",  # fields of the contract
        r"[「“'](card\.\w+|versions(\[\]\.\w+)?)[」”']",
        r"^(Small|Tenants|Young model|Unused model)[\w ]* · ",  # a name in every language
        r"^latency_ms、status$",  # simulated columns
        r"\b(python|numpy|pandas|scikit-learn|skops) \d[\d.]*",
        r"(算式|公式)：[^。]*|kpi_set: \w+",  # the language of KPIs, as a contract writes it
        r"“(approved?|accept(ed)?|grant(ed)?|offer(ed)?)”",  # decisions, as a log writes them
        rf"\b({'|'.join(METRICS)})\b",  # as a contract and a command write them
        rf"\badmin\b|{re.escape(OWNER_LOGIN)}|os:\w+|^({'|'.join(Role)}|hk)$",
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


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    """The harbour with open proposals, a legal hold and a token."""
    built = build_harbour(tmp_path_factory.mktemp("furnished") / "home")
    furnish(built)
    yield built
    built.workspace.store.close()


def cases() -> Iterator[Any]:
    """Yield pages, models and languages: of models beside the first, ``make test`` takes turns."""
    turns = cycle(CHINESE)
    for entry in ENTRIES:
        for model in MODELS if entry.chips else MODELS[:1]:
            turn = next(turns)
            for lang in CHINESE:
                at_once = model == MODELS[0] or lang == turn
                case = entry.key.replace("_", "-"), model, lang
                yield pytest.param(
                    *case, id="-".join(case), marks=() if at_once else pytest.mark.slow
                )


@pytest.mark.parametrize(("page", "model", "lang"), list(cases()))
def test_a_chinese_page_is_chinese(
    open_page: Open, furnished: Harbour, page: str, model: str, lang: str
) -> None:
    test = open_page(furnished.workspace, furnished[Role.admin], page, model=model, lang=lang)
    assert english(texts(test)) == []


@pytest.mark.parametrize("lang", CHINESE)
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
