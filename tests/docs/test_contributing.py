"""What CONTRIBUTING tells newcomers to touch is there, and is as many files as it says."""

import re

from core.i18n.locales import LOCALES
from tests.architecture.sources import ROOT
from tests.docs.pages import table_rows, text_of

PAGE = "CONTRIBUTING.md"
# What a newcomer writes in their place.
NEW = re.compile(r"\b(NAME|SET|TAG)\b")
FILE = re.compile(r"`((?:app|core|docs|pages|tests)/[\w./-]+)`")


def _recipes() -> dict[str, str]:
    parts = re.split(r"^### (.+)$", text_of(PAGE).split("## How to add …")[1], flags=re.M)
    texts = [text.split("\n## ")[0] for text in parts[2::2]]
    return dict(zip(parts[1::2], texts, strict=True))


def test_every_file_that_a_recipe_names_is_there() -> None:
    recipes = _recipes()
    assert len(recipes) == 5
    for name, text in recipes.items():
        named = FILE.findall(text)
        assert named, name
        for path in named:
            assert NEW.search(path) or "/test_NAME" in path or (ROOT / path).exists(), path


def test_new_files_have_a_folder_to_go_to() -> None:
    for text in _recipes().values():
        for path in FILE.findall(text):
            folder = path.split("NAME")[0].split("SET")[0].split("TAG")[0].rsplit("/", 1)[0]
            assert (ROOT / folder).is_dir(), path


def test_the_counts_are_those_of_the_recipes() -> None:
    table = text_of(PAGE).split("## How to add …")[1].split("\n### ")[0]
    rows = table_rows("".join(re.findall(r"^\|.*\n", table, re.M)))
    said = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    catalogues = len(list((ROOT / "core/i18n/locale/zh_Hant_HK/LC_MESSAGES").glob("*.po")))
    assert f"every catalogue, {catalogues} files" in text_of(PAGE)
    assert said.pop("a language") == (catalogues + 8, 1)
    assert said.pop("a KPI of one model") == (1, 0)  # its own contract
    recipes = _recipes()
    assert said == {
        "a metric of drift": _counted(recipes["A metric"]),
        "a KPI of a ready-made set": _counted(recipes["A KPI"]),
        "a page": _counted(recipes["A page"]),
        "a format of logs": _counted(recipes["A format of logs"]),
    }


def _counted(recipe: str) -> tuple[int, int]:
    """Return how many files the numbered steps of a recipe name, and how many are tests."""
    steps = re.findall(r"^\d\. .+(?:\n   .+)*", recipe, re.M)
    files = {path for step in steps for path in FILE.findall(step)}
    return len(files), sum(path.startswith("tests/") for path in files)


def test_as_many_languages_are_named_as_there_are() -> None:
    assert len(LOCALES) == 3, "the recipes speak of two catalogues and three languages"
