import re

from tests.architecture.sources import PRODUCT, python_files
from tests.docs.pages import table_rows, text_of

VARIABLE = re.compile(r"HARBOURLIGHT_[A-Z_]+")


def _read_by_the_code() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in python_files(*PRODUCT))
    return {name for text in texts for name in VARIABLE.findall(text)}


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    rows = table_rows(text_of("docs/configuration.md").split("\n## ")[0])
    assert sorted(row[0].strip("`") for row in rows) == sorted(_read_by_the_code())
    for name, default, meaning, example in rows:
        assert all((default, meaning, example)), f"{name} is not explained"


def test_no_page_names_a_variable_that_nothing_reads() -> None:
    known = _read_by_the_code()
    for page in ("README.md", "docs/quickstart.md", "docs/guides/admin.md"):
        assert set(VARIABLE.findall(text_of(page))) <= known
